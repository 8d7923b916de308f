package action

import (
	"slices"
	"strings"
)

// refused is what a command rule says that may not run.
const refused = "refused: it would run on code that is not trusted, with this repository's rights; see docs/action-trust.md, then leave the rule out with the input skip, or set allow-untrusted: true"

// runnerFiles are the runner's files through which a step steers the steps behind
// it, and the job's outputs: not for programs that look at other people's code.
var runnerFiles = [...]string{"GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"}

// commandEnv is the environment that command rules get: without the step's
// inputs, without the runner's tokens and addresses (ACTIONS_*), without what is
// usually called GitHub's token, and without any variable that holds one of the
// secrets, whatever its name.
func commandEnv(environ []string, secrets ...string) []string {
	out := make([]string, 0, len(environ))
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		upper := strings.ToUpper(name) // Windows does not care
		switch {
		case strings.HasPrefix(upper, "INPUT_"), strings.HasPrefix(upper, "ACTIONS_"),
			upper == "GITHUB_TOKEN", upper == "GH_TOKEN", slices.Contains(runnerFiles[:], upper):
		case slices.ContainsFunc(secrets, func(s string) bool { return s != "" && strings.Contains(value, s) }):
		default:
			out = append(out, kv)
		}
	}
	return out
}

// believes says whether verdicts that the cache service gave back may decide this
// run: only where nobody else may have written the entry. Without a secret that
// is a run on the default branch whose code is that branch's: such a run is not
// given entries of other branches or of pull requests.
func believes(name, ref string, e *event) bool {
	main := ""
	if e.Repository != nil {
		main = e.Repository.DefaultBranch
	}
	switch name {
	case "push", "schedule", "workflow_dispatch":
		return main != "" && ref == "refs/heads/"+main
	}
	return false
}
