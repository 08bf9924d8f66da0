// Parses the file in a loop until told to stop; reports how often, and the first text that was no store.
import { readFileSync } from 'node:fs';
import { argument } from './child.mjs';

const { file } = argument();
let stopped = false;
process.once('message', () => {
  stopped = true;
});
process.send('ready');
let reads = 0;
let broken = null;
while (!stopped && broken === null) {
  const text = readFileSync(file, 'utf8');
  try {
    if (typeof JSON.parse(text).profiles !== 'object') broken = text;
  } catch {
    broken = text;
  }
  reads += 1;
  if (reads % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
}
process.send({ reads, broken });
process.disconnect();
