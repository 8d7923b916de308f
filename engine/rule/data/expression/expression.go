package expression

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"
)

// The limits of an expression, and of what is evaluated with one Budget.
const (
	MaxLength = 4096 // bytes of its text
	maxNodes  = 500  // of its syntax tree
	maxSteps  = 500_000
	maxMemory = 64 << 20 // bytes made, also those that are garbage by then
	maxTime   = time.Minute
)

// The errors of what takes too much. Steps and memory are counted, and so the
// same in each run; time is the last resort, where single steps are long.
var (
	ErrSteps  = fmt.Errorf("the expression takes more than %d steps", maxSteps)
	ErrMemory = fmt.Errorf("the expression makes more than %d MiB", maxMemory>>20)
	ErrTime   = fmt.Errorf("the expression takes more than %s", maxTime)
)

// Program is a compiled expression. It may be evaluated concurrently.
type Program struct {
	Text    string
	program *vm.Program
}

// Mistake is what is wrong with an expression.
type Mistake struct {
	Message string
	// Line is 1-based, Column 0-based in characters; Line is 0 where the place is
	// not known.
	Line, Column int
}

// Error returns the message.
func (m *Mistake) Error() string { return m.Message }

// Compile compiles an expression that gives true or false. Names are the
// variables beside path, which is a string. The error is a *Mistake.
func Compile(text string, names []string) (*Program, error) {
	if len(text) > MaxLength {
		return nil, &Mistake{Message: fmt.Sprintf("it has %d bytes, more than the limit of %d", len(text), MaxLength)}
	}
	env := types.Map{"path": types.String, budgetName: types.Any}
	for _, n := range names {
		env[n] = types.Any
	}
	options := append(functions(), expr.Env(env), expr.AsBool(), expr.Optimize(false), expr.MaxNodes(maxNodes))
	// Once as it is written, since what is rewritten has no types to find
	// mistakes by.
	_, err := expr.Compile(text, options...)
	if err != nil {
		return nil, mistake(text, err)
	}
	p, err := expr.Compile(text, append(options, expr.Patch(meter{}))...)
	if err != nil {
		return nil, mistake(text, err)
	}
	return &Program{Text: text, program: p}, nil
}

func mistake(text string, err error) *Mistake {
	var at *file.Error
	if !errors.As(err, &at) {
		return &Mistake{Message: firstLine(err.Error())}
	}
	m := &Mistake{Message: firstLine(at.Message), Line: at.Line, Column: at.Column}
	if lines := strings.Split(text, "\n"); at.Line < 1 || at.Line > len(lines) {
		m.Line, m.Column = 0, 0
	}
	return m
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// Budget is what evaluations may take together. It is used by one goroutine.
type Budget struct {
	ctx      context.Context
	steps    int
	memory   int
	deadline time.Time
}

// NewBudget returns a budget that is whole.
func NewBudget(ctx context.Context) *Budget {
	return &Budget{ctx: ctx, deadline: time.Now().Add(maxTime)}
}

// Env is the variables of an evaluation; a Machine may change it.
type Env map[string]any

// Machine evaluates programs, one after the other.
type Machine struct {
	vm     vm.VM
	budget *Budget
}

// NewMachine returns a machine that takes from a budget.
func NewMachine(b *Budget) *Machine { return &Machine{budget: b} }

// Eval evaluates a program. The error is one of ErrSteps, ErrMemory, ErrTime, the
// context's, or says in a line why the expression has no answer.
func (m *Machine) Eval(p *Program, env Env) (bool, error) {
	env[budgetName] = m.budget
	if err := m.budget.step(); err != nil {
		return false, err
	}
	m.vm.MemoryBudget = 2_000_000 // items of lists
	out, err := m.vm.Run(p.program, map[string]any(env))
	if err != nil {
		return false, m.explain(err)
	}
	b, ok := out.(bool)
	if !ok {
		return false, fmt.Errorf("it gives %s, which is neither true nor false", kindOf(out))
	}
	return b, nil
}

// explain returns an error of ours as it is, and the library's in one line.
func (m *Machine) explain(err error) error {
	for _, ours := range []error{ErrSteps, ErrMemory, ErrTime, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, ours) {
			return ours
		}
	}
	var at *file.Error
	words := err.Error()
	if errors.As(err, &at) {
		words = at.Message
	}
	words = firstLine(words)
	if is, ok := strings.CutPrefix(words, "invalid operation: bool("); ok {
		return fmt.Errorf("it gives %s, which is neither true nor false", goName(strings.TrimSuffix(is, ")")))
	}
	if strings.Contains(words, "memory budget exceeded") {
		return ErrMemory
	}
	return errors.New(plain(words))
}

// plain says in the user's words what the library says in Go's.
func plain(words string) string {
	if rest, ok := strings.CutPrefix(words, "interface conversion: interface {} is "); ok {
		is, want, _ := strings.Cut(rest, ", not ")
		return fmt.Sprintf("a value is %s, where %s is wanted", goName(is), goName(want))
	}
	r := strings.NewReplacer("<nil>", "null", "map[string]interface {}", "a mapping", "[]interface {}", "a list", "json.Number", "a large number")
	return r.Replace(words)
}

func goName(s string) string {
	switch s {
	case "nil":
		return "null"
	case "map[string]interface {}":
		return "a mapping"
	case "[]interface {}":
		return "a list"
	case "string", "[]uint8":
		return "a string"
	case "int", "float64":
		return "a number"
	case "bool":
		return "true or false"
	}
	return s
}

func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "a string"
	case map[string]any:
		return "a mapping"
	case int, float64:
		return "a number"
	}
	return "a list or another value"
}

// step takes one step.
func (b *Budget) step() error {
	b.steps++
	if b.steps > maxSteps {
		return ErrSteps
	}
	if b.steps%64 == 1 {
		if err := b.ctx.Err(); err != nil {
			return err
		}
		if time.Now().After(b.deadline) {
			return ErrTime
		}
	}
	return nil
}

// made accounts for bytes.
func (b *Budget) made(n int) error {
	if n > maxMemory-b.memory {
		return ErrMemory
	}
	b.memory += n
	return nil
}
