'use strict';

// Runs `sot action` on the runner itself, so that rules find the project's own
// tools, and hands over everything: environment, streams, signals, exit code.
// GitHub gives its cache's token to JavaScript and container actions alone,
// which is why this is no `run:` step. It depends on nothing but Node 18 or newer.

const { spawn } = require('node:child_process');
const { existsSync } = require('node:fs');
const { constants } = require('node:os');
const path = require('node:path');

const { build } = require('./build.js');
const { release } = require('./release.js');

const fault = 3; // sot's exit code where it could not do its work

// A release's commit, and no other, holds the sums of its programs. A checkout
// (`uses: ./`) has no repository of an action, and may have been changed: it is
// built, whatever lies beside it.
function find(env) {
  const sums = path.join(__dirname, 'checksums.txt');
  if (env.GITHUB_ACTION_REPOSITORY && existsSync(sums)) return release(sums, env);
  return build(path.join(__dirname, '..', '..'), env);
}

function run(program) {
  const child = spawn(program, ['action'], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) {
    // Windows tells every process of the console by itself, and has no way to
    // ask one to end: there, this only waits for it.
    process.on(signal, () => process.platform === 'win32' || child.kill(signal));
  }
  child.on('error', (err) => fail(new Error(`${program} does not start: ${err.message}`)));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

// An error command shows on the run's page; the runner unescapes these three.
function fail(err) {
  const text = err.message.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
  console.log(`::error title=sot::${text}`);
  process.exitCode = fault; // not exit(), which may cut off what was printed
}

find(process.env).then(run).catch(fail);
