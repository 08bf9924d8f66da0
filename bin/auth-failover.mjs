#!/usr/bin/env node
// Carries texts from the core to the terminal. What they say and how it ends is decided there.
import { once } from 'node:events';
import { createRequire } from 'node:module';

const { openCommandLine } = createRequire(import.meta.url)('../index.js');
const { stdout, stderr } = process;

const write = async (stream, text) => {
  if (text !== '' && !stream.write(text)) await once(stream, 'drain');
};

// Whoever reads has seen enough, as with `| head`.
for (const stream of [stdout, stderr]) stream.on('error', () => process.exit());

const commandLine = openCommandLine(process.argv.slice(2));
let step;
do {
  step = await commandLine.next({ isTerminal: stdout.isTTY, columns: stdout.columns, rows: stdout.rows });
  await write(stdout, step.stdout);
  await write(stderr, step.stderr);
} while (step.exitCode === null);
process.exitCode = step.exitCode;
