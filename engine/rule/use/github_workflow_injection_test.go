package use

import (
	"strings"
	"testing"
)

const injected = `on: pull_request
env: { FROM: "${{ github.head_ref }}", SAFE: "${{ github.sha }}" }
jobs:
  a:
    env: { TITLE: "x ${{ github.event.pull_request.title }}" }
    steps:
      - run: echo ${{ github.event.issue.title }} ${{ github.sha }} ${{ github.head_ref }}
      - run: |
          echo "$TITLE"
          echo '${{ env.TITLE }}' '${{ env.SAFE }}'
      - run: "echo \"${{ github.event.comment.body }}\""
        env: { FROM: main }
      - { run: "echo ${{ env.FROM }}", env: { FROM: main } }
      - uses: actions/github-script@v7
        with: { script: "x(${{ toJSON(github.event) }})", other: "${{ github.head_ref }}" }
      - uses: some/thing@v1
        with: { script: "${{ github.head_ref }}" }
      - &step
        run: echo >x ${{ github.event.*.body }}
      - *step
  b:
    if: github.head_ref == 'x'
    steps:
      - run: echo ${{ env.TITLE }} ${{ env.FROM }}
      - run: echo ${{ inputs.any }} ${{ inputs.flag }} ${{ github.event.inputs.any }}
`

const (
	handOver  = ", which becomes a part of this script: hand it over as env: { NAME: ${{ ... }} }, and write \"$NAME\"\n"
	handOverJ = ", which becomes a part of this script: hand it over as env: { NAME: ${{ ... }} }, and write process.env.NAME\n"
)

func TestWorkflowInjection(t *testing.T) {
	s := newSubject(t, "github-workflow-injection", ".github/workflows/a.yml", "")
	want := "7:19-7:50 a stranger can write github.event.issue.title" + handOver +
		"7:69-7:91 a stranger can write github.head_ref" + handOver +
		"10:17-10:33 a stranger can write env.TITLE" + handOver +
		"11:22-11:54 a stranger can write github.event.comment.body" + handOver +
		"15:28-15:55 a stranger can write github.event" + handOverJ +
		"19:22-19:48 a stranger can write github.event.answer.body, github.event.comment.body, github.event.discussion.body and 4 more" + handOver +
		"24:36-24:51 a stranger can write env.FROM" + handOver
	if got := places(s.findings([]byte(injected))); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestWorkflowInjectionByInputs(t *testing.T) {
	s := newSubject(t, "github-workflow-injection", ".github/workflows/a.yml", `{"inputs": true}`)
	const on = "on: { workflow_dispatch: { inputs: { any: { type: string }, flag: { type: boolean } } } }"
	got := places(s.findings([]byte(strings.Replace(injected, "on: pull_request", on, 1))))
	want := "25:19-25:36 a stranger can write inputs.any" + handOver + "25:56-25:86 a stranger can write github.event.inputs.any" + handOver
	if !strings.HasSuffix(got, want) {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	action := "inputs: { who: {} }\nruns:\n  using: composite\n  steps:\n    - run: echo ${{ inputs.who }} ${{ github.head_ref }}\n      shell: bash\n"
	want = "5:17-5:34 a stranger can write inputs.who" + handOver + "5:35-5:57 a stranger can write github.head_ref" + handOver
	if got := places(s.findings([]byte(action))); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// What is no workflow at all is another check's matter.
func TestWorkflowInjectionOfOddFiles(t *testing.T) {
	s := newSubject(t, "github-workflow-injection", ".github/workflows/a.yml", "")
	for _, text := range []string{"", "a: [", "- 1", "jobs: 3", "jobs: [1, {steps: x}]", "jobs: {a: {steps: {run: 1}}}", "env: 3\njobs: {a: {steps: [{run: [x]}, 3]}}", "a: 1\n---\nb: 2\n", "\xff"} {
		if got := s.findings([]byte(text)); len(got) > 0 {
			t.Errorf("%q: %v", text, got)
		}
	}
}
