package config

import "github.com/sot-validator/sot/engine/rule"

// prune returns the body without what does not fit its shape, so that the kind
// can say what is wrong with the rest; ok is false where too little is left to
// be a body. What is taken away has been reported.
func prune(v rule.Value, s *rule.Shape) (out rule.Value, ok bool) {
	if len(checker{}.check(v, s, "")) == 0 {
		return v, true
	}
	out = v
	switch {
	case s.Type == rule.ObjectShape && v.Kind == rule.Map:
		out.Fields = nil
		for _, f := range v.Fields {
			if k := findKey(s, f.Key); k != nil {
				if f.Value, ok = prune(f.Value, &k.Shape); ok {
					out.Fields = append(out.Fields, f)
				}
			}
		}
	case s.Type == rule.ListShape && v.Kind == rule.List && s.Elem != nil:
		out.Items = nil
		for _, x := range v.Items {
			if x, ok = prune(x, s.Elem); ok {
				out.Items = append(out.Items, x)
			}
		}
	case s.Type == rule.OneOfShape:
		for i := range s.OneOf {
			if fits(v.Kind, &s.OneOf[i]) {
				if x, ok := prune(v, &s.OneOf[i]); ok {
					return x, true
				}
			}
		}
	}
	return out, len(checker{}.check(out, s, "")) == 0
}
