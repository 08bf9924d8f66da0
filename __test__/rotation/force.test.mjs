// runWithAuthProfiles: a window for money or a credential is entered if the caller wishes it, once a minute.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { AgentDir, freeze, HOUR, MINUTE, oauth, storeOf, T0 } from '../support/agent-dir.mjs';
import { start } from '../support/child.mjs';
import { accounts, errorOf, PROVIDER, rateLimited, run } from '../support/runs.mjs';

const unpaid = (now = T0) => ({
  disabledUntil: now + 5 * HOUR,
  disabledReason: 'billing',
  lastFailureAt: now - HOUR,
  errorCount: 1,
  failureCounts: { billing: 1 },
});
const pinned = { strategy: 'pinned', preferredProfile: 'a' };

for (const [name, wish] of [
  ['force', { force: true }],
  ['a pin', pinned],
  ['force with a pin', { ...pinned, force: true }],
]) {
  suite(name, () => {
    test('asks an account whose owner has something to put right; if it answers, it is free', async (t) => {
      freeze(t);
      const dir = accounts(t, ['a'], { usageStats: { a: unpaid() } });
      const { answer, events } = run(dir, { a: 'paid' }, wish);
      assert.equal((await answer).result, 'paid');
      assert.deepEqual(
        events.map(({ type }) => type),
        ['attempt', 'succeeded'],
      );
      assert.equal((await run(dir, { a: 'ok' }).answer).result, 'ok');
    });

    test('asks once a minute: the second request is told when', async (t) => {
      const clock = freeze(t);
      const dir = accounts(t, ['a'], { usageStats: { a: unpaid() } });
      const still = Object.assign(new Error('402'), { status: 402 });
      const first = await errorOf(run(dir, { a: still }, wish).answer);
      assert.deepEqual([first.code, first.cause, first.freeAt], ['ERR_NO_PROFILE_AVAILABLE', still, T0 + MINUTE]);
      clock.now = T0 + 20_000;
      const { answer, asked } = run(dir, { a: 'ok' }, wish);
      const second = await errorOf(answer);
      assert.deepEqual([asked, second.nextProfileId, second.freeAt], [[], 'a', T0 + MINUTE]);
      clock.now = T0 + MINUTE;
      assert.equal((await run(dir, { a: 'ok' }, wish).answer).result, 'ok');
    });

    test('overrides no limit', async (t) => {
      freeze(t);
      const limit = { cooldownUntil: T0 + HOUR, cooldownReason: 'rate_limit', lastFailureAt: T0 };
      const dir = accounts(t, ['a'], { usageStats: { a: limit } });
      const { answer, asked } = run(dir, { a: 'ok' }, wish);
      assert.equal((await errorOf(answer)).freeAt, T0 + HOUR);
      assert.deepEqual(asked, []);
    });
  });
}

test('without a wish nobody is asked inside a window', async (t) => {
  freeze(t);
  const dir = accounts(t, ['a'], { usageStats: { a: unpaid() } });
  const { answer, asked } = run(dir, { a: 'ok' });
  assert.equal((await errorOf(answer)).freeAt, T0 + 5 * HOUR);
  assert.deepEqual(asked, []);
});

test('force asks whoever is free first', async (t) => {
  freeze(t);
  const dir = accounts(t, ['a', 'b'], { usageStats: { a: unpaid() } });
  const { answer, asked, events } = run(dir, { a: 'ok', b: rateLimited() }, { force: true });
  assert.equal((await answer).profileId, 'a');
  assert.deepEqual(asked, ['b', 'a']);
  // When the first one was chosen, the other one was passed over.
  assert.equal(events[0].type, 'skipped');
});

test('two processes ask once together', async (t) => {
  const now = Date.now();
  const dir = new AgentDir(t, storeOf({ a: oauth(PROVIDER) }, { usageStats: { a: unpaid(now) } }));
  const processes = [1, 2].map(() => start(t, 'runner.mjs', { agentDir: dir.path, provider: PROVIDER }));
  for (const process of processes) await process.next();
  const [one, other] = processes;
  one.send({ id: 1, act: 'hold', force: true });
  assert.deepEqual(await one.next(), { id: 1, asked: 'a' });
  other.send({ id: 2, force: true });
  const { code, nextProfileId, attempts } = await other.next();
  assert.deepEqual([code, nextProfileId, attempts], ['ERR_NO_PROFILE_AVAILABLE', 'a', []]);
  one.send({ release: 1 });
  assert.equal((await one.next()).profileId, 'a');
});
