// What nobody can read asks the next account and rests this one for seconds. Only a fault of the caller's own code ends
// the run.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { freeze, T0 } from '../support/agent-dir.mjs';
import { accounts, errorMessage, errorOf, run } from '../support/runs.mjs';

suite('a failure that nobody can read', () => {
  for (const [name, odd] of [
    ['with a status', () => Object.assign(new Error('teapot'), { status: 418, body: 'short and stout' })],
    ['of the host’s own refresh', () => new Error('OAuth token refresh failed for acme: invalid_state')],
    ['of a command-line client', () => Object.assign(new Error('exited with 3'), { name: 'CliError' })],
    ['in an assistant message', () => errorMessage('The flux is out of phase.')],
    ['in a page that was to be JSON', () => new SyntaxError('Unexpected token < in JSON at position 0')],
    ['with a code', () => Object.assign(new TypeError('no good'), { code: 'E_GATEWAY' })],
  ]) {
    test(`${name} asks the next account and rests this one for five seconds`, async (t) => {
      freeze(t);
      const dir = accounts(t, ['a', 'b']);
      const { answer, asked } = run(dir, { a: odd, b: 'ok' });
      assert.equal((await answer).result, 'ok');
      assert.deepEqual(asked, ['a', 'b']);
      const rest = dir.stats('a').cooldownUntil - T0;
      assert.ok(rest >= 5_000 && rest <= 5_500, `${rest}`);
    });
  }

  test('from every account in the same words is passed on as it is, and rests nobody', async (t) => {
    const dir = accounts(t, ['a', 'b', 'c']);
    const thrown = [];
    const odd = () => thrown[thrown.push(new Error('The disk has no phase left')) - 1];
    const { answer, asked } = run(dir, { else: odd });
    assert.equal(await errorOf(answer), thrown.at(-1));
    assert.deepEqual(asked, ['a', 'b', 'c']);
    for (const name of asked) assert.equal(dir.stats(name)?.cooldownUntil, undefined);
    const mine = errorMessage('The disk has no phase left');
    const error = await errorOf(run(dir, { else: mine }).answer);
    assert.deepEqual([error.code, error.result], ['ERR_ATTEMPT_FAILED', mine]);
  });

  test('in other words from each account is the accounts’ own', async (t) => {
    freeze(t);
    const dir = accounts(t, ['a', 'b']);
    const { answer } = run(dir, { else: ({ profileId }) => new Error(`no phase for ${profileId}`) });
    const error = await errorOf(answer);
    assert.deepEqual([error.code, error.cause.message], ['ERR_NO_PROFILE_AVAILABLE', 'no phase for b']);
    assert.ok(dir.stats('a').cooldownUntil > T0);
  });
});

suite('a fault of the caller’s own code', () => {
  const faults = {
    'a property of nothing': () => undefined.id,
    'a name that is not there': () => {
      throw new ReferenceError('missing is not defined');
    },
    'an array too long': () => new Array(-1),
    'a pattern that is none': () => RegExp(['('].join('')),
    'an address that is none': () => new URL('acme'),
    'an assertion': () => assert.equal(1, 2),
  };
  for (const [name, fault] of Object.entries(faults)) {
    test(`${name} is passed on as it is, and nothing is booked`, async (t) => {
      const dir = accounts(t, ['a', 'b']);
      const before = dir.text();
      let mine;
      const act = () => {
        try {
          return fault();
        } catch (error) {
          mine = error;
          throw error;
        }
      };
      const { answer, asked } = run(dir, { else: act });
      assert.equal(await errorOf(answer), mine);
      assert.ok(mine instanceof Error);
      assert.deepEqual([asked, dir.text()], [['a'], before]);
    });
  }

  for (const [name, fault] of [
    [
      'a fetch that failed',
      () => new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) }),
    ],
    ['a stream that was cut', () => new TypeError('terminated')],
    ['a fetch of another runtime', () => new TypeError('Failed to fetch')],
    ['a type error with a status', () => Object.assign(new TypeError('odd'), { status: 500 })],
  ]) {
    test(`is not ${name}`, async (t) => {
      const { answer, asked } = run(accounts(t, ['a', 'b']), { a: fault, b: 'ok' });
      assert.equal((await answer).result, 'ok');
      assert.deepEqual(asked, ['a', 'b']);
    });
  }
});

suite('an assistant message that was aborted', () => {
  test('without words asks nobody else', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const before = dir.text();
    const aborted = { role: 'assistant', content: [], stopReason: 'aborted' };
    const { answer, asked } = run(dir, { else: aborted });
    const error = await errorOf(answer);
    assert.deepEqual([error.code, error.failure.class], ['ERR_ATTEMPT_FAILED', 'aborted']);
    assert.deepEqual([asked, dir.text()], [['a'], before]);
  });
});

suite('too many requests at once', () => {
  const busy = () =>
    Object.assign(new Error('429'), { status: 429, body: 'Too many concurrent requests for this key' });

  test('rest each account for seconds, each for another time, and are not the request’s fault', async (t) => {
    freeze(t);
    const names = ['a', 'b', 'c', 'd'];
    const dir = accounts(t, names);
    const error = await errorOf(run(dir, { else: busy }, { requestKey: 'r' }).answer);
    assert.equal(error.code, 'ERR_NO_PROFILE_AVAILABLE');
    const rests = names.map((name) => dir.stats(name).cooldownUntil - T0);
    for (const rest of rests) assert.ok(rest >= 5_000 && rest <= 11_000, `${rests}`);
    assert.ok(new Set(rests).size > 1, `${rests}`);
  });
});
