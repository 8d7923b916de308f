'use strict';

// Node's and Go's names of systems and processors that releases are made for.
const systems = { darwin: 'darwin', linux: 'linux', win32: 'windows' };
const architectures = { arm64: 'arm64', x64: 'amd64' };

function named(names, name, what) {
  if (names[name]) return names[name];
  throw new Error(`sot is not built for ${what} ${name}, but for ${Object.keys(names).sort().join(', ')}`);
}

const system = () => named(systems, process.platform, 'the system');
const architecture = () => named(architectures, process.arch, 'the processor');
const suffix = () => (process.platform === 'win32' ? '.exe' : '');

module.exports = { architecture, suffix, system };
