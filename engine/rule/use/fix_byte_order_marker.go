package use

import (
	"bytes"

	"github.com/sot-validator/sot/engine/rule"
)

func fixByteOrderMarker() rule.Use {
	return rule.Use{
		ID:  "fix-byte-order-marker",
		Why: "Programs that do not expect the mark take it for text: a shebang behind it does not run, a first key gets another name.",
		Doc: `Removes the UTF-8 byte order mark that a file begins with.

Differs from pre-commit-hooks, whose reader stops with an error where the rest of the
file is not UTF-8: here the mark goes, and the rest stays as it is.`,
		Defaults: rule.Selector{Types: []string{"text"}},
		With:     noOptions(),
		New:      func(rule.Value) (rule.Check, []rule.Problem) { return byteOrderMark{}, nil },
	}
}

// checkByteOrderMarker is the name that fix-byte-order-marker had once.
func checkByteOrderMarker() rule.Use {
	u := fixByteOrderMarker()
	u.ID = "check-byte-order-marker"
	u.Doc = "Is the retired name of `fix-byte-order-marker`: use that one, it does the same.\n"
	u.Why = "A renamed check keeps answering, so that old configurations go on working."
	u.New = func(rule.Value) (rule.Check, []rule.Problem) {
		return byteOrderMark{note: " (check-byte-order-marker is called fix-byte-order-marker now)"}, nil
	}
	return u
}

var utf8BOM = []byte("\xef\xbb\xbf")

// byteOrderMark is the check fix-byte-order-marker.
type byteOrderMark struct{ note string }

// CheckFile reports the mark at the file's first character.
func (b byteOrderMark) CheckFile(p *rule.Pass, f *rule.File) {
	if bytes.HasPrefix(f.Bytes(), utf8BOM) {
		p.Range(f, 0, len(utf8BOM), "UTF-8 byte order mark, remove it%s", b.note)
	}
}

// Fix removes one mark; a second one behind it is the next round's.
func (byteOrderMark) Fix(f *rule.File) ([]byte, bool) {
	rest, found := bytes.CutPrefix(f.Bytes(), utf8BOM)
	if !found {
		return nil, false
	}
	return bytes.Clone(rest), true
}
