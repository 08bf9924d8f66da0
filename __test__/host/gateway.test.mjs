// The host's own loop over our functions and pi's real session: six accounts, five of them limited, two processes.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isProfileInCooldown, readAuthProfileStore } from '../../index.js';
import { accountsOf } from '../support/accounts.mjs';
import { AgentDir } from '../support/agent-dir.mjs';
import { start } from '../support/child.mjs';
import { finish, rateLimited, sse, text } from '../support/code-assist-server.mjs';
import { gate, server } from '../support/request.mjs';

const limited = ['limited-1', 'limited-2', 'limited-3', 'limited-4', 'limited-5'];
const accounts = [...limited, 'free'];
const once = Object.fromEntries(limited.map((token) => [token, 1]));

const answerOf = ({ token }) =>
  token === 'free' ? sse(text('Hello'), finish('STOP')) : rateLimited({ resetAfter: '12m10s' });

const asked = (started) =>
  Object.fromEntries(limited.map((token) => [token, started.countFor(token)]).filter(([, count]) => count > 0));

async function gateways(t, started, ...orders) {
  const agentDir = new AgentDir(t, accountsOf(...accounts));
  const children = orders.map((order) =>
    start(t, 'host-gateway.mjs', { agentDir: agentDir.path, url: started.url, order }),
  );
  for (const child of children) assert.equal(await child.next(), 'ready');
  const ask = (child) => {
    child.send({ prompt: 'Hello' });
    return child.next();
  };
  return { agentDir, children, ask };
}

const tried = ({ attempts }) => attempts.map(({ profileId, reason }) => [profileId, reason ?? 'answered']);

test('one process finds the free account, the other one knows where it is', async (t) => {
  const started = await server(answerOf);
  const { children, ask } = await gateways(t, started, accounts, accounts);
  const first = await ask(children[0]);
  assert.deepEqual(tried(first), [...limited.map((id) => [id, 'rate_limit']), ['free', 'answered']]);
  assert.equal(first.text, 'Hello');
  for (const child of [children[1], children[0]]) {
    const later = await ask(child);
    assert.deepEqual([tried(later), later.text], [[['free', 'answered']], 'Hello']);
  }
  assert.deepEqual(asked(started), once);
});

test('cooldowns of another process are seen in the middle of a run, through the passed store', async (t) => {
  const secondAsked = gate();
  const firstIsDone = gate();
  const started = await server(async (request) => {
    if (request.token === 'limited-5') {
      secondAsked.open();
      await firstIsDone.opened;
    }
    return answerOf(request);
  });
  // The second reads the store and asks limited-5 before the first has marked anything.
  const { agentDir, children, ask } = await gateways(
    t,
    started,
    ['limited-1', 'limited-2', 'limited-3', 'limited-4', 'free', 'limited-5'],
    ['limited-5', 'limited-1', 'limited-2', 'limited-3', 'limited-4', 'free'],
  );
  const second = ask(children[1]);
  await secondAsked.opened;
  const first = await ask(children[0]);
  firstIsDone.open();
  assert.deepEqual([first.profileId, first.text], ['free', 'Hello']);
  assert.deepEqual(tried(await second), [
    ['limited-5', 'rate_limit'],
    ['free', 'answered'],
  ]);
  assert.deepEqual(asked(started), once);
  assert.deepEqual(tried(await ask(children[0])), [['free', 'answered']]);
  const store = await readAuthProfileStore({ agentDir: agentDir.path });
  assert.deepEqual(
    accounts.map((id) => isProfileInCooldown(store, id)),
    [true, true, true, true, true, false],
  );
});

test('both at once: each is answered, each asks an account once at most, and then nobody asks again', async (t) => {
  const started = await server(answerOf);
  const { agentDir, children, ask } = await gateways(
    t,
    started,
    accounts,
    accounts.toReversed().slice(1).concat('free'),
  );
  const answers = await Promise.all(children.map(ask));
  for (const answer of answers) {
    assert.equal(answer.text, 'Hello');
    const ids = answer.attempts.map(({ profileId }) => profileId);
    assert.equal(new Set(ids).size, ids.length);
  }
  const before = asked(started);
  assert.deepEqual(Object.keys(before), limited);
  const counted = limited.map((id) => agentDir.stats(id).failureCounts.rate_limit);
  assert.deepEqual(counted, Object.values(before), 'each failure is booked, none is lost');
  await Promise.all(children.map(ask));
  assert.deepEqual(asked(started), before);
});
