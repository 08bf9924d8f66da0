// A lease: one turn of the loop taken apart.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { inspect } from 'node:util';

import { settled } from '../../index.js';
import { AgentDir, storeOf } from '../support/agent-dir.mjs';
import { aborted, leased, node, reservations } from '../support/leases.mjs';
import { accounts, bareRefusal, errorOf, rateLimited } from '../support/runs.mjs';

suite('a lease', () => {
  test('has what is needed to ask: the account, its key, its credential, a signal', async (t) => {
    const { first } = leased(accounts(t, ['a']));
    const lease = await first;
    const { profileId, attempt, apiKey, credential, signal } = lease;
    assert.deepEqual([profileId, attempt], ['a', 1]);
    assert.deepEqual(JSON.parse(apiKey), { token: 'access-a', projectId: 'project-a' });
    assert.equal(credential.access, 'access-a');
    assert.equal(signal.aborted, false);
    lease.release();
  });

  test('shows no secret in logs', async (t) => {
    const lease = await leased(accounts(t, ['a'])).first;
    for (const text of [inspect(lease), JSON.stringify(lease)]) {
      assert.match(text, /"?profileId"?: ?['"]a['"]/);
      assert.doesNotMatch(text, /access-a|refresh-secret/);
    }
    lease.release();
  });

  test('that succeeded is booked as an answer', async (t) => {
    const dir = accounts(t, ['a']);
    const { first, events } = leased(dir);
    (await first).succeed();
    assert.deepEqual(events, ['attempt a', 'succeeded a']);
    await settled();
    assert.ok(dir.stats('a').lastUsed > 0);
    assert.deepEqual(reservations(dir), []);
  });

  test('that failed is booked, and the next one is another account', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const { first, events } = leased(dir);
    const lease = await first;
    const { class: meaning, retryAfterMs } = await lease.fail(rateLimited(60));
    assert.deepEqual([meaning, retryAfterMs], ['rate_limit', 60_000]);
    const next = await lease.next();
    assert.deepEqual([next.profileId, next.attempt], ['b', 2]);
    next.succeed();
    assert.deepEqual(events, ['attempt a', 'failed a', 'attempt b', 'succeeded b']);
    await settled();
    assert.ok(dir.stats('a').cooldownUntil > Date.now());
    assert.equal(dir.stats('b').cooldownUntil, undefined);
  });

  test('that failed reserves nobody until the next one is wanted', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const { first, events } = leased(dir);
    const lease = await first;
    await lease.fail(rateLimited());
    await settled();
    assert.deepEqual(events, ['attempt a', 'failed a']);
    assert.deepEqual(reservations(dir), []);
    lease.release();
    assert.deepEqual(events, ['attempt a', 'failed a']);
  });

  test('holds its account until it is settled, so that others take another one', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const one = await leased(dir).first;
    const two = await leased(dir).first;
    assert.deepEqual([one.profileId, two.profileId].sort(), ['a', 'b']);
    assert.equal(reservations(dir).length, 2);
    one.release();
    two.release();
    await settled();
    assert.deepEqual(reservations(dir), []);
  });

  test('that is released is nobody’s fault and no answer', async (t) => {
    const dir = accounts(t, ['a']);
    const { first, events } = leased(dir);
    const lease = await first;
    lease.release();
    assert.ok(lease.signal.aborted);
    assert.deepEqual(events, ['attempt a']);
    await settled();
    assert.equal(dir.stats('a'), undefined);
  });

  test('is released at the end of its block', async (t) => {
    const dir = accounts(t, ['a']);
    for (const end of [Symbol.dispose, Symbol.asyncDispose]) {
      const lease = await leased(dir).first;
      await lease[end]();
      await settled();
      assert.deepEqual(reservations(dir), []);
    }
  });

  test('is settled once: what is told later changes nothing', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const { first, events } = leased(dir);
    const lease = await first;
    lease.succeed();
    assert.equal(await lease.fail(rateLimited()), null);
    lease.release();
    lease.succeed();
    assert.deepEqual(events, ['attempt a', 'succeeded a']);
    assert.equal(lease.signal.aborted, false);

    const failed = await leased(dir).first;
    const failure = await failed.fail(rateLimited());
    failed.succeed();
    assert.deepEqual(await failed.fail(bareRefusal()), failure);
    failed.release();
  });

  test('may be taken apart', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const { fail, next } = await leased(dir).first;
    await fail(rateLimited());
    const { profileId, deliver, progress, succeed } = await next();
    progress();
    deliver();
    succeed();
    assert.equal(profileId, 'b');
  });

  test('is not followed by another one while nobody has said what came of it', async (t) => {
    const lease = await leased(accounts(t, ['a', 'b'])).first;
    const { code, field } = await errorOf(lease.next());
    assert.deepEqual([code, field], ['ERR_INVALID_ARGUMENT', 'lease']);
    lease.release();
  });
});

suite('the failure of a lease is read', () => {
  const responses = {
    'from a Response, whose body stays readable': () =>
      new Response('{"error":{"message":"Please retry in 7s"}}', { status: 429 }),
    'from status, headers and body': () => ({ status: 429, headers: { 'retry-after': '7' }, body: '{}' }),
    'from an error as SDKs throw it': () =>
      Object.assign(new Error('429'), { status: 429, headers: new Headers({ 'retry-after': '7' }) }),
  };
  for (const [title, make] of Object.entries(responses)) {
    test(title, async (t) => {
      const lease = await leased(accounts(t, ['a'])).first;
      const evidence = make();
      const failure = await lease.fail(evidence);
      assert.deepEqual([failure.class, failure.retryAfterMs], ['rate_limit', 7_000]);
      const error = await errorOf(lease.next());
      assert.equal(error.code, 'ERR_NO_PROFILE_AVAILABLE');
      assert.equal(error.cause, evidence);
      if (evidence instanceof Response) assert.match(await evidence.text(), /retry in 7s/);
    });
  }

  test('and none is a failure too', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const lease = await leased(dir).first;
    assert.equal((await lease.fail()).class, 'unknown');
    (await lease.next()).succeed();
  });
});

suite('the end of a run of leases', () => {
  test('is the error of a run when nobody is left', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const { first, events } = leased(dir);
    let lease = await first;
    await lease.fail(rateLimited());
    lease = await lease.next();
    await lease.fail(rateLimited());
    const error = await errorOf(lease.next());
    assert.equal(error.code, 'ERR_NO_PROFILE_AVAILABLE');
    assert.deepEqual(
      error.attempts.map(({ profileId }) => profileId),
      ['a', 'b'],
    );
    assert.equal(events.at(-1), 'unavailable a');
    assert.equal(await errorOf(lease.next()), error);
  });

  test('is what was thrown, as it is, if another account would not help', async (t) => {
    const lease = await leased(accounts(t, ['a', 'b'])).first;
    const bad = Object.assign(new Error('bad request'), { status: 400 });
    assert.equal((await lease.fail(bad)).class, 'format');
    assert.equal(await errorOf(lease.next()), bad);
  });

  test('is ERR_ATTEMPT_FAILED with the response, if that says so', async (t) => {
    const lease = await leased(accounts(t, ['a', 'b'])).first;
    const bad = new Response('{"error":{"message":"no such field"}}', { status: 400 });
    await lease.fail(bad);
    const { code, result } = await errorOf(lease.next());
    assert.equal(code, 'ERR_ATTEMPT_FAILED');
    assert.equal(result, bad);
  });

  test('is what failed after something went out', async (t) => {
    const lease = await leased(accounts(t, ['a', 'b'])).first;
    lease.deliver();
    const broken = rateLimited();
    await lease.fail(broken);
    assert.equal(await errorOf(lease.next()), broken);
  });

  test('is the reason of the caller’s signal, at once', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const controller = new AbortController();
    const { first, events } = leased(dir, { signal: controller.signal });
    const lease = await first;
    const reason = new Error('enough');
    controller.abort(reason);
    assert.equal(lease.signal.reason, reason);
    assert.equal(await lease.fail(rateLimited()), null);
    assert.equal(await errorOf(lease.next()), reason);
    assert.deepEqual(events, ['attempt a']);
    await settled();
    assert.deepEqual(reservations(dir), []);
  });

  test('is the reason of a signal that is aborted between two leases', async (t) => {
    const controller = new AbortController();
    const { first, events } = leased(accounts(t, ['a', 'b']), { signal: controller.signal });
    const lease = await first;
    await lease.fail(rateLimited());
    controller.abort('enough');
    assert.equal(await errorOf(lease.next()), 'enough');
    assert.deepEqual(events, ['attempt a', 'failed a']);
  });

  test('leaves no listener on the caller’s signal', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const { signal } = new AbortController();
    let listeners = 0;
    for (const [name, step] of [
      ['addEventListener', 1],
      ['removeEventListener', -1],
    ]) {
      const original = signal[name];
      signal[name] = (...args) => {
        listeners += step;
        return original.apply(signal, args);
      };
    }
    (await leased(dir, { signal }).first).release();
    (await leased(dir, { signal }).first).succeed();
    const lease = await leased(dir, { signal }).first;
    await lease.fail(rateLimited());
    (await lease.next()).succeed();
    assert.equal(listeners, 0);
  });
});

suite('time limits of a lease', () => {
  test('abort its signal and are booked, whatever its holder does', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const { first, events } = leased(dir, { firstByteTimeoutMs: 20 });
    const lease = await first;
    await aborted(lease.signal);
    assert.equal(lease.signal.reason.limit, 'firstByteTimeoutMs');
    assert.deepEqual(events, ['attempt a', 'failed a']);
    const seen = new Error('the socket was closed');
    assert.equal((await lease.fail(seen)).class, 'timeout');
    const next = await lease.next();
    assert.equal(next.profileId, 'b');
    next.release();
  });

  test('begin anew with each sign of life', async (t) => {
    const lease = await leased(accounts(t, ['a']), { firstByteTimeoutMs: 60_000, idleTimeoutMs: 20 }).first;
    lease.progress();
    await aborted(lease.signal);
    assert.equal(lease.signal.reason.limit, 'idleTimeoutMs');
    lease.release();
  });

  test('are not over because this process was busy when the sign of life came', async (t) => {
    const lease = await leased(accounts(t, ['a']), { idleTimeoutMs: 20 }).first;
    lease.progress();
    await setImmediate();
    const end = performance.now() + 60;
    while (performance.now() < end);
    // Timers come before this turn.
    await setImmediate();
    lease.progress();
    assert.equal(lease.signal.aborted, false);
    lease.succeed();
  });
});

suite('a lease that nobody settles', () => {
  const program = (body) => `
    import { createRequire } from 'node:module';
    const { lease } = createRequire(${JSON.stringify(import.meta.url)})('../../entry/handle/lease.js');
    const params = { provider: 'google-gemini-cli', agentDir: process.argv[1] };
    ${body}`;

  test('keeps no process alive', async (t) => {
    const dir = accounts(t, ['a']);
    const { code } = node(program(`globalThis.held = await lease({ ...params, timeoutMs: 600_000 });`), dir);
    assert.equal(code, 0);
  });

  test('is released when it is collected, with one warning', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const lost = `
      for (let count = 0; count < 2; count += 1) await lease(params);
      const warnings = [];
      process.on('warning', ({ code }) => warnings.push(code));
      const { settled } = createRequire(${JSON.stringify(import.meta.url)})('../../index.js');
      const { spawnSync } = await import('node:child_process');
      const pool = () => String(spawnSync('cat', [params.agentDir + '/auth-profiles.json.native-pool']).stdout);
      for (;;) {
        gc();
        await new Promise((resolve) => setTimeout(resolve, 10));
        await settled();
        if (!pool().includes('reservations')) break;
      }
      console.log(JSON.stringify(warnings));`;
    const { code, stdout, stderr } = node(program(lost), dir, ['--expose-gc']);
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), ['WARN_LEASE_LOST']);
  });
});

suite('a lease of an account whose secret is elsewhere', () => {
  const referring = (t) =>
    new AgentDir(
      t,
      storeOf({
        a: { type: 'api_key', provider: 'acme', keyRef: 'vault/a' },
        b: { type: 'api_key', provider: 'acme', keyRef: 'vault/b' },
      }),
    );
  const secrets = { 'vault/b': 'secret-of-b' };
  const resolveSecret = async (reference) => secrets[reference];

  test('comes when that was looked up; whose is not found is passed over', async (t) => {
    const { first, events } = leased(referring(t), { provider: 'acme', resolveSecret });
    const lease = await first;
    assert.deepEqual([lease.profileId, lease.apiKey], ['b', 'secret-of-b']);
    assert.deepEqual(events, ['attempt a', 'failed a', 'attempt b']);
    const { text } = await lease.fail(new Error('your key secret-of-b is unwelcome'));
    assert.doesNotMatch(text, /secret-of-b/);
    lease.release();
  });

  test('is not given when the signal is aborted meanwhile', async (t) => {
    const controller = new AbortController();
    const never = () => {
      controller.abort('enough');
      return new Promise(() => {});
    };
    const { first } = leased(referring(t), { provider: 'acme', resolveSecret: never, signal: controller.signal });
    assert.equal(await errorOf(first), 'enough');
  });
});
