// Sub-agents of one main agent share what they inherit: the account's windows, and who asks it right now.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { suite, test } from 'node:test';
import {
  describeAuthProfiles,
  markAuthProfileFailure,
  markAuthProfileUsed,
  readAuthProfileStore,
  upsertAuthProfile,
  withAuthProfileLock,
} from '../../index.js';
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

suite('a credential that is inherited', () => {
  const login = (access, rest = {}) => oauth(PROVIDER, { access, projectId: 'project-a', ...rest });

  test('is refreshed under the lock of the store that it lives in', async (t) => {
    const { main, one, two } = setUp(t);
    const order = [];
    const refresh = (agent, name) =>
      withAuthProfileLock(
        agent.path,
        async () => {
          order.push(`${name} in`);
          assert.ok(existsSync(`${main.file}.lock`));
          await markAuthProfileUsed({ store: main.json(), profileId: 'b', agentDir: main.path });
          order.push(`${name} out`);
        },
        { profileId: 'a' },
      );
    await Promise.all([refresh(one, 'one'), refresh(two, 'two')]);
    assert.equal(order.length, 4);
    assert.equal(order[0].replace(' in', ''), order[1].replace(' out', ''));
  });

  test('is stored where it lives, for all sub-agents', async (t) => {
    const { main, one, two } = setUp(t);
    const before = one.text();
    await upsertAuthProfile({ agentDir: one.path, profileId: 'a', credential: login('new') });
    assert.equal(main.json().profiles.a.access, 'new');
    assert.equal(one.text(), before);
    assert.equal((await readAuthProfileStore({ agentDir: two.path })).profiles.a.access, 'new');
  });

  test("never becomes another account's: that is the sub-agent's own", async (t) => {
    const { main, one } = setUp(t);
    const before = main.text();
    await upsertAuthProfile({ agentDir: one.path, profileId: 'a', credential: login('x', { projectId: 'mine' }) });
    const key = { type: 'api_key', provider: PROVIDER, key: 'k' };
    await upsertAuthProfile({ agentDir: one.path, profileId: 'b', credential: key });
    assert.equal(main.text(), before);
    assert.deepEqual([one.json().profiles.a.access, one.json().profiles.b.key], ['x', 'k']);
  });

  test('is no matter of a lock that names no profile, or one of its own', async (t) => {
    const { main, one } = setUp(t);
    for (const options of [undefined, { profileId: 'other' }]) {
      await withAuthProfileLock(one.path, () => assert.ok(!existsSync(`${main.file}.lock`)), options);
    }
  });

  test('that does not exist has no lock: the refresh does not begin', async (t) => {
    const { main, one } = setUp(t);
    for (const agent of [one, main]) {
      const refresh = withAuthProfileLock(agent.path, assert.fail, { profileId: 'gone' });
      await assert.rejects(refresh, { code: 'ERR_INVALID_ARGUMENT', field: 'options.profileId' });
    }
  });
});
