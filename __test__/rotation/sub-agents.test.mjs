// Sub-agents of one main agent share what they inherit: the account's windows, and who asks it right now.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeAuthProfiles, markAuthProfileFailure } from '../../index.js';
import { AgentDir, freeze, oauth, storeOf, T0 } from '../support/agent-dir.mjs';
import { accounts, PROVIDER, rateLimited, run } from '../support/runs.mjs';

/** A main agent with accounts a and b, and two sub-agents. */
function setUp(t) {
  freeze(t);
  const main = accounts(t, ['a', 'b']);
  process.env.OPENCLAW_AGENT_DIR = main.path;
  t.after(() => delete process.env.OPENCLAW_AGENT_DIR);
  const sub = () => new AgentDir(t, storeOf({ other: oauth('q') }));
  return { main, one: sub(), two: sub() };
}

test('what one has met, its sister does not ask again', async (t) => {
  const { one, two } = setUp(t);
  const first = run(one, { a: rateLimited(), b: 'hello' });
  await first.answer;
  assert.deepEqual(first.asked, ['a', 'b']);
  const second = run(two, { a: rateLimited(), b: 'hello' });
  await second.answer;
  assert.deepEqual(second.asked, ['b']);
});

test('it is booked where the credential lives, and nothing is written elsewhere', async (t) => {
  const { main, one } = setUp(t);
  const before = one.text();
  await run(one, { a: rateLimited(), b: 'hello' }).answer;
  assert.ok(main.stats('a').cooldownUntil > T0);
  assert.equal(main.stats('b').lastUsed, T0);
  assert.equal(one.text(), before);
});

test('a profile of its own is booked in its own store', async (t) => {
  const { main, one } = setUp(t);
  one.write(storeOf({ own: oauth(PROVIDER) }));
  const before = main.text();
  await run(one, { own: 'hello' }, { profileId: 'own' }).answer;
  assert.equal(one.stats('own').lastUsed, T0);
  assert.equal(main.text(), before);
});

test('a request under way in one counts in the other', async (t) => {
  const { one, two } = setUp(t);
  let release;
  const waits = new Promise((resolve) => (release = resolve));
  let entered;
  const isIn = new Promise((resolve) => (entered = resolve));
  const slow = () => {
    entered();
    return waits;
  };
  const first = run(one, { a: slow, b: slow });
  await isIn;
  const second = run(two, { else: 'hello' });
  await second.answer;
  release('hello');
  await first.answer;
  assert.notEqual(first.asked[0], second.asked[0]);
});

test('a window that a host booked in the sub-agent holds there too', async (t) => {
  const { one } = setUp(t);
  await markAuthProfileFailure({ store: storeOf({}), profileId: 'a', reason: 'rate_limit', agentDir: one.path });
  const { profiles } = await describeAuthProfiles({ agentDir: one.path, provider: PROVIDER });
  assert.equal(profiles.find(({ profileId }) => profileId === 'a').state, 'cooling');
  const asking = run(one, { else: 'hello' });
  await asking.answer;
  assert.deepEqual(asking.asked, ['b']);
});
