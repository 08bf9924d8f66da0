// Asks a server again and again, as many requests at a time as told, until it is told to stop; tells how each one ended.
import { runWithAuthProfiles } from '../../index.js';
import { argument } from './child.mjs';

const { agentDir, provider, url, together, options } = argument();
let isOver = false;
process.on('message', () => (isOver = true));

async function ask() {
  while (!isOver) {
    const run = async ({ apiKey, signal }) => (await fetch(url, { headers: { 'x-api-key': apiKey }, signal })).text();
    const ended = await runWithAuthProfiles({ provider, agentDir, run, ...options }).then(
      ({ result }) => result,
      ({ code }) => code,
    );
    process.send(ended);
  }
}

await Promise.all(Array.from({ length: together }, ask));
process.disconnect();
