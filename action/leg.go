package action

import (
	"encoding/json"
	"strings"
)

// legOf names one job of a matrix by the input matrix: "ubuntu-latest, 1.26" of
// {"os":"ubuntu-latest","go":1.26}, as GitHub names the job itself. Other text is
// taken as it is, and what is empty or null is no matrix.
func legOf(matrix string) string {
	matrix = strings.TrimSpace(matrix)
	d := json.NewDecoder(strings.NewReader(matrix))
	d.UseNumber()
	first, err := d.Token()
	switch {
	case matrix == "" || !json.Valid([]byte(matrix)):
		return matrix
	case first == nil && err == nil:
		return ""
	case first != json.Delim('{'):
		return matrix
	}
	var values []string
	for d.More() { // in the order of the workflow, which a map would lose
		var value json.RawMessage
		_, _ = d.Token() // the name; all of it is valid JSON
		if d.Decode(&value) != nil {
			return matrix
		}
		values = append(values, legValue(value))
	}
	return strings.Join(values, ", ")
}

// legValue is text as it is, and all else as JSON.
func legValue(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil && value[0] == '"' {
		return text
	}
	return strings.Join(strings.Fields(string(value)), "")
}
