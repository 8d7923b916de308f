'use strict';

const { createHash, randomUUID } = require('node:crypto');
const fs = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

const { architecture, suffix, system } = require('./platform.js');

const largest = 64 << 20; // bytes of an unpacked program

// release returns the path of the program that the sums name for this machine:
// from the tool cache, else downloaded. Nothing runs, and nothing is kept, whose
// sum differs: the sums stand in the action's own commit, so whoever pins that
// pins the program, wherever it comes from.
async function release(sums, env) {
  const want = wanted(fs.readFileSync(sums, 'utf8'));
  for (const folder of folders(want.version, env)) {
    const program = path.join(folder, want.file);
    if (sum(read(program)) === want.sum) return program;
  }
  return keep(want, await fetched(want, env), env);
}

// wanted finds this machine's line: "<sum>  sot_<version>_<system>_<processor>".
function wanted(text) {
  const machine = `${system()}_${architecture()}${suffix()}`;
  const line = new RegExp(`^([0-9a-f]{64})  (sot_([0-9A-Za-z.+-]+)_${machine.replace('.', '[.]')})$`, 'm').exec(text);
  if (!line) throw new Error(`this release has no program for ${machine}: use another version of the action`);
  return { sum: line[1], asset: line[2], version: line[3], file: `sot${suffix()}` };
}

// folders are where a program is kept: as @actions/tool-cache lays it out, and
// for a runner whose tool cache cannot be written to, the job's own folder.
function folders(version, env) {
  const homes = [env.RUNNER_TOOL_CACHE, env.RUNNER_TEMP || tmpdir()].filter(Boolean);
  return homes.map((home) => path.join(home, 'sot', version, process.arch));
}

// sources are where releases are looked for. A mirror (for runners without
// github.com) needs no trust: the sum decides. Neither does an environment that
// an earlier step wrote.
function sources(env) {
  if (env.SOT_RELEASES) return [env.SOT_RELEASES.replace(/\/+$/, '')];
  const servers = new Set([env.GITHUB_SERVER_URL || 'https://github.com', 'https://github.com']);
  return [...servers].map((server) => `${server}/${env.GITHUB_ACTION_REPOSITORY}/releases/download`);
}

async function fetched(want, env) {
  // Loaded here, because a start that finds its program does without, and sooner.
  const { gunzipSync } = require('node:zlib');
  const { download } = require('./download.js');
  const failures = [];
  for (const source of sources(env)) {
    const url = `${source}/v${want.version}/${want.asset}.gz`;
    try {
      return await download(url, (body) => verified(gunzipSync(body, { maxOutputLength: largest }), want, url));
    } catch (err) {
      failures.push(`${url}: ${err.message}`);
    }
  }
  throw new Error(
    `sot ${want.version} could not be downloaded, so nothing was checked\n${failures.join('\n')}\n` +
      'set SOT_RELEASES to a mirror (https://...) where the runner does not reach it',
  );
}

function verified(program, want, url) {
  const got = sum(program);
  if (got === want.sum) return program;
  const err = new Error(
    `its SHA-256 is ${got}, where the action's commit says ${want.sum}: it was replaced or damaged, and was not run. ` +
      (url.startsWith('https://github.com/') ? 'Pin an earlier version of the action, and report it' : 'Copy the release to the mirror again'),
  );
  err.final = true; // what another try would bring is not more trustworthy
  throw err;
}

// keep writes the program beside its place and renames it, so that two jobs of
// one machine may do this at once, and a killed one leaves nothing that would run.
function keep(want, program, env) {
  for (const folder of folders(want.version, env)) {
    const to = path.join(folder, want.file);
    const part = `${to}.${randomUUID()}.part`;
    try {
      fs.mkdirSync(folder, { recursive: true });
      fs.writeFileSync(part, program, { mode: 0o755, flag: 'wx' });
      fs.renameSync(part, to);
      fs.writeFileSync(`${folder}.complete`, '');
      return to;
    } catch {
      remove(part);
      // Windows does not replace a program that runs: then another job was first.
      if (sum(read(to)) === want.sum) return to;
    }
  }
  throw new Error(`the program cannot be written below ${folders(want.version, env).join(' or ')}: free disk space, or make it writable`);
}

function read(file) {
  try {
    return fs.readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}

function remove(file) {
  try {
    fs.unlinkSync(file);
  } catch {
    // It never came to be.
  }
}

const sum = (bytes) => createHash('sha256').update(bytes).digest('hex');

module.exports = { release };
