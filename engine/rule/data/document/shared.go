package document

import "github.com/sot-validator/sot/engine/rule"

// key is that of a file's documents among what is remembered of it.
type key struct{ format Format }

// Of returns the documents of a file, which is parsed once for all rules that
// ask. They must not be changed.
func Of(f *rule.File, format Format) *Documents {
	return f.Memo(key{format}, func() any { return Parse(f.Bytes(), format) }).(*Documents)
}

// OfKept is Of for a file that no rule was given, but one asked for.
func OfKept(k *rule.Kept, format Format) *Documents {
	return k.Memo(key{format}, func() any { return Parse(k.Bytes(), format) }).(*Documents)
}
