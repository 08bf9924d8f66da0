// Parses the file in a loop until told to stop; reports the first text that was no store. Says "busy" as soon as it has
// seen the file change often enough to have met writers at work.
import { readFileSync } from 'node:fs';
import { argument } from './child.mjs';

const MANY_CHANGES = 20;
const { file } = argument();
let stopped = false;
process.once('message', () => {
  stopped = true;
});
process.send('ready');
let reads = 0;
let changes = 0;
let before;
let broken = null;
while (!stopped && broken === null) {
  const text = readFileSync(file, 'utf8');
  try {
    if (typeof JSON.parse(text).profiles !== 'object') broken = text;
  } catch {
    broken = text;
  }
  reads += 1;
  if (text !== before) {
    before = text;
    changes += 1;
    if (changes === MANY_CHANGES) process.send('busy');
  }
  if (reads % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
}
process.send({ broken });
process.disconnect();
