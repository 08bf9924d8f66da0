// Runs requests as it is told, one at a time or together, and tells whom they asked.
import { runWithAuthProfiles } from '../../index.js';
import { argument } from './child.mjs';

const { agentDir, provider } = argument();
const held = new Map();

async function request({ id, act, ...options }) {
  const asked = [];
  const booked = [];
  const onEvent = (event) => event.type === 'failed' && booked.push(event.booked);
  const run = async ({ profileId }) => {
    asked.push(profileId);
    process.send({ id, asked: profileId });
    if (act === 'hold') await new Promise((resolve) => held.set(id, resolve));
    if (act === 'refuse')
      throw Object.assign(new Error('429'), { status: 429, body: '{"error":{"message":"retry in 60s"}}' });
    if (act === 'fail') throw Object.assign(new Error('503'), { status: 503, headers: { 'retry-after': '30' } });
    return 'ok';
  };
  try {
    const { profileId } = await runWithAuthProfiles({ provider, agentDir, run, onEvent, ...options });
    process.send({ id, profileId, attempts: asked, booked });
  } catch (error) {
    process.send({ id, code: error.code, nextProfileId: error.nextProfileId ?? null, attempts: asked, booked });
  }
}

process.on('message', (message) => {
  if (message.release) held.get(message.release)?.();
  else request(message);
});
process.send('ready');
