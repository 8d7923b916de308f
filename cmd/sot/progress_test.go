package main

import (
	"errors"
	"testing"
)

func TestColumns(t *testing.T) {
	for _, c := range []struct {
		width int
		err   error
		want  int
	}{{120, nil, 120}, {0, nil, 80}, {0, errors.New("no terminal"), 80}, {1, nil, 1}} {
		if got := columns(c.width, c.err); got != c.want {
			t.Errorf("columns(%d, %v) is %d, want %d", c.width, c.err, got, c.want)
		}
	}
}
