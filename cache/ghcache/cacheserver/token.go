package cacheserver

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Scope is a ref whose entries a token may use, as the claim "ac" of a runtime
// token names it.
type Scope struct {
	Scope      string
	Permission int // read | write
}

// Permissions of a scope.
const (
	Read  = 1
	Write = 2
)

// Branch are the scopes of a run on a branch: its own, and the default branch's
// to read.
func Branch(name, standard string) []Scope {
	own := Scope{"refs/heads/" + name, Read | Write}
	if name == standard {
		return []Scope{own}
	}
	return []Scope{own, {"refs/heads/" + standard, Read}}
}

// PullRequest are the scopes of a run for a pull request.
func PullRequest(number int, base string) []Scope {
	return []Scope{{fmt.Sprintf("refs/pull/%d/merge", number), Read | Write}, {"refs/heads/" + base, Read}}
}

// ReadOnly returns the scopes without permission to write.
func ReadOnly(scopes []Scope) (out []Scope) {
	for _, s := range scopes {
		out = append(out, Scope{s.Scope, s.Permission & Read})
	}
	return out
}

// Token returns a runtime token for the scopes: a JWT (RFC 7519).
func Token(scopes ...Scope) string {
	ac, err := json.Marshal(scopes)
	if err != nil {
		panic(err) // strings and numbers
	}
	claims, err := json.Marshal(map[string]any{
		"iss": "https://token.actions.githubusercontent.com", "scp": "Actions.Results:run:job", "repository_id": "1",
		"nbf": time.Now().Add(-time.Minute).Unix(), "exp": time.Now().Add(6 * time.Hour).Unix(), "ac": string(ac),
	})
	if err != nil {
		panic(err)
	}
	signed := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(claims)
	return signed + "." + mac(signed)
}

// mac signs tokens and URLs. The key is no secret: this is a server for tests.
func mac(text string) string {
	h := hmac.New(sha256.New, []byte("cacheserver"))
	h.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// scopesOf reads a header with a token.
func scopesOf(header string) ([]Scope, error) {
	token, ok := strings.CutPrefix(header, "Bearer ")
	at := strings.LastIndexByte(token, '.')
	if !ok || at < 0 || !hmac.Equal([]byte(mac(token[:at])), []byte(token[at+1:])) {
		return nil, errors.New("no bearer token of this server")
	}
	_, payload, _ := strings.Cut(token[:at], ".")
	data, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		return nil, err
	}
	var claims struct {
		Exp int64  `json:"exp"`
		AC  string `json:"ac"`
	}
	if err := json.Unmarshal(data, &claims); err != nil {
		return nil, err
	}
	if time.Now().Unix() > claims.Exp {
		return nil, errors.New("the token has expired")
	}
	var scopes []Scope
	err = json.Unmarshal([]byte(claims.AC), &scopes)
	return scopes, err
}
