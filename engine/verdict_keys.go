package engine

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// keyOf returns a rule's key. The error is why its verdicts are not kept. A
// command's key is made where it is known that it has something to do: see
// commandKey.
func keyOf(ctx context.Context, x *rule.Rule, repo rule.Repo, build string) (ruleKey, error) {
	if err := keeps(x); err != nil {
		return ruleKey{}, err
	}
	state := ""
	if _, file := x.Check.(rule.FileCheck); file {
		if d, depends := x.Check.(rule.Depends); depends {
			var err error
			if state, err = d.State(ctx, repo); err != nil {
				return ruleKey{}, err
			}
		}
	}
	return newRuleKey(build, x, state), nil
}

// keeps says why verdicts of such a rule are never kept; nil where they may be.
func keeps(x *rule.Rule) error {
	switch x.Check.(type) {
	case rule.CommandCheck:
		return errors.New("it is a command")
	case rule.MessageCheck:
		return errors.New("a commit message is judged once")
	case rule.ByNames:
		return nil
	case rule.RepoCheck:
		return errors.New("it judges what a run is asked to check, which takes as long as looking it up")
	case rule.FileCheck:
		if _, blind := x.Check.(rule.Blind); blind {
			return errors.New("it reads no file, so that judging takes as long as looking it up")
		}
		return nil
	case rule.ByPaths:
		return nil
	}
	return errors.New("it may look at anything")
}

// newRuleKey hashes all that a rule's verdicts depend on beside files.
func newRuleKey(build string, x *rule.Rule, state string) ruleKey {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %s %x %s", recordVersion, build, x.Kind, x.Digest, state))
	return ruleKey(sum[:len(ruleKey{})])
}

// buildID names the build of sot: a release by its version; a build of a work
// tree, whose version says nothing, by its file.
func buildID(version string) string {
	if !strings.Contains(version, "dev") && !strings.Contains(version, "dirty") {
		return version
	}
	if exe, err := os.Executable(); err == nil {
		if info, err := os.Stat(exe); err == nil {
			return fmt.Sprintf("%s %d %d", version, info.Size(), info.ModTime().UnixNano())
		}
	}
	return version
}
