// What the addon costs: bytes on disk, time to load, memory. Each number from fresh processes, on a release build.
import { execFile, execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

import { finish, sse, stall, startCodeAssistServer, text } from '../__test__/support/code-assist-server.mjs';
import { median, table } from './support/measure.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const STREAMS = 50;
const LOADS = 31;
const PROCESSES = 7;
const megabytes = (bytes) => (bytes / 1e6).toFixed(2);

function addons() {
  const folders = [root, ...readdirSync(join(root, 'npm')).map((platform) => join(root, 'npm', platform))];
  return folders.flatMap((folder) =>
    readdirSync(folder).flatMap((name) => (name.endsWith('.node') ? [join(folder, name)] : [])),
  );
}

/** Milliseconds that a whole process takes with and without the addon, in turns so that noise hits both alike. */
function loadTime() {
  const run = (program) => {
    const start = process.hrtime.bigint();
    execFileSync(process.execPath, ['-e', program], { cwd: root });
    return Number(process.hrtime.bigint() - start) / 1e6;
  };
  const times = { empty: [], loaded: [], inside: [] };
  const timed =
    'const s = process.hrtime.bigint(); require("./index.js"); console.log(Number(process.hrtime.bigint() - s))';
  for (let round = -2; round < LOADS; round += 1) {
    const empty = run('');
    const loaded = run('require("./index.js")');
    const inside = Number(execFileSync(process.execPath, ['-e', timed], { cwd: root })) / 1e6;
    // The first rounds fill the page cache.
    if (round < 0) continue;
    times.empty.push(empty);
    times.loaded.push(loaded);
    times.inside.push(inside);
  }
  // The best round is what a busy machine disturbs least.
  return [median, (list) => Math.min(...list)].map((of) => ({
    process: of(times.loaded) - of(times.empty),
    require: of(times.inside),
  }));
}

/** Resident memory of a process at each step, in bytes. */
async function memory(url) {
  const program = join(root, 'benchmark', 'support', 'footprint-child.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program, url, String(STREAMS)]);
  return JSON.parse(stdout);
}

const server = await startCodeAssistServer({
  answer: ({ token }) =>
    token === 'open' ? { steps: [...sse(text('Hi')).steps, stall] } : sse(text('Hi'), finish('STOP')),
});
const runs = [];
for (let i = 0; i < PROCESSES; i += 1) runs.push(await memory(server.url));
await server.close();
const middle = (step) => median(runs.map((run) => run[step] - run.empty));

const size = (file) => {
  const packed = gzipSync(readFileSync(file), { level: 9 });
  return [file.slice(root.length + 1), megabytes(statSync(file).size), megabytes(packed.length)];
};
table([['on disk', 'MB', 'MB gzip'], ...addons().map(size)]);
console.log();
const [usual, best] = loadTime();
table([
  ['to load, ms', 'median', 'best'],
  ['process with require() less an empty one', usual.process.toFixed(1), best.process.toFixed(1)],
  ['require() itself', usual.require.toFixed(1), best.require.toFixed(1)],
]);
console.log();
table([
  ['memory over an empty process, median', 'MB'],
  ['loaded', megabytes(middle('loaded'))],
  ['after the first request', megabytes(middle('requested'))],
  [`with ${STREAMS} open streams`, megabytes(middle('streaming'))],
]);
