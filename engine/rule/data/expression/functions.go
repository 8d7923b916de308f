package expression

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/expr-lang/expr"
)

// functions are the options that replace, remove and add functions.
func functions() []expr.Option {
	out := []expr.Option{
		expr.Function(stepName, takeStep, new(func(any, any) any)),
		expr.Function(madeName, account, new(func(any, any) any)),
	}
	for _, name := range []string{
		"now", "timezone", // their answer is not a matter of the files
		"toJSON", "splitAfter", // they make more than they are given
		"repeat", "replace", "join", "split", "string", "uniq", // ours
	} {
		out = append(out, expr.DisableBuiltin(name))
	}
	for name, f := range map[string]struct {
		run   func(b *Budget, args []any) (any, error)
		types []any
	}{
		"repeat":  {repeat, []any{new(func(string, int) string)}},
		"replace": {replace, []any{new(func(string, string, string) string), new(func(string, string, string, int) string)}},
		"join":    {join, []any{new(func([]any) string), new(func([]any, string) string), new(func([]string) string), new(func([]string, string) string)}},
		"split":   {split, []any{new(func(string, string) []any), new(func(string, string, int) []any)}},
		"string":  {text, []any{new(func(any) string)}},
		"uniq":    {uniq, []any{new(func([]any) []any)}},
	} {
		// The name that is written is checked against the types; the rewritten
		// tree calls the other.
		out = append(out,
			expr.Function(name, func(...any) (any, error) { return nil, errInternal }, f.types...),
			expr.Function("#"+name, func(args ...any) (any, error) {
				b, ok := args[0].(*Budget)
				if !ok {
					return nil, errInternal
				}
				return f.run(b, args[1:])
			}))
	}
	return out
}

// str returns an argument that is a string.
func str(v any) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", fmt.Errorf("a value is %s, where a string is wanted", kindOf(v))
	}
	return s, nil
}

func strs(args []any) (out []string, err error) {
	for _, a := range args {
		s, err := str(a)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// fits asks for memory that is not made yet.
func (b *Budget) fits(n int) error {
	if n < 0 || n > maxMemory-b.memory {
		return ErrMemory
	}
	return nil
}

func repeat(b *Budget, args []any) (any, error) {
	s, err := str(args[0])
	n, ok := args[1].(int)
	switch {
	case err != nil:
		return nil, err
	case !ok || n < 0:
		return nil, errors.New("repeat wants a whole number of at least 0")
	case len(s) > 0 && n > maxMemory/len(s):
		return nil, ErrMemory
	}
	if err := b.fits(n * len(s)); err != nil {
		return nil, err
	}
	return strings.Repeat(s, n), nil
}

func replace(b *Budget, args []any) (any, error) {
	n := -1
	if len(args) == 4 {
		var ok bool
		if n, ok = args[3].(int); !ok {
			return nil, errors.New("replace wants a whole number of times")
		}
	}
	s, err := strs(args[:3])
	if err != nil {
		return nil, err
	}
	if grows := len(s[2]) - len(s[1]); grows > 0 {
		times := strings.Count(s[0], s[1])
		if times > 0 && grows > maxMemory/times {
			return nil, ErrMemory
		}
		if err := b.fits(len(s[0]) + times*grows); err != nil {
			return nil, err
		}
	}
	return strings.Replace(s[0], s[1], s[2], n), nil
}

func join(b *Budget, args []any) (any, error) {
	glue := ""
	if len(args) == 2 {
		var err error
		if glue, err = str(args[1]); err != nil {
			return nil, err
		}
	}
	parts, ok := args[0].([]string)
	if !ok {
		list, ok := args[0].([]any)
		if !ok {
			return nil, fmt.Errorf("a value is %s, where a list of strings is wanted", kindOf(args[0]))
		}
		var err error
		if parts, err = strs(list); err != nil {
			return nil, err
		}
	}
	n := 0
	for _, p := range parts {
		if n += len(p) + len(glue); n > maxMemory {
			return nil, ErrMemory
		}
	}
	if err := b.fits(n); err != nil {
		return nil, err
	}
	return strings.Join(parts, glue), nil
}

func split(b *Budget, args []any) (any, error) {
	n := -1
	if len(args) == 3 {
		var ok bool
		if n, ok = args[2].(int); !ok {
			return nil, errors.New("split wants a whole number of parts")
		}
	}
	s, err := strs(args[:2])
	if err != nil {
		return nil, err
	}
	if err := b.fits(48 * (1 + strings.Count(s[0], s[1]))); err != nil {
		return nil, err
	}
	parts := strings.SplitN(s[0], s[1], n)
	out := make([]any, len(parts))
	for i, p := range parts {
		out[i] = p
	}
	return out, nil
}

// text is the text of a scalar. That of a list would be as long as all that it
// refers to.
func text(_ *Budget, args []any) (any, error) {
	switch v := args[0].(type) {
	case nil:
		return "null", nil
	case string:
		return v, nil
	case bool, int, fmt.Stringer:
		return fmt.Sprint(v), nil
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	}
	return nil, errors.New("string wants a string, a number, true, false or null")
}

// uniq returns a list without those of its scalars that it has already.
func uniq(b *Budget, args []any) (any, error) {
	list, ok := args[0].([]any)
	if !ok {
		return nil, fmt.Errorf("a value is %s, where a list is wanted", kindOf(args[0]))
	}
	if err := b.fits(64 * len(list)); err != nil {
		return nil, err
	}
	seen := make(map[any]bool, len(list))
	out := make([]any, 0, len(list))
	for _, v := range list {
		switch v.(type) {
		case map[string]any, []any:
			return nil, errors.New("uniq wants a list of scalars")
		}
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out, nil
}
