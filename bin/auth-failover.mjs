#!/usr/bin/env node
// Carries texts from the core to the terminal. What they say and how it ends is decided there.
import { once } from 'node:events';
import { createRequire } from 'node:module';

const FAILED = 3;
const { stdout, stderr } = process;

const write = async (stream, text) => {
  if (text !== '' && !stream.write(text)) await once(stream, 'drain');
};

// Whoever reads has seen enough, as with `| head`.
for (const stream of [stdout, stderr]) stream.on('error', ({ code }) => process.exit(code === 'EPIPE' ? 0 : FAILED));

async function rowsFor(question) {
  const rows = await import('./openclaw-rows.mjs');
  return rows.answer(question);
}

async function run() {
  // Nothing to decide: it shows the package at work, on this machine only.
  if (process.argv[2] === 'demo') {
    await import('../examples/demo.mjs');
    return 0;
  }
  const { openCommandLine } = createRequire(import.meta.url)('../entry/main.js');
  const commandLine = openCommandLine(process.argv.slice(2));
  let answer;
  for (;;) {
    const terminal = { isTerminal: stdout.isTTY, columns: stdout.columns, rows: stdout.rows };
    const step = await commandLine.next(terminal, answer);
    answer = step.question === null ? undefined : await rowsFor(step.question);
    await write(stdout, step.stdout);
    await write(stderr, step.stderr);
    if (step.exitCode !== null) return step.exitCode;
  }
}

async function main() {
  if (process.argv[2] !== 'openclaw') return run();
  const { setUp } = await import('./openclaw-setup.mjs');
  return setUp(process.argv.slice(3), write);
}

process.exitCode = await main().catch((error) => {
  stderr.write(`auth-failover: ${error.message}\n`);
  return FAILED;
});
