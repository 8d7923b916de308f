package main

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"

	"github.com/sot-validator/sot/engine"
	"github.com/sot-validator/sot/engine/config"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/source"
)

// configuration loads it as a run would.
func (d *doctor) configuration() {
	src, cfg, err := engine.Load(d.ctx, engine.Options{
		Source: source.Options{Mode: source.All, ConfigDir: configDir(d.file)}, Config: d.file, Version: Version(),
	})
	if src != nil {
		defer func() { _ = src.Close() }() // only read from
		if d.root == "" && d.git == "" {
			d.say(stateWarning, "reading", "install git", "the repository is read without git's own binary")
		}
	}
	var problems config.Problems
	switch {
	case errors.As(err, &problems):
		for _, p := range problems {
			fix := p.Hint
			p.Hint = ""
			d.say(stateProblem, "configuration", fix, "%s", p.Error())
		}
	case err != nil:
		d.say(stateProblem, "configuration", "", "%v", err)
	case cfg.Default:
		d.config = cfg
		d.say(stateOK, "configuration", "", "there is no sot.yaml, so that the pack %s runs; `sot init` writes one", config.DefaultPack)
	default:
		d.config = cfg
		d.say(stateOK, "configuration", "", "%s with %s", cfg.Path, report.Plural(len(cfg.Rules), "rule", "rules"))
	}
}

// tools looks for the programs of the command rules.
func (d *doctor) tools() {
	if d.config == nil {
		return
	}
	place := rule.Place{Root: d.root, Env: source.CommandEnv(os.Environ())}
	if d.root == "" {
		place.Root = d.dir
	}
	looked := 0
	for _, r := range d.config.Rules {
		c, ok := r.Check.(interface {
			Missing(where rule.Place) (names []string, skips bool)
		})
		if !ok {
			continue
		}
		names, skips := c.Missing(place)
		looked++
		switch {
		case len(names) == 0:
			continue
		case skips:
			d.say(stateWarning, "rule "+r.ID, "install "+strings.Join(names, ", "), "%s is not found, so that the rule is skipped", strings.Join(names, ", "))
		default:
			d.say(stateProblem, "rule "+r.ID, "install "+strings.Join(names, ", ")+", correct the path, or set on_missing: skip", "%s is not found", strings.Join(names, ", "))
		}
		looked--
	}
	if looked > 0 {
		d.say(stateOK, "tools", "", "the programs of %s are found", report.Plural(looked, "rule", "rules"))
	}
}

// versions compares this sot with the one that the PATH has.
func (d *doctor) versions() {
	path, err := exec.LookPath("sot")
	if err != nil {
		d.say(stateWarning, "version", "put sot on the PATH, so that hooks find it when it moves", "this is version %s, and there is no sot on the PATH", Version())
		return
	}
	if v := d.versionOf(path); v != "" && v != Version() {
		d.say(stateWarning, "version", "remove one of the two", "this is version %s, and %s on the PATH is version %s", Version(), path, v)
		return
	}
	d.say(stateOK, "version", "", "%s", Version())
}

// cpus compares the CPUs that may be used with those of the machine.
func (d *doctor) cpus() {
	use, machine := runtime.GOMAXPROCS(0), runtime.NumCPU()
	asked := os.Getenv("GOMAXPROCS")
	n, err := strconv.Atoi(asked)
	switch {
	case asked != "" && (err != nil || n < 1):
		d.say(stateWarning, "CPUs", "unset GOMAXPROCS", "GOMAXPROCS is %q, which is no number of CPUs; %d are used", asked, use)
	case use > machine:
		d.say(stateWarning, "CPUs", "unset GOMAXPROCS", "GOMAXPROCS asks for %d, and there are %d", use, machine)
	case use < machine && asked != "":
		d.say(stateWarning, "CPUs", "unset GOMAXPROCS", "GOMAXPROCS allows %d of %d", use, machine)
	case use < machine:
		d.say(stateOK, "CPUs", "", "%d of %d may be used, which is the limit of this container", use, machine)
	default:
		d.say(stateOK, "CPUs", "", "%d", use)
	}
}
