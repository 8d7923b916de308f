package use

import (
	"bytes"
	"cmp"
	"math"
	"math/big"
	"strconv"
)

// compareJSON orders two values as Python does, by their kinds and formatted texts.
// It fails where Python has no order, and for lists and objects whose texts
// differ: Python orders lists by their items, and takes 1 and 1.0 within them for
// equal.
func compareJSON(a, b jsonKind, x, y []byte) (order int, ok bool) {
	switch {
	case isNumber(a) && isNumber(b):
		return compareNumbers(x, y)
	case a != b:
		return 0, false
	case bytes.Equal(x, y):
		return 0, true
	case a == jsonString:
		return bytes.Compare(textOf(x), textOf(y)), true
	}
	return 0, false
}

// textOf returns the text of a formatted string.
func textOf(quoted []byte) []byte {
	return unquote(quoted, jsonToken{end: len(quoted), escaped: true})
}

// isNumber says whether a value compares with numbers: true is 1, false is 0.
func isNumber(k jsonKind) bool {
	switch k {
	case jsonInt, jsonFloat, jsonNaN, jsonInf, jsonNegInf, 't', 'f':
		return true
	}
	return false
}

// compareNumbers compares exactly. NaN equals itself (Python looks at
// identity first) and has no order beside another number.
func compareNumbers(x, y []byte) (int, bool) {
	if bytes.Equal(x, y) {
		return 0, true
	}
	if x[0] == 'N' || y[0] == 'N' {
		return 0, false
	}
	if hx, hy := magnitude(x), magnitude(y); hx != hy || hx != 0 {
		// A whole number beyond every float, or an infinity, is among them.
		if hx != hy {
			return cmp.Compare(hx, hy), true
		}
		return compareDigits(x, y), true
	}
	return exact(x).Cmp(exact(y)), true
}

// magnitude sorts numbers into -inf (-2), whole numbers too large for a float
// (-1, 1), those within a float's range (0), and inf (2).
func magnitude(x []byte) int {
	sign := 1
	if x[0] == '-' {
		sign, x = -1, x[1:]
	}
	switch {
	case x[0] == 'I':
		return 2 * sign
	case len(x) > 310 && bytes.IndexByte(x, '.') < 0:
		return sign
	}
	return 0
}

// compareDigits compares two whole numbers of one sign.
func compareDigits(x, y []byte) int {
	order := cmp.Or(cmp.Compare(len(x), len(y)), bytes.Compare(x, y))
	if x[0] == '-' {
		return -order
	}
	return order
}

// exact returns the value of a number within a float's range: a float's is that
// of its bits, not of its shortest digits.
func exact(x []byte) *big.Float {
	switch x[0] {
	case 't':
		return big.NewFloat(1)
	case 'f':
		return big.NewFloat(0)
	}
	if bytes.ContainsAny(x, ".e") {
		f, _ := strconv.ParseFloat(string(x), 64)
		if math.IsInf(f, 0) {
			f = 0
		}
		return big.NewFloat(f)
	}
	f, _, err := big.ParseFloat(string(x), 10, 1100, big.ToNearestEven)
	if err != nil {
		return new(big.Float)
	}
	return f
}
