'use strict';

const { spawnSync } = require('node:child_process');
const { tmpdir } = require('node:os');
const path = require('node:path');

const { architecture, system, suffix } = require('./platform.js');

// build makes the program from the action's own directory, and returns its path.
// Go's own cache decides what is out of date, so a second step of a job waits for
// a look at the files only. RUNNER_TEMP belongs to one job: no other one writes there.
async function build(directory, env) {
  const program = path.join(env.RUNNER_TEMP || tmpdir(), 'sot-built', `sot${suffix()}`);
  console.log(`sot: no release of this commit, building it from ${directory}`);
  const { error, status, signal } = spawnSync('go', ['build', '-trimpath', '-o', program, './cmd/sot'], {
    cwd: directory,
    stdio: ['ignore', 'inherit', 'inherit'],
    // What the job sets for its own builds (a workspace, another system's target,
    // a vendor folder) is not meant for this one.
    env: { ...env, CGO_ENABLED: '0', GOARCH: architecture(), GOFLAGS: '', GOOS: system(), GOWORK: 'off' },
  });
  if (error?.code === 'ENOENT') {
    throw new Error(
      'this commit of the action has no released program, and there is no Go to build it with: ' +
        'use a release (sot-validator/sot@v1), or run actions/setup-go before this step',
    );
  }
  if (error) throw new Error(`go does not start: ${error.message}`);
  if (status !== 0) {
    throw new Error(
      `go build of the action ended with ${signal ?? status}, its reason is above: ` +
        'use a release (sot-validator/sot@v1), or the Go that go.mod names',
    );
  }
  return program;
}

module.exports = { build };
