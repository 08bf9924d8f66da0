// What a failed attempt leads to: a rest and the next account, or an error that is passed on.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { runWithAuthProfiles } from '../../index.js';
import { freeze, MINUTE, T0 } from '../support/agent-dir.mjs';
import { accounts, errorMessage, errorOf, PROVIDER, rateLimited, run } from '../support/runs.mjs';

suite('a failure', () => {
  test("rests the account for the server's own time and rotates", async (t) => {
    freeze(t);
    const dir = accounts(t, ['a', 'b']);
    const { answer, asked } = run(dir, { a: rateLimited(3600), b: 'ok' }, { model: 'm' });
    await answer;
    assert.deepEqual(asked, ['a', 'b']);
    const { cooldownModel, failover } = dir.stats('a');
    assert.equal(cooldownModel, 'm');
    // A Retry-After header is a measurement: it needs no other words.
    assert.equal(failover.models.m.until, T0 + 60 * MINUTE);
  });

  test('is known by an assistant message too', async (t) => {
    freeze(t);
    const dir = accounts(t, ['a', 'b']);
    const text = 'Cloud Code Assist API error (429): You have exhausted your capacity. Quota will reset after 12m10s.';
    const { answer, asked } = run(dir, { a: errorMessage(text), b: 'ok' });
    assert.equal((await answer).result, 'ok');
    assert.deepEqual(asked, ['a', 'b']);
    assert.equal(dir.stats('a').cooldownUntil, T0 + 12 * MINUTE + 10_000);
  });

  test("a stream's failure record says more than its text", async (t) => {
    freeze(t);
    const dir = accounts(t, ['a', 'b']);
    const failure = { class: 'billing', scope: 'account', rotate: true, text: 'no credits', rule: 'status-402' };
    await run(dir, { a: errorMessage('something', { failure }), b: 'ok' }).answer;
    assert.equal(dir.stats('a').disabledReason, 'billing');
  });

  test('without a stated wait cools for about the ladder, so that accounts do not come back in one burst', async (t) => {
    freeze(t);
    const names = Array.from({ length: 8 }, (_, index) => `p${index}`);
    const dir = accounts(t, names);
    const limited = () => Object.assign(new Error('slow down'), { status: 429, body: '{}' });
    const { answer } = run(dir, { else: limited, p7: 'ok' });
    await answer;
    const ends = names.slice(0, 7).map((name) => dir.stats(name).cooldownUntil - T0);
    for (const end of ends) assert.ok(end >= MINUTE && end <= 1.1 * MINUTE, `${end}`);
    assert.ok(new Set(ends).size > 1, 'all the same');
  });

  test('of a request is passed on as it is, counts, and neither cools nor rotates', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const mine = Object.assign(new Error('bad'), {
      status: 400,
      body: '{"error":{"message":"invalid request format"}}',
    });
    const { answer, asked } = run(dir, { a: mine, b: 'ok' });
    assert.equal(await errorOf(answer), mine);
    assert.deepEqual(asked, ['a']);
    assert.deepEqual(dir.stats('a'), { failureCounts: { format: 1 } });
  });

  test("of the caller's own code is passed on and not booked", async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const before = dir.text();
    const mine = new TypeError('x is not a function');
    const { answer, events } = run(dir, { a: mine });
    assert.equal(await errorOf(answer), mine);
    assert.equal(dir.text(), before);
    assert.deepEqual(
      events.map(({ type, booked }) => [type, booked]),
      [
        ['attempt', undefined],
        ['failed', false],
      ],
    );
  });

  for (const thrown of ['a text', undefined, null, 7, Symbol('s'), () => {}]) {
    test(`that is no error (${typeof thrown}) is passed on as it is`, async (t) => {
      const dir = accounts(t, ['a']);
      const before = dir.text();
      const answer = runWithAuthProfiles({
        provider: PROVIDER,
        agentDir: dir.path,
        run: () => {
          throw thrown;
        },
      });
      assert.equal(await errorOf(answer), thrown);
      assert.equal(dir.text(), before);
    });
  }

  test('that another account does not help with becomes an error if it was returned', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const mine = errorMessage('Cloud Code Assist API error (400): invalid request format');
    const error = await errorOf(run(dir, { a: mine }).answer);
    assert.equal(error.code, 'ERR_ATTEMPT_FAILED');
    assert.equal(error.result, mine);
    assert.deepEqual([error.profileId, error.failure.class], ['a', 'format']);
    assert.match(error.message, /invalid request format/);
  });

  test('after the answer had begun is not asked for again', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const begun = errorMessage('Cloud Code Assist API error (503): overloaded', {
      content: [{ type: 'text', text: 'He' }],
    });
    const { answer, asked } = run(dir, { a: begun, b: 'ok' });
    assert.equal((await errorOf(answer)).code, 'ERR_ATTEMPT_FAILED');
    assert.deepEqual(asked, ['a']);
    const again = run(accounts(t, ['a', 'b']), { a: begun, b: 'ok' }, { replay: 'always' });
    assert.equal((await again.answer).result, 'ok');
  });
});
