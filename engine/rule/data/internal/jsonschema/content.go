package jsonschema

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
)

// Decoder specifies how to decode specific contentEncoding.
type Decoder struct {
	// Name of contentEncoding.
	Name string
	// Decode given string to byte array.
	Decode func(string) ([]byte, error)
}

// decoderOf returns the decoder of a contentEncoding; nil where none is known.
func decoderOf(name string) *Decoder {
	if name != "base64" {
		return nil
	}
	return &Decoder{Name: name, Decode: base64.StdEncoding.DecodeString}
}

// MediaType specified how to validate bytes against specific contentMediaType.
type MediaType struct {
	// Name of contentMediaType.
	Name string

	// Validate checks whether bytes conform to this mediatype.
	Validate func([]byte) error

	// UnmarshalJSON unmarshals bytes into json value.
	// This must be nil if this mediatype is not compatible
	// with json.
	UnmarshalJSON func([]byte) (any, error)
}

// mediaTypeOf returns how a contentMediaType is validated; nil where it is not known.
func mediaTypeOf(name string) *MediaType {
	if name != "application/json" {
		return nil
	}
	return &MediaType{
		Name: name,
		Validate: func(b []byte) error {
			var v any
			return json.Unmarshal(b, &v)
		},
		UnmarshalJSON: func(b []byte) (any, error) {
			return UnmarshalJSON(bytes.NewReader(b))
		},
	}
}
