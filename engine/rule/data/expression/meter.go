package expression

import (
	"errors"

	"github.com/expr-lang/expr/ast"
)

// The names that the syntax tree is rewritten with: none that can be written.
const (
	budgetName = "#budget"
	stepName   = "#step"
	madeName   = "#made"
)

// makers are the functions whose results are memory of their own.
var makers = map[string]bool{
	"concat": true, "filter": true, "flatten": true, "fromBase64": true, "fromJSON": true, "fromPairs": true, "groupBy": true,
	"join": true, "keys": true, "lower": true, "map": true, "repeat": true, "replace": true, "reverse": true, "sort": true,
	"sortBy": true, "split": true, "string": true, "toBase64": true, "toPairs": true, "uniq": true, "upper": true, "values": true,
}

// meter rewrites the syntax tree so that it counts what it takes.
type meter struct{}

// Visit is called with each node, those below it first.
func (meter) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.PredicateNode:
		n.Node = call(stepName, n.Node)
	case *ast.BuiltinNode:
		if makers[n.Name] {
			ast.Patch(node, call(madeName, n))
		}
	case *ast.CallNode:
		if id, ok := n.Callee.(*ast.IdentifierNode); ok && makers[id.Value] {
			budgeted(n, id.Value)
			ast.Patch(node, call(madeName, n))
		}
	case *ast.BinaryNode:
		if n.Operator == "+" {
			ast.Patch(node, call(madeName, n))
		}
	}
}

// budgeted gives a function of ours the budget as its first argument.
func budgeted(n *ast.CallNode, name string) {
	n.Callee = &ast.IdentifierNode{Value: "#" + name}
	n.Arguments = append([]ast.Node{&ast.IdentifierNode{Value: budgetName}}, n.Arguments...)
}

func call(name string, of ast.Node) ast.Node {
	n := &ast.CallNode{
		Callee:    &ast.IdentifierNode{Value: name},
		Arguments: []ast.Node{&ast.IdentifierNode{Value: budgetName}, of},
	}
	n.SetLocation(of.Location())
	return n
}

var errInternal = errors.New("a function is called in a way that it is not meant for")

// takeStep is called in the place of a predicate's body, with its value: a value
// that reduce goes on with is then bounded as well.
func takeStep(args ...any) (any, error) {
	b, ok := args[0].(*Budget)
	if !ok {
		return nil, errInternal
	}
	return args[1], b.step()
}

// account is called in the place of what makes a value, with that value.
func account(args ...any) (any, error) {
	b, ok := args[0].(*Budget)
	if !ok {
		return nil, errInternal
	}
	return args[1], b.made(size(args[1]))
}

// size is about the memory of a value, without what it refers to.
func size(v any) int {
	switch v := v.(type) {
	case string:
		return len(v)
	case []any:
		return 16 * len(v)
	case []string:
		return 16 * len(v)
	case map[string]any:
		return 48 * len(v)
	}
	return 16
}
