package action

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sethvargo/go-githubactions"
)

// environ is an environment for tests.
type environ map[string]string

func (e environ) get(name string) string { return e[name] }

func (e environ) list() (out []string) {
	for k, v := range e {
		out = append(out, k+"="+v)
	}
	slices.Sort(out)
	return out
}

func actionOf(e environ) *githubactions.Action {
	return githubactions.New(githubactions.WithGetenv(e.get), githubactions.WithWriter(io.Discard))
}

var compareInputs = cmp.AllowUnexported(inputs{})

func TestInputs(t *testing.T) {
	defaults := inputs{annotations: "auto", summary: true, comment: "off", cache: "on"}
	for name, c := range map[string]struct {
		env  environ
		want inputs
	}{
		"none": {environ{}, defaults},
		"all": {environ{
			"INPUT_CONFIG": "ci/sot.yaml", "INPUT_BASE": "release/1.x", "INPUT_FILES": "changed", "INPUT_FAIL-ON": "warning",
			"INPUT_WORKERS": "4", "INPUT_RULES": "a, b\nc\n", "INPUT_SKIP": "d", "INPUT_FIX": "suggest", "INPUT_ANNOTATIONS": "commands",
			"INPUT_SUMMARY": "false", "INPUT_COMMENT": "sticky", "INPUT_SARIF": "out/x.sarif", "INPUT_CACHE": "read",
			"INPUT_CACHE-KEY-SUFFIX": "go1.26", "INPUT_CACHE-SECRET": "s3", "INPUT_GITHUB-TOKEN": "t", "INPUT_TIMEOUT": "5m",
			"INPUT_ARGS": `--tag 'a b' --format junit="x y".xml`, "INPUT_ALLOW-UNTRUSTED": "true",
		}, inputs{
			config: "ci/sot.yaml", base: "release/1.x", failOn: "warning", workers: 4, rules: []string{"a", "b", "c"}, skip: []string{"d"},
			suggest: true, annotations: "commands", comment: "sticky", sarif: "out/x.sarif", cache: "read", cacheKeySuffix: "go1.26",
			cacheSecret: "s3", token: "t", timeout: 5 * time.Minute, args: []string{"--tag", "a b", "--format", "junit=x y.xml"}, allowUntrusted: true,
		}},
		"underscores": {environ{"INPUT_FAIL_ON": "never", "INPUT_WORKERS": "auto"}, func() inputs {
			in := defaults
			in.failOn = "never"
			return in
		}()},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := readInputs(actionOf(c.env))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got, compareInputs); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestAllMistakesAtOnce(t *testing.T) {
	_, err := readInputs(actionOf(environ{
		"INPUT_FILES": "chnged", "INPUT_FAIL-ON": "bad", "INPUT_WORKERS": "0", "INPUT_SUMMARY": "yes", "INPUT_TIMEOUT": "-5s",
		"INPUT_BASE": "--upload-pack=x", "INPUT_SARIF": "../x", "INPUT_CACHE-KEY-SUFFIX": "a,b", "INPUT_ARGS": "'a",
	}))
	var usage *UsageError
	if !errors.As(err, &usage) {
		t.Fatal(err)
	}
	want := []string{
		`input base: "--upload-pack=x" is no branch`,
		`input files: "chnged" (did you mean "changed"?) is none of changed, all`,
		`input fail-on: "bad" is none of error, warning, info, never`,
		`input workers: "0" is neither auto nor a whole number`,
		`input summary: "yes" is none of true, false`,
		`input sarif: "../x" leads out of the workspace`,
		`input cache-key-suffix: "a,b" may hold`,
		`input timeout: "-5s" is no duration above zero`,
		`input args: the quote ' is not closed`,
	}
	if len(usage.Mistakes) != len(want) {
		t.Fatalf("%d mistakes:\n%v", len(usage.Mistakes), err)
	}
	for i := range want {
		if !strings.HasPrefix(usage.Mistakes[i], want[i]) {
			t.Errorf("%q, want %q...", usage.Mistakes[i], want[i])
		}
	}
}

func TestStrangersAreNamedWhereTheyAreNear(t *testing.T) {
	got := strangers([]string{"INPUT_FAILON=x", "INPUT_WHO-TO-GREET=Mona", "INPUT_FAIL_ON=error", "PATH=/bin", "INPUT_RULE=a"})
	want := []string{`there is no input "failon" (did you mean fail-on?)`, `there is no input "rule" (did you mean rules?)`}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// What words returns, quoted again, is read as the same words; and nothing makes
// it, or the inputs, panic.
func FuzzInputs(f *testing.F) {
	f.Add("files", "all")
	f.Add("args", `--tag "a\"b" 'c d' \x`)
	f.Add("base", "-x")
	f.Add("timeout", "9999999h")
	f.Fuzz(func(t *testing.T, name, value string) {
		in, err := readInputs(actionOf(environ{"INPUT_" + strings.ToUpper(name): value}))
		if err != nil {
			var usage *UsageError
			if !errors.As(err, &usage) || len(usage.Mistakes) == 0 {
				t.Fatalf("%T %v", err, err)
			}
		}
		if strings.HasPrefix(in.base, "-") || strings.ContainsAny(in.cacheKeySuffix, ",/\n") || in.timeout < 0 || in.workers < 0 {
			t.Fatalf("%+v", in)
		}
		first, err := words(value)
		if err != nil {
			return
		}
		quoted := make([]string, len(first))
		for i, w := range first {
			quoted[i] = "'" + strings.ReplaceAll(w, "'", `'"'"'`) + "'"
		}
		if again, err := words(strings.Join(quoted, " ")); err != nil || !slices.Equal(first, again) {
			t.Fatalf("%q, then %q, %v", first, again, err)
		}
	})
}
