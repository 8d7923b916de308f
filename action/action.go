package action

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"
	"github.com/sethvargo/go-githubactions"
	"github.com/sot-validator/sot/cache/ghcache"
	"github.com/sot-validator/sot/engine"
	"github.com/sot-validator/sot/engine/config"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/source"
)

// Options say where a step runs.
type Options struct {
	Getenv  func(string) string
	Environ []string
	Out     io.Writer // the step's log
	Version string
	// Parse reads the words of the input args as flags of `sot run`.
	Parse func(args []string) (Flags, error)
	// Explain writes what is wrong for people, and returns the exit code.
	Explain func(w io.Writer, err error) int
}

// Flags are what flags of `sot run` come to.
type Flags struct {
	Engine  engine.Options
	Verbose bool
	// Write writes the files that --format and --trace name.
	Write func(*report.Report) error
}

// step is one run of the action.
type step struct {
	Options
	act   *githubactions.Action
	in    inputs
	flags Flags
	event *event
	name  string // of the event
	at    place
	gh    *github.Client // nil: no API
	temp  string         // RUNNER_TEMP/sot; "" where there is none
}

// Run runs the step, and returns its exit code: 0 clean, 1 findings, 2 wrong usage
// or configuration, 3 a fault, 130 interrupted.
func Run(ctx context.Context, o Options) int {
	trustRoots()
	out := &log{w: o.Out}
	o.Out = out
	s := &step{Options: o, act: githubactions.New(githubactions.WithGetenv(o.Getenv), githubactions.WithWriter(out))}
	rep, err := s.run(ctx)
	if err != nil {
		return s.fail(ctx, err)
	}
	return rep.Run.ExitCode
}

// log is the step's log. That nobody reads it any more does not stop a run, and
// makes go-githubactions panic.
type log struct{ w io.Writer }

func (l *log) Write(b []byte) (int, error) {
	_, _ = l.w.Write(b)
	return len(b), nil
}

func (s *step) run(ctx context.Context) (*report.Report, error) {
	if err := s.prepare(); err != nil {
		return nil, err
	}
	carry := s.carrier()
	restored := make(chan struct{})
	go func() { // both wait for the network
		defer close(restored)
		carry.restore(ctx)
	}()
	t, err := s.target(ctx)
	<-restored
	for _, n := range carry.notes {
		s.say(n)
	}
	if err != nil {
		return nil, err
	}
	if t.note != "" {
		s.say(t.note)
	}
	if t.foreign {
		carry.distrust()
	}
	if t.nothing { // the head is another branch's, and what was told of it stands
		s.in.annotations, s.in.comment = "off", "off"
	}
	o, err := s.engineOptions(t, carry)
	if err != nil {
		return nil, err
	}
	started := time.Now()
	rep := s.nothing(t, started)
	if !t.nothing {
		if rep, err = engine.Run(ctx, o); err != nil {
			return nil, err
		}
	}
	out := &outcome{report: rep, place: s.at, changed: t.changed, compared: t.compared, history: carry.history, cacheNote: carry.says()}
	out.warm = rep.Schedule != nil && rep.Schedule.Profile == "warm"
	if out.changed == nil && rep.Lines != nil && o.Source.Mode == source.Range {
		out.changed = linesIn(rep.Lines)
	}
	if s.in.suggest && ctx.Err() == nil {
		out.fixes = s.fixes(ctx, o, rep)
	}
	s.print(out)
	path, err := s.write(out)
	if ctx.Err() == nil {
		s.tell(ctx, carry, out)
	}
	s.outputs(out, path)
	return rep, err
}

// tell publishes the outcome, and keeps what was learned meanwhile.
func (s *step) tell(ctx context.Context, carry *carrier, out *outcome) {
	wait := carry.save(ctx, out.report, figuresOf(out, time.Now()))
	in := s.publishing()
	in.settle = func() []string {
		kept, notes := wait()
		if kept != nil {
			out.cacheNote += "; kept for the next run: " + strings.Join(kept, ", ")
		}
		return notes
	}
	for _, n := range publish(ctx, s.gh, s.act, in, out) {
		s.say(n)
	}
	s.say(out.cacheNote)
}

// carrier connects to the cache, as far as this run may use it.
func (s *step) carrier() *carrier {
	job := jobOf(s.Getenv("GITHUB_WORKFLOW"), s.at, &s.in)
	believed := believes(s.name, s.Getenv("GITHUB_REF"), s.event)
	c := &carrier{
		dir: s.temp, profile: keysOf("profile", s.in.cacheKeySuffix, job, s.at), known: keysOf("verdicts", s.in.cacheKeySuffix, job, s.at),
		secret: s.in.cacheSecret, repository: s.at.owner + "/" + s.at.repo,
		believes: believed, writes: s.in.cache == "on", teaches: believed, verdicts: &engine.Memory{},
	}
	switch {
	case s.in.cache == "off":
		c.why = "the cache is off"
	case s.temp == "":
		c.why = "no cache: RUNNER_TEMP is not set"
	default:
		client, err := ghcache.New(s.Getenv, nil)
		if err != nil {
			c.why = cutLine(err.Error())
		} else {
			c.cache = client
		}
	}
	return c
}

// prepare reads the inputs, the event and the environment.
func (s *step) prepare() error {
	var err error
	s.in, err = readInputs(s.act)
	for _, secret := range []string{s.in.token, s.in.cacheSecret} {
		for line := range strings.FieldsSeq(secret) {
			s.act.AddMask(line)
		}
	}
	for _, n := range strangers(s.Environ) {
		s.act.Warningf("%s", report.Printable(n))
	}
	if err != nil {
		return err
	}
	if s.flags, err = s.Parse(s.in.args); err != nil {
		return &UsageError{[]string{"input args: " + err.Error()}}
	}
	s.name = s.Getenv("GITHUB_EVENT_NAME")
	if s.event, err = readEvent(s.Getenv("GITHUB_EVENT_PATH")); err != nil {
		return &UsageError{[]string{err.Error()}}
	}
	s.at = placeOf(s.Getenv, s.event)
	if s.gh, err = newClient(s.in.token, s.Getenv("GITHUB_API_URL"), s.Version); err != nil {
		s.say(err.Error())
	}
	s.temp = s.tempDir()
	return nil
}

// target finds out what to judge.
func (s *step) target(ctx context.Context) (target, error) {
	sha := s.Getenv("GITHUB_SHA")
	a, err := aimOf(s.name, s.event, &s.in, sha, s.Getenv("GITHUB_REF"))
	if err != nil {
		return target{}, &UsageError{[]string{err.Error()}}
	}
	f := &finder{
		aim: a, dir: s.Getenv("GITHUB_WORKSPACE"), env: s.Environ, gh: s.gh, at: s.at,
		remote: source.Remote{URL: s.at.server + "/" + s.at.owner + "/" + s.at.repo, Token: s.in.token},
		origin: originOf(s.name, s.event, sha), allowed: s.in.allowUntrusted,
	}
	return f.find(ctx)
}

// engineOptions are the flags' options, with what the inputs say beside.
func (s *step) engineOptions(t target, carry *carrier) (engine.Options, error) {
	o := s.flags.Engine
	o.Source = t.source
	o.Config, o.Version, o.CI, o.KeepLines = s.in.config, s.Version, true, true
	o.Env = commandEnv(s.Environ, s.in.token, s.in.cacheSecret, s.Getenv("ACTIONS_RUNTIME_TOKEN"))
	o.Rules, o.Skip = append(o.Rules, s.in.rules...), append(o.Skip, s.in.skip...)
	if o.Stage == "manual" {
		o.Stage = "ci"
	}
	if s.in.failOn != "" {
		o.FailOn = s.in.failOn
	}
	if s.in.workers > 0 {
		o.Workers = min(s.in.workers, 256)
	}
	if s.in.timeout > 0 {
		o.Timeout = s.in.timeout
	}
	if s.temp != "" && o.Profile == "" && !o.NoProfile {
		o.Profile = carry.path(profileFile)
	}
	o.Memory = carry.verdicts
	if t.untrusted {
		o.Refuse = refused
	}
	if o.ChangedLines && t.source.Mode != source.Range && !t.nothing {
		return o, usagef("input args: --changed-lines needs something to compare with, and this run is of %s", t.compared)
	}
	return o, nil
}

// nothing is the report of a run that has nothing to judge, and says why.
func (s *step) nothing(t target, started time.Time) *report.Report {
	if !t.nothing {
		return nil
	}
	return &report.Report{
		Tool: report.Tool{Name: "sot", Version: s.Version},
		Run:  report.Run{Source: "range", Started: started},
	}
}

// fixes returns what fixes would change, of the rules that found something they
// can mend. It runs them again, because a run with fixes judges what is left, and
// nothing here is mended.
func (s *step) fixes(ctx context.Context, o engine.Options, rep *report.Report) []byte {
	var rules []string
	for _, f := range rep.Findings {
		if f.Fixable && !slices.Contains(rules, f.Rule) {
			rules = append(rules, f.Rule)
		}
	}
	if rules == nil || o.ChangedLines {
		return []byte{}
	}
	o.Rules, o.Fix, o.Diff = rules, true, true
	o.NoProfile, o.KeepLines, o.FailFast = true, false, false
	again, err := engine.Run(ctx, o)
	if err != nil {
		s.say("no fixes are suggested: " + cutLine(err.Error()))
		return nil
	}
	return again.Diff
}

func (s *step) publishing() publishOptions {
	leg := strings.Trim(s.in.matrix+", "+s.in.cacheKeySuffix, ", ")
	return publishOptions{
		annotations: s.in.annotations, summary: s.in.summary, comment: s.in.comment,
		suggest: s.in.suggest, leg: leg,
	}
}

// say notes something in the log that does not fail the step. It is no annotation:
// of these a step has ten, and findings want them.
func (s *step) say(note string) {
	s.untrusted("", func(w io.Writer) { _, _ = fmt.Fprintln(w, "note: "+report.Printable(note)) })
}

// fail tells of an error that left no report.
func (s *step) fail(ctx context.Context, err error) int {
	var code int
	var b strings.Builder
	code = s.Explain(&b, err)
	s.untrusted("", func(w io.Writer) { _, _ = io.WriteString(w, b.String()) })
	var problems config.Problems
	var usage *UsageError
	switch {
	case ctx.Err() != nil:
		code = report.ExitInterrupted
	case errors.As(err, &problems):
		s.annotate(problems)
	case errors.As(err, &usage):
		for _, m := range usage.Mistakes {
			s.act.Errorf("%s", report.Printable(m))
		}
	default:
		s.act.Errorf("%s", report.Printable(err.Error()))
	}
	s.outputsOf(map[string]string{"conclusion": conclusion(code)})
	return code
}

// mostProblems is how many annotations of a kind a step has.
const mostProblems = 10

// annotate shows mistakes of the configuration on their lines.
func (s *step) annotate(problems config.Problems) {
	for _, p := range problems[:min(len(problems), mostProblems)] {
		what := p.What
		if p.Hint != "" {
			what += "; " + p.Hint
		}
		s.act.WithFieldsMap(map[string]string{"file": p.File, "line": fmt.Sprint(p.Line), "col": fmt.Sprint(p.Column)}).Errorf("%s", report.Printable(what))
	}
}

// untrusted writes text that is not ours to the log, where the runner obeys
// lines that look like commands.
func (s *step) untrusted(group string, write func(io.Writer)) {
	if group != "" {
		s.act.Group(group)
		defer s.act.EndGroup()
	}
	token := rand.Text()
	_, _ = fmt.Fprintf(s.Out, "::stop-commands::%s\n", token)
	write(s.Out)
	_, _ = fmt.Fprintf(s.Out, "::%s::\n", token)
}

func (s *step) tempDir() string {
	temp := s.Getenv("RUNNER_TEMP")
	if temp == "" {
		return ""
	}
	dir, err := freshDir(temp)
	if err != nil {
		s.say("nothing is kept for the next run: " + cutLine(err.Error()))
	}
	return dir
}
