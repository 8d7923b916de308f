// GitHub's own cache client: node cache.mjs MODULES save|restore KEY PATH [PREFIX...]
// prints the key that was saved or found, or nothing.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [, , modules, op, key, where, ...prefixes] = process.argv;
const folder = path.join(modules, '@actions', 'cache');
const { main } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
const cache = await import(pathToFileURL(path.join(folder, main)));
process.chdir(process.env.GITHUB_WORKSPACE);
if (op === 'save') {
  const id = await cache.saveCache([where], key);
  if (id >= 0) console.log(`result=${key}`);
} else {
  console.log(`result=${(await cache.restoreCache([where], key, prefixes)) ?? ''}`);
}
