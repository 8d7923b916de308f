package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
)

// file is a workload file.
type file struct {
	Note         string      `json:"note,omitempty"`
	Dependencies *[][]int    `json:"dependencies,omitempty"`
	Batches      []fileBatch `json:"batches"`
}

type fileBatch struct {
	ID    *int       `json:"id"`
	Rules []fileRule `json:"rules"`
}

type fileRule struct {
	ID      string   `json:"id"`
	Seconds *float64 `json:"seconds"`
	Needs   []string `json:"needs,omitempty"`
}

// Parse reads a workload file. Its errors say where in the file (line and column,
// 1-based, or the path of the value), what, and what to do. Keys that are not known
// are passed over: a file may carry more than is replayed.
func Parse(name string, r io.Reader) (*Workload, error) {
	b, err := io.ReadAll(io.LimitReader(r, mostBytes+1))
	if err != nil {
		return nil, fmt.Errorf("workload %s: %w", name, err)
	}
	if len(b) > mostBytes {
		return nil, fmt.Errorf("workload %s is larger than %d MiB", name, mostBytes>>20)
	}
	w, err := parse(b)
	if err != nil {
		return nil, fmt.Errorf("workload %s: %w", name, err)
	}
	w.Name = name
	return w, nil
}

func parse(b []byte) (*Workload, error) {
	var f file
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, placed(b, err)
	}
	switch {
	case len(f.Batches) == 0:
		return nil, errors.New(`it has no "batches": {"batches": [{"id": 0, "rules": [{"id": "A", "seconds": 0.1}]}]} is the least`)
	case len(f.Batches) > mostBatches:
		return nil, fmt.Errorf("batches are %d: it takes at most %d", len(f.Batches), mostBatches)
	case f.Dependencies != nil && len(*f.Dependencies) != len(f.Batches):
		return nil, fmt.Errorf("dependencies are %d and batches %d: it takes one list for each batch", len(*f.Dependencies), len(f.Batches))
	}
	w := &Workload{Note: f.Note, Batches: make([]Batch, len(f.Batches))}
	for i, fb := range f.Batches {
		if fb.ID != nil && *fb.ID != i {
			return nil, fmt.Errorf("batches[%d].id is %d: it takes %d, the batch's position", i, *fb.ID, i)
		}
		b := &w.Batches[i]
		switch {
		case f.Dependencies != nil:
			b.Behind = (*f.Dependencies)[i]
		case i > 0:
			b.Behind = []int{i - 1}
		}
		b.Rules = make([]Rule, len(fb.Rules))
		for k, r := range fb.Rules {
			if r.Seconds == nil {
				return nil, fmt.Errorf("batches[%d].rules[%d] (%.200q) has no seconds", i, k, r.ID)
			}
			b.Rules[k] = Rule{ID: r.ID, Seconds: *r.Seconds, Needs: r.Needs}
		}
	}
	return w, w.validate()
}

// placed puts line and column before an error of the JSON decoder.
func placed(b []byte, err error) error {
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	at := int64(len(b))
	switch {
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &wrong):
		at = wrong.Offset
		err = fmt.Errorf("%s: %s is wanted, not %.40q", orTop(wrong.Field), jsonName(wrong.Type), wrong.Value)
	}
	before := b[:max(0, min(at-1, int64(len(b))))]
	line := bytes.Count(before, []byte{'\n'}) + 1
	column := len(bytes.Runes(before[bytes.LastIndexByte(before, '\n')+1:])) + 1
	return fmt.Errorf("line %d, column %d: %w", line, column, err)
}

// jsonName is what JSON calls a type.
func jsonName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Struct:
		return "an object"
	case reflect.Slice:
		return "a list"
	case reflect.String:
		return "a string"
	}
	return "a number in range"
}

func orTop(field string) string {
	if field == "" {
		return "the file"
	}
	return field
}

// Write writes the workload as a file that Parse reads, a rule a line.
func (w *Workload) Write(out io.Writer) error {
	var b bytes.Buffer
	note, err := json.Marshal(w.Note)
	if err != nil {
		return err
	}
	fmt.Fprintf(&b, "{\"note\": %s,\n \"dependencies\": [", note)
	for i, batch := range w.Batches {
		list, err := json.Marshal(append([]int{}, batch.Behind...))
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s%s", comma(i, ", "), list)
	}
	b.WriteString("],\n \"batches\": [")
	for i, batch := range w.Batches {
		fmt.Fprintf(&b, "%s\n  {\"id\": %d, \"rules\": [", comma(i, ","), i)
		for k, r := range batch.Rules {
			line, err := json.Marshal(fileRule{ID: r.ID, Seconds: &r.Seconds, Needs: r.Needs})
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, "%s\n   %s", comma(k, ","), line)
		}
		b.WriteString("]}")
	}
	b.WriteString("]}\n")
	_, err = out.Write(b.Bytes())
	return err
}

func comma(i int, separator string) string {
	if i == 0 {
		return ""
	}
	return separator
}
