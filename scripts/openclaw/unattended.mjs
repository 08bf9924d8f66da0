// Turns that nobody waits for: a sub-agent of a turn, and a scheduled one. The first account fails in each.
import { failures } from './failures.mjs';
import { call, turn } from './host.mjs';
import { eventually } from './measure.mjs';
import { startProvider } from './provider.mjs';

const [{ behave: limited }] = failures;
const LIMIT_MS = 180_000;
/** When the scheduled turn is due: the gateway's own clockwork is to start it. */
const SOON_MS = 3000;
const TASK = 'count the pebbles';

export const unattended = () => [subagent(), cron()];

const start = async (id, behave) => ({ id, api: 'openai-completions', ...(await startProvider(behave)) });
const askedOf = (requests) => requests.map(({ account }) => account);

async function subagent() {
  const ofChild = [];
  const provider = await start('parent', ({ account, body }) => {
    const said = JSON.stringify(body.messages.slice(1));
    if (said.includes('start a sub-agent')) {
      const hasResult = body.messages.some(({ role }) => role === 'tool');
      if (hasResult) return { text: `answer of ${account}` };
      return { tool: { name: 'sessions_spawn', arguments: { task: TASK } } };
    }
    ofChild.push({ account });
    return ofChild.length === 1 ? limited : { text: `answer of ${account}` };
  });
  const agent = { id: 'parent', model: 'parent/m1', tools: { profile: 'coding' } };
  const check = async (running) => {
    await turn(running, { agent: 'parent', session: 'parent', content: 'start a sub-agent' });
    await eventually(
      () => ofChild.length,
      (count) => count >= 2,
      LIMIT_MS,
    );
    const [first, second] = askedOf(ofChild);
    const faults = second && second !== first ? [] : [`asked ${askedOf(ofChild).join(', ') || 'nobody'}`];
    return { name: 'a sub-agent', seen: `its turn asked ${askedOf(ofChild).slice(0, 2).join(', ')}`, faults };
  };
  return { providers: [provider], agents: [agent], checks: [{ id: provider.id, run: check }] };
}

async function cron() {
  const provider = await start('nightly', ({ account }) =>
    account === 'a1' ? limited : { text: `answer of ${account}` },
  );
  const agent = { id: 'nightly', model: 'nightly/m1' };
  const check = async (running) => {
    await call(running, 'cron.add', {
      name: 'nightly',
      agentId: 'nightly',
      schedule: { kind: 'at', at: new Date(Date.now() + SOON_MS).toISOString() },
      sessionTarget: 'isolated',
      wakeMode: 'now',
      payload: { kind: 'agentTurn', message: 'hi' },
      delivery: { mode: 'none' },
    });
    const { requests } = provider;
    await eventually(
      () => requests.length,
      (count) => count >= 2,
      LIMIT_MS,
    );
    const asked = askedOf(requests);
    const ms = Math.round(requests[1]?.at - requests[0]?.at);
    return {
      name: 'a scheduled turn',
      seen: `${asked.join(', ')}; ${ms} ms`,
      faults: asked.join() === 'a1,a2' ? [] : [`asked ${asked.join(', ') || 'nobody'}, not a1, a2`],
    };
  };
  return { providers: [provider], agents: [agent], checks: [{ id: provider.id, run: check }] };
}
