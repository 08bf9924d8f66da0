// Runs the lints, all of them or those named, and says at the end which failed.
//
//   npm run lint [-- names]      npm run lint -- --list
import { spawnSync } from 'node:child_process';

import { root } from './addon.mjs';
import { checks } from './checks.mjs';

function succeeds([command, ...args]) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (error) console.error(`${command}: ${error.message}`);
  return status === 0;
}

function passes({ name, guards, commands }) {
  console.log(`== ${name}: ${guards}`);
  return commands().every(succeeds);
}

const words = process.argv.slice(2);
if (words.includes('--list')) {
  for (const { name, guards } of checks) console.log(`${name.padEnd(14)}${guards}`);
  process.exit();
}
const unknown = words.filter((word) => !checks.some(({ name }) => name === word));
if (unknown.length > 0) {
  console.error(`no lint is called ${unknown.join(', ')}; there are ${checks.map(({ name }) => name).join(', ')}`);
  process.exit(1);
}
const chosen = checks.filter(({ name }) => words.length === 0 || words.includes(name));
const failed = chosen.filter((check) => !passes(check)).map(({ name }) => name);
if (failed.length > 0) console.error(`failed: ${failed.join(', ')} (again: npm run lint -- ${failed.join(' ')})`);
process.exitCode = failed.length === 0 ? 0 : 1;
