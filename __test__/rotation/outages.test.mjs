// A provider's server that fails: no account rests for it, the provider does, for seconds and for everybody.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { describeAuthProfiles, runWithAuthProfiles } from '../../index.js';
import { freeze, T0 } from '../support/agent-dir.mjs';
import { start } from '../support/child.mjs';
import { accounts, errorOf, PROVIDER, rateLimited, run } from '../support/runs.mjs';

const FIVE = ['a', 'b', 'c', 'd', 'e'];
const down = (status = 503, headers = {}) => Object.assign(new Error('down'), { status, headers, body: 'no upstream' });
/** The server says how long it will take. */
const downFor = (seconds) => down(503, { 'retry-after': `${seconds}` });
const never = () => new Promise(() => {});
const codeOf = async ({ answer }) => (await errorOf(answer)).code;

suite('a server that fails', () => {
  for (const [name, fault] of [
    ['with a 500', { status: 500, body: 'Internal error' }],
    ['with a 502', { status: 502, body: '<html><title>Bad gateway</title></html>' }],
    ['with an overload', { status: 529, body: '{"error":{"type":"overloaded_error","message":"Overloaded"}}' }],
    ['with the end of a client of its own', { status: 499, body: 'client closed request' }],
    ['with a broken connection', { code: 'ECONNRESET' }],
    ['without a name in the DNS', { code: 'ENOTFOUND' }],
    ['without room for the model', { status: 503, body: '{"error":{"message":"The model is overloaded."}}' }],
  ]) {
    test(`${name} is asked by the next account at once, and rests nobody`, async (t) => {
      const dir = accounts(t, ['a', 'b']);
      const failing = () => Object.assign(new Error('x'), fault);
      const { answer, asked } = run(dir, { a: failing, b: 'ok' }, { model: 'm' });
      assert.equal((await answer).result, 'ok');
      assert.deepEqual(asked, ['a', 'b']);
      const { profiles } = await describeAuthProfiles({ agentDir: dir.path, modelId: 'm' });
      assert.deepEqual([...new Set(profiles.map(({ state }) => state))], ['ready']);
    });
  }

  test('three times ends the run, with the reason, and rests nobody', async (t) => {
    freeze(t);
    const dir = accounts(t, FIVE);
    let last;
    const { answer, asked, events } = run(dir, { else: () => (last = down()) }, { model: 'm' });
    const error = await errorOf(answer);
    assert.deepEqual(asked, ['a', 'b', 'c']);
    assert.deepEqual([error.code, error.provider, error.model], ['ERR_PROVIDER_UNAVAILABLE', PROVIDER, 'm']);
    assert.deepEqual([error.attempts.length, error.failure.status, error.cause], [3, 503, last]);
    assert.ok(error.retryAfterMs >= 250 && error.retryAfterMs <= 303, `${error.retryAfterMs}`);
    const { type, provider, until } = events.at(-1);
    assert.deepEqual([type, provider, until >= T0 + 250 && until <= T0 + 275], ['endpoint', PROVIDER, true]);
    for (const name of FIVE) assert.equal(dir.stats(name)?.cooldownUntil, undefined);
  });

  test('as often as the caller says', async (t) => {
    for (const endpointAttempts of [1, 4]) {
      const { answer, asked } = run(accounts(t, FIVE), { else: () => down() }, { endpointAttempts });
      assert.equal((await errorOf(answer)).code, 'ERR_PROVIDER_UNAVAILABLE');
      assert.equal(asked.length, endpointAttempts);
    }
    for (const endpointAttempts of [0, 1.5, '3', Number.NaN]) {
      const { answer } = run(accounts(t, ['a']), { a: 'ok' }, { endpointAttempts });
      const { code, field } = await errorOf(answer);
      assert.deepEqual([code, field], ['ERR_INVALID_ARGUMENT', 'params.endpointAttempts']);
    }
  });

  test('that lets some accounts wait for ever is waited for as often as the caller allows', async (t) => {
    const plan = { e: 'ok', else: never };
    const { answer, asked } = run(accounts(t, FIVE), plan, {
      timeoutMs: 15,
      endpointAttempts: 5,
      timeoutAttempts: 5,
      strategy: 'priority',
    });
    assert.equal((await answer).profileId, 'e');
    assert.equal(asked.length, 5);
  });

  test('by hanging costs two time limits, whatever endpointAttempts says', async (t) => {
    const dir = accounts(t, FIVE);
    const { answer, asked } = run(dir, { else: never }, { timeoutMs: 15, endpointAttempts: 9 });
    const error = await errorOf(answer);
    assert.deepEqual([error.code, error.cause.name], ['ERR_PROVIDER_UNAVAILABLE', 'TimeoutError']);
    assert.deepEqual(asked, ['a', 'b']);
  });

  test('once asks a single account again, after the rest', async (t) => {
    const dir = accounts(t, ['a']);
    let times = 0;
    const { answer, asked, events } = run(dir, { a: () => (times++ === 0 ? down() : 'ok') });
    assert.equal((await answer).result, 'ok');
    assert.deepEqual(asked, ['a', 'a']);
    const types = events.map(({ type }) => type);
    assert.deepEqual(types, ['attempt', 'failed', 'endpoint', 'attempt', 'succeeded']);
  });

  test('does not make maxAttempts more', async (t) => {
    const { answer, asked } = run(accounts(t, ['a']), { a: () => down() }, { maxAttempts: 1 });
    assert.equal((await errorOf(answer)).code, 'ERR_PROVIDER_UNAVAILABLE');
    assert.deepEqual(asked, ['a']);
  });
});

suite('a provider that rests', () => {
  const rests = async (t, names = ['a', 'b'], options = {}) => {
    freeze(t);
    const dir = accounts(t, names);
    const failed = run(dir, { else: () => downFor(30) }, { endpointAttempts: 1, ...options });
    assert.equal(await codeOf(failed), 'ERR_PROVIDER_UNAVAILABLE');
    return dir;
  };

  test('for longer than a moment is not asked: the run is told at once when to come back', async (t) => {
    const dir = await rests(t);
    const { answer, asked } = run(dir, { else: 'ok' });
    const error = await errorOf(answer);
    assert.equal(error.code, 'ERR_PROVIDER_UNAVAILABLE');
    assert.ok(error.retryAfterMs >= 30_000 && error.retryAfterMs <= 36_300, `${error.retryAfterMs}`);
    assert.deepEqual([asked, error.attempts, error.failure, 'cause' in error], [[], [], null, false]);
  });

  test('as it states, but for a minute at most', async (t) => {
    const dir = accounts(t, ['a']);
    freeze(t);
    const { answer } = run(dir, { a: () => downFor(7_200) }, { endpointAttempts: 1 });
    const { retryAfterMs } = await errorOf(answer);
    assert.ok(retryAfterMs >= 60_000 && retryAfterMs <= 72_600, `${retryAfterMs}`);
  });

  for (const [name, answer, what] of [
    ['an answer', 'ok', 'result'],
    ['a refusal for the account alone', () => rateLimited(), 'code'],
    ['a refusal of the request', () => Object.assign(new Error('bad'), { status: 400 }), 'status'],
  ]) {
    test(`lives again with ${name}`, async (t) => {
      freeze(t);
      const dir = accounts(t, ['a', 'b', 'c']);
      const first = run(dir, { a: () => downFor(30), else: answer }, { endpointAttempts: 2, maxAttempts: 2 });
      const settled = await first.answer.then(
        (it) => it,
        (error) => error,
      );
      assert.ok(settled[what], `${settled}`);
      assert.deepEqual(first.asked, ['a', 'b']);
      assert.equal((await run(dir, { else: 'ok' }).answer).result, 'ok');
    });
  }

  test('rests for every process', async (t) => {
    const dir = accounts(t, ['a']);
    const child = start(t, 'runner.mjs', { agentDir: dir.path, provider: PROVIDER });
    assert.equal(await child.next(), 'ready');
    child.send({ id: 1, act: 'fail', endpointAttempts: 1 });
    assert.deepEqual(await child.next(), { id: 1, asked: 'a' });
    assert.equal((await child.next()).code, 'ERR_PROVIDER_UNAVAILABLE');
    assert.equal(await codeOf(run(dir, { a: 'ok' })), 'ERR_PROVIDER_UNAVAILABLE');
  });

  test('is another one for another model and at another address', async (t) => {
    const baseUrl = 'https://eu.acme.example/v1';
    const dir = await rests(t, ['a', 'b'], { model: 'm', baseUrl });
    const ask = (options) => run(dir, { else: 'ok' }, options);
    assert.equal(await codeOf(ask({ model: 'm', baseUrl })), 'ERR_PROVIDER_UNAVAILABLE');
    for (const options of [
      { model: 'n', baseUrl },
      { model: 'm' },
      { model: 'm', baseUrl: 'https://us.acme.example/v1' },
    ]) {
      assert.equal((await ask(options).answer).result, 'ok');
    }
  });

  test('is the same however its address is written, and nothing of that is stored', async (t) => {
    const dir = await rests(t, ['a'], { baseUrl: 'https://api.acme.example/v1' });
    const baseUrl = 'https://me:hunter2@API.acme.example:443/v1/?key=swordfish';
    assert.equal(await codeOf(run(dir, { a: 'ok' }, { baseUrl })), 'ERR_PROVIDER_UNAVAILABLE');
    const pool = readFileSync(join(dir.path, 'auth-profiles.json.native-pool'), 'utf8');
    assert.match(pool, /endpoints/);
    assert.doesNotMatch(pool, /acme\.example|hunter2|swordfish/i);
  });

  test('is described, by the function and by the commands, and the accounts are ready', async (t) => {
    const dir = await rests(t, ['a', 'b'], { model: 'm', baseUrl: 'https://eu.acme.example/v1' });
    const { endpoints, profiles } = await describeAuthProfiles({ agentDir: dir.path });
    const [{ until, remainingMs, ...endpoint }] = endpoints;
    const expected = { provider: PROVIDER, model: 'm', hasBaseUrl: true, state: 'resting', failures: 1 };
    assert.deepEqual([endpoint, endpoints.length], [expected, 1]);
    assert.ok(until > T0 && remainingMs === until - T0);
    assert.deepEqual([...new Set(profiles.map(({ state }) => state))], ['ready']);
    const others = await describeAuthProfiles({ agentDir: dir.path, provider: 'another' });
    assert.deepEqual(others.endpoints, []);
  });

  test('an address that is none is refused', async (t) => {
    for (const baseUrl of ['api.acme.example', '/v1', 'mailto:me@acme.example', '', ' ', 7]) {
      const { code, field } = await errorOf(run(accounts(t, ['a']), { a: 'ok' }, { baseUrl }).answer);
      assert.deepEqual([code, field], ['ERR_INVALID_ARGUMENT', 'params.baseUrl']);
    }
    for (const baseUrl of [null, undefined]) {
      assert.equal((await run(accounts(t, ['a']), { a: 'ok' }, { baseUrl }).answer).result, 'ok');
    }
  });

  test('for a moment is waited for, and an abort ends the wait', async (t) => {
    const dir = accounts(t, ['a']);
    const controller = new AbortController();
    const reason = new Error('enough');
    const onEvent = ({ type }) => type === 'endpoint' && controller.abort(reason);
    const { answer, asked } = run(dir, { a: () => down() }, { onEvent, signal: controller.signal });
    assert.equal(await errorOf(answer), reason);
    assert.deepEqual(asked, ['a']);
  });

  test('lives again as soon as something of an answer goes out', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    await errorOf(run(dir, { else: () => down() }, { endpointAttempts: 1 }).answer);
    let letGo;
    const begun = new Promise((tell) => {
      const stream = ({ deliver }) => {
        deliver();
        tell();
        return new Promise((resolve) => (letGo = resolve));
      };
      letGo = () => {};
      t.after(() => letGo());
      run(dir, { else: stream });
    });
    await begun;
    const { answer, events } = run(dir, { else: 'ok' });
    assert.equal((await answer).result, 'ok');
    assert.deepEqual(
      events.map(({ type }) => type),
      ['attempt', 'succeeded'],
    );
  });

  test('many who wait for it ask it one after the other until it answers', async (t) => {
    const dir = accounts(t, FIVE);
    await errorOf(run(dir, { else: () => down() }, { endpointAttempts: 1 }).answer);
    let underWay = 0;
    let answered = false;
    let together = 0;
    const ask = async () => {
      underWay++;
      if (!answered) together = Math.max(together, underWay);
      await new Promise(setImmediate);
      underWay--;
      answered = true;
      return 'ok';
    };
    const runs = Array.from({ length: 8 }, () =>
      runWithAuthProfiles({ provider: PROVIDER, agentDir: dir.path, run: ask }),
    );
    assert.deepEqual(new Set((await Promise.all(runs)).map(({ result }) => result)), new Set(['ok']));
    assert.equal(together, 1);
  });
});
