// Package action is one step of a GitHub Actions workflow: it reads the step's
// inputs and the event, finds what changed, runs the engine over it, and tells
// people on GitHub what was wrong, where, and how the run went.
//
// Its phases, each in files of its own: inputs and event to engine options; what
// earlier runs learned out of the Actions cache; the run; what was found to
// annotations, a check run, the step summary, a comment and suggestions; what
// this run learned back into the cache.
//
// Nothing that an event, a repository or a cache holds is trusted: none of it can
// start a workflow command, forge Markdown or change the verdict. And nothing but
// the verdict fails the step: where GitHub or its cache does not answer, that is
// one line, and the run goes on.
package action
