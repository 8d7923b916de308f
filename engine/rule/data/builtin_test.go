package data_test

import (
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/rule/data"
)

// TestBuiltins: each embedded schema takes a file of its kind, and finds what is
// wrong in another.
func TestBuiltins(t *testing.T) {
	tested := map[string]bool{}
	for _, c := range []struct{ name, path, good, bad, want string }{
		{"github-workflow", "ci.yml", `name: ci
on:
  push: {branches: [main], tags: ["v*"]}
  pull_request:
  schedule: [{cron: "0 3 * * 1"}]
  workflow_dispatch: {inputs: {level: {type: choice, options: [a, b], required: true}}}
permissions: {contents: read, id-token: write}
concurrency: {group: "${{ github.ref }}", cancel-in-progress: "${{ github.event_name == 'pull_request' }}"}
env: {N: 1, B: true}
jobs:
  test:
    strategy: {fail-fast: false, matrix: {os: [ubuntu-latest], go: "${{ fromJSON(needs.x.outputs.y) }}", include: [{os: x}]}}
    runs-on: ${{ matrix.os }}
    timeout-minutes: ${{ vars.T }}
    services: {db: {image: postgres, ports: [5432]}}
    steps:
      - uses: actions/checkout@v4
        with: {fetch-depth: 0}
      - {name: x, id: x, if: always(), run: make, shell: bash, env: {A: b}, continue-on-error: true}
  call:
    needs: test
    uses: ./.github/workflows/other.yml
    secrets: inherit
`, `on: {push: {branch: [main]}}
permissions: {content: read}
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        run: make
      - with: {a: b}
        run: x
  1st:
    runs-on: x
    steps: [{run: x}]
  none: {steps: [{run: x}]}
`, `1:13-1:19 /on/push/branch: not a known key here, remove it, or correct its name
2:15-2:22 /permissions/content: not a known key here, remove it, or correct its name
7:9-7:10 /jobs/test/steps/0: fits several alternatives of oneOf, numbers 1 and 2, and must fit one
9:9-9:10 /jobs/test/steps/1: properties 'uses' required, if 'with' exists
11:3-11:6 /jobs/1st: the key '1st' does not match pattern '^[A-Za-z_][A-Za-z0-9_-]*$'
14:3-14:7 /jobs/none: lacks "runs-on"`},
		{"github-action", "action.yml", `name: a
description: b
inputs: {x: {description: y, default: "1"}}
runs:
  using: composite
  steps: [{run: x, shell: bash}, {uses: a/b@c}]
`, `name: a
description: b
runs:
  using: composite
  steps: [{run: x}]
`, `5:11-5:12 /runs/steps/0: `},
		{"github-dependabot", "dependabot.yml", `version: 2
updates: [{package-ecosystem: gomod, directory: /, schedule: {interval: weekly, day: monday}, groups: {all: {patterns: ["*"]}}}]
`, "version: 2\nupdates: [{package-ecosystem: go, directory: /, schedule: {interval: hourly}}]\n", `2:31-2:33 /updates/0/package-ecosystem: value must be one of`},
		{"github-issue-form", "bug.yml", "name: a\ndescription: b\nbody: [{type: input, id: x, attributes: {label: y}, validations: {required: true}}]\n",
			"name: a\ndescription: b\nbody: [{type: dropdown, attributes: {label: y}}]\n", `3:25-3:35 /body/0/attributes: lacks "options"`},
		{"npm-package", "package.json", `{"name": "@a/b", "version": "1.2.3-rc.1", "dependencies": {"x": "^1"}, "bin": "x.js", "own": {}}`,
			`{"name": "A B", "version": "1.2", "scripts": {"x": 1}}`, `1:10-1:15 /name: `},
	} {
		tested[c.name] = true
		check := build(t, "schema: 'builtin:"+c.name+"'")
		if got := run(t, check, repo{}, c.path, c.good); got != "" {
			t.Errorf("%s: a good file:\n%s", c.name, got)
		}
		if got := run(t, check, repo{}, c.path, c.bad); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
	for _, name := range data.Builtins() {
		if !tested[name] {
			t.Errorf("%s is not tested", name)
		}
	}
}
