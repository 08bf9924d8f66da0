// A time limit of the caller's own says little of the provider: only that it is too short for this one.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { runWithAuthProfiles } from '../../index.js';
import { start } from '../support/child.mjs';
import { accounts, errorOf, run } from '../support/runs.mjs';
import { provider } from '../support/streaming-provider.mjs';

const never = () => new Promise(() => {});
const UNAVAILABLE = 'ERR_PROVIDER_UNAVAILABLE';

/** A server that answers each request after so long. */
const slow = (t, ms) => {
  const answer = (response) => {
    const timer = setTimeout(() => response.end('hello'), ms);
    response.on('close', () => clearTimeout(timer));
  };
  return provider(t, { a: answer, b: answer });
};

suite('a caller who waits less long than the provider takes', () => {
  for (const [name, patience] of [
    ['without a limit', {}],
    ['with a longer one', { timeoutMs: 60_000 }],
  ]) {
    test(`does not keep another process ${name} from its answers`, async (t) => {
      const { url, dir } = await slow(t, 150);
      const asking = { agentDir: dir.path, provider: 'acme', url };
      const hasty = start(t, 'asker.mjs', { ...asking, together: 3, options: { timeoutMs: 30 } });
      for (let ended = 0; ended < 9; ended++) assert.equal(await hasty.next(), UNAVAILABLE);
      const patient = start(t, 'asker.mjs', { ...asking, together: 3, options: patience });
      const answers = [];
      while (answers.length < 30) answers.push(await patient.next());
      patient.send('stop');
      hasty.send('stop');
      assert.deepEqual(new Set(answers), new Set(['hello']));
      assert.equal(await hasty.next(), UNAVAILABLE);
    });
  }

  test('is not kept from it either, if the next answer comes in time', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    for (let times = 0; times < 3; times++) {
      const { answer, events } = run(dir, { a: never, else: 'ok' }, { firstByteTimeoutMs: 20 });
      assert.equal((await answer).result, 'ok');
      assert.ok(events.every(({ type }) => type !== 'endpoint'));
    }
  });
});

suite('a provider that hangs', () => {
  test('costs each run two time limits at most, and no account', async (t) => {
    const { url, dir, asked } = await slow(t, 3_600_000);
    const ask = async ({ signal }) => fetch(url, { headers: { 'x-api-key': 'a' }, signal });
    for (let times = 1; times <= 3; times++) {
      const error = await errorOf(
        runWithAuthProfiles({ agentDir: dir.path, provider: 'acme', timeoutMs: 40, run: ask }),
      );
      assert.equal(error.code, UNAVAILABLE);
      assert.ok(error.retryAfterMs > 0);
      assert.ok(asked.length <= 2 * times, `${asked.length}`);
    }
    const windows = Object.values(dir.json().usageStats ?? {}).filter((it) => it.cooldownUntil || it.disabledUntil);
    assert.deepEqual(windows, []);
  });

  test('keeps those who wait as long as the ones before them away, until one of them is answered', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const kept = ({ events }) => events.some(({ type }) => type === 'endpoint');
    const hang = { else: never };
    const first = run(dir, hang, { timeoutMs: 20 });
    assert.equal((await errorOf(first.answer)).code, UNAVAILABLE);
    // The rest is doubled with each of them, so that one comes to be longer than this machine is slow.
    let next = first;
    for (let times = 0; times < 20 && next.asked.length > 0; times++) {
      next = run(dir, hang, { timeoutMs: 20 });
      assert.equal((await errorOf(next.answer)).code, UNAVAILABLE);
    }
    assert.deepEqual([next.asked, kept(next)], [[], true]);
    const patient = run(dir, { else: 'ok' }, { timeoutMs: 60_000 });
    assert.deepEqual([(await patient.answer).result, kept(patient)], ['ok', false]);
    const after = run(dir, { else: 'ok' }, { timeoutMs: 20_000 });
    assert.equal((await after.answer).result, 'ok');
  });
});
