// runWithAuthProfiles: time that is over, callers that abort, and functions that settle late or never.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { chmodSync, mkdirSync, rmdirSync } from 'node:fs';
import { suite, test } from 'node:test';
import {
  clearAuthProfileCooldown,
  describeAuthProfiles,
  isTimeoutError,
  readAuthProfileStore,
  removeAuthProfile,
  runWithAuthProfiles,
  settled,
} from '../../index.js';
import { freeze, T0 } from '../support/agent-dir.mjs';
import { start } from '../support/child.mjs';
import { accounts, errorOf, PROVIDER, rateLimited, run } from '../support/runs.mjs';

const never = () => new Promise(() => {});

suite('a timeout', () => {
  test('gives the turn up, is counted, rests no account and asks the next', async (t) => {
    freeze(t);
    const dir = accounts(t, ['a', 'b']);
    let reason;
    const hang = ({ signal }) => {
      signal.addEventListener('abort', () => (reason = signal.reason));
      return never();
    };
    const { answer, asked } = run(dir, { a: hang, b: 'ok' }, { timeoutMs: 20, model: 'm' });
    assert.equal((await answer).result, 'ok');
    assert.deepEqual(asked, ['a', 'b']);
    assert.equal(reason.name, 'TimeoutError');
    assert.ok(isTimeoutError(reason));
    assert.deepEqual(dir.stats('a'), { failureCounts: { timeout: 1 } });
  });

  test('of the last account is the cause of having no answer', async (t) => {
    const error = await errorOf(run(accounts(t, ['a']), { a: never }, { timeoutMs: 20 }).answer);
    assert.equal(error.code, 'ERR_PROVIDER_UNAVAILABLE');
    assert.deepEqual([error.cause.name, error.failure.class], ['TimeoutError', 'timeout']);
  });

  for (const [name, settle] of [
    ['an answer', (resolve) => resolve('late')],
    ['a failure', (_, reject) => reject(rateLimited(3600))],
  ]) {
    test(`${name} that comes later changes nothing`, async (t) => {
      freeze(t);
      const unhandled = [];
      const listener = (error) => unhandled.push(error);
      process.on('unhandledRejection', listener);
      t.after(() => process.off('unhandledRejection', listener));
      const dir = accounts(t, ['a', 'b']);
      let late;
      const slow = () => new Promise((resolve, reject) => (late = () => settle(resolve, reject)));
      const { answer } = run(dir, { a: slow, b: 'ok' }, { timeoutMs: 20 });
      assert.equal((await answer).result, 'ok');
      const before = dir.stats('a');
      late();
      // Bookings are written in the order in which they come: what is booked of a run that begins now comes later.
      assert.equal((await run(dir, { b: 'ok' }, { preferredProfile: 'b' }).answer).profileId, 'b');
      assert.deepEqual(dir.stats('a'), before);
      assert.deepEqual(unhandled, []);
    });
  }
});

suite('an abort by the caller', () => {
  test('before the start: nothing is read, called or booked', async (t) => {
    const dir = accounts(t, ['a']);
    const reason = { mine: true };
    const { answer, asked } = run(dir, { a: 'ok' }, { signal: AbortSignal.abort(reason) });
    assert.equal(await errorOf(answer), reason);
    assert.deepEqual(asked, []);
  });

  test("ends the attempt with the caller's own reason, and nothing cools or rotates", async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const before = dir.text();
    const controller = new AbortController();
    const reason = new Error('mine');
    let seen;
    const hang = ({ signal }) => {
      signal.addEventListener('abort', () => (seen = signal.reason));
      controller.abort(reason);
      return never();
    };
    const { answer, asked } = run(dir, { a: hang, b: 'ok' }, { signal: controller.signal });
    assert.equal(await errorOf(answer), reason);
    assert.equal(seen, reason);
    assert.deepEqual(asked, ['a']);
    assert.equal(dir.text(), before);
  });

  test('by a timeout of its own is still an abort: a spent budget starts no cascade', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const before = dir.text();
    const controller = new AbortController();
    // As AbortSignal.timeout does it, and surely while `a` is asked.
    const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    const hang = () => {
      controller.abort(reason);
      return never();
    };
    const { answer, asked } = run(dir, { a: hang, b: 'ok' }, { signal: controller.signal });
    assert.equal(await errorOf(answer), reason);
    assert.deepEqual(asked, ['a']);
    assert.equal(dir.text(), before);
  });

  test('in the same moment as a 429: the 429 is booked, and the run ends with the reason', async (t) => {
    freeze(t);
    const dir = accounts(t, ['a', 'b']);
    const controller = new AbortController();
    const reason = new Error('mine');
    const refused = () => {
      controller.abort(reason);
      return rateLimited();
    };
    const { answer, asked } = run(dir, { a: refused, b: 'ok' }, { signal: controller.signal });
    assert.equal(await errorOf(answer), reason);
    assert.deepEqual(asked, ['a']);
    assert.ok(dir.stats('a').cooldownUntil > T0);
  });

  test('an AbortError that nobody asked for is passed on', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const before = dir.text();
    const mine = new DOMException('This operation was aborted', 'AbortError');
    const { answer, asked } = run(dir, { a: mine });
    assert.equal(await errorOf(answer), mine);
    assert.deepEqual([asked, dir.text()], [['a'], before]);
  });

  for (const step of ['skipped', 'attempt']) {
    test(`by the listener of "${step}": nobody is asked any more`, async (t) => {
      freeze(t);
      const resting = { cooldownUntil: T0 + 60_000, lastFailureAt: T0 };
      const dir = accounts(t, ['a', 'b'], { usageStats: { b: resting } });
      const before = dir.text();
      const controller = new AbortController();
      const reason = new Error('mine');
      const onEvent = ({ type }) => type === step && controller.abort(reason);
      const { answer, asked } = run(dir, { a: 'ok' }, { signal: controller.signal, onEvent });
      assert.equal(await errorOf(answer), reason);
      assert.deepEqual([asked, dir.text()], [[], before]);
    });
  }

  test('does not wait for a lock that is stuck, and the failure is booked when it is free', async (t) => {
    freeze(t, Date.now());
    const dir = accounts(t, ['a', 'b']);
    mkdirSync(`${dir.file}.lock`);
    const controller = new AbortController();
    const reason = new Error('mine');
    const onEvent = ({ type }) => type === 'failed' && controller.abort(reason);
    const options = { signal: controller.signal, onEvent, lockTimeoutMs: 60_000 };
    const { given, answer, asked } = run(dir, { a: rateLimited() }, options);
    assert.equal(await errorOf(given), reason);
    assert.deepEqual(asked, ['a']);
    rmdirSync(`${dir.file}.lock`);
    await errorOf(answer);
    assert.ok(dir.stats('a').cooldownUntil !== undefined);
  });

  test('leaves no listener behind, however a run ends', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const { signal } = new AbortController();
    await run(dir, { a: 'ok', b: 'ok' }, { signal }).answer;
    await errorOf(run(dir, { else: rateLimited }, { signal }).answer);
    await errorOf(run(dir, {}, { signal }).answer);
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });

  test('ends all runs that share a signal, which has one listener for them', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const controller = new AbortController();
    const { signal } = controller;
    const reason = new Error('the server ends');
    const waiting = Array.from(
      { length: 30 },
      () => run(dir, { else: () => new Promise(() => {}) }, { signal }).answer,
    );
    const { answer } = run(dir, { else: 'ok' }, { signal });
    assert.equal((await answer).result, 'ok');
    assert.equal(getEventListeners(signal, 'abort').length, 1);
    controller.abort(reason);
    assert.deepEqual(await Promise.all(waiting.map(errorOf)), Array(30).fill(reason));
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });
});

suite('a store that cannot be written', { skip: process.platform === 'win32' }, () => {
  test('the answer comes all the same, and the cooldown holds in this process', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    chmodSync(dir.file, 0o444);
    chmodSync(dir.path, 0o555);
    // Root may write anywhere, so another user asks.
    const user = process.getuid() === 0 ? { uid: 65_534, gid: 65_534, cwd: '/' } : {};
    const runner = start(t, 'runner.mjs', { agentDir: dir.path, provider: PROVIDER }, user);
    assert.equal(await runner.next(), 'ready');
    runner.send({ id: 'first', act: 'refuse', maxAttempts: 1 });
    assert.equal((await runner.next()).asked, 'a');
    assert.deepEqual((await runner.next()).booked, [true]);
    runner.send({ id: 'second', act: 'answer' });
    assert.equal((await runner.next()).asked, 'b');
    assert.equal((await runner.next()).profileId, 'b');
  });
});

suite('a profile that is removed while it is asked', () => {
  const removed = (dir, then) => async () => {
    await removeAuthProfile({ agentDir: dir.path, profileId: 'a' });
    return then;
  };

  test('is not booked, and the next one answers', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const { answer } = run(dir, { a: removed(dir, rateLimited()), b: 'ok' });
    assert.equal((await answer).profileId, 'b');
    assert.equal(dir.stats('a'), undefined);
  });

  test('gives its answer, and does not come back by it', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const { answer } = run(dir, { a: removed(dir, 'ok') });
    assert.equal((await answer).profileId, 'a');
    const { profiles, usageStats } = dir.json();
    assert.deepEqual([Object.keys(profiles), usageStats?.a], [['b'], undefined]);
  });
});

suite('a store that somebody else has locked', () => {
  test('delays neither an answer nor the next account, and what was met holds in this process', async (t) => {
    freeze(t, Date.now());
    const dir = accounts(t, ['a', 'b']);
    mkdirSync(`${dir.file}.lock`);
    const before = dir.text();
    const first = run(dir, { a: rateLimited(), b: 'ok' }, { lockTimeoutMs: 60_000 });
    assert.equal((await first.given).result, 'ok');
    const second = run(dir, { else: 'ok' }, { lockTimeoutMs: 60_000 });
    await second.given;
    assert.deepEqual([first.asked, second.asked], [['a', 'b'], ['b']]);
    // Whoever asks this process is told, too.
    const { profiles } = await describeAuthProfiles({ agentDir: dir.path });
    assert.deepEqual(
      profiles.map(({ profileId, state }) => [profileId, state]),
      [
        ['b', 'ready'],
        ['a', 'cooling'],
      ],
    );
    assert.ok((await readAuthProfileStore({ agentDir: dir.path })).usageStats.a.cooldownUntil > Date.now());
    // The lock is still held: nothing was written behind the holder's back.
    assert.equal(dir.text(), before);
    rmdirSync(`${dir.file}.lock`);
    await settled();
  });

  test('gets what it missed when the lock is free, counted once, and it can be cleared there', async (t) => {
    const clock = freeze(t, Date.now());
    const dir = accounts(t, ['a', 'b']);
    mkdirSync(`${dir.file}.lock`);
    // So short a wait for the lock ends, and is begun again.
    await run(dir, { a: rateLimited(3600), b: 'ok' }, { lockTimeoutMs: 1 }).given;
    rmdirSync(`${dir.file}.lock`);
    assert.deepEqual(await settled(), { unwritten: 0 });
    const { errorCount, lastFailureAt, cooldownUntil } = dir.stats('a');
    assert.deepEqual([errorCount, lastFailureAt, cooldownUntil > clock.now], [1, clock.now, true]);
    await clearAuthProfileCooldown({ store: dir.json(), profileId: 'a', agentDir: dir.path });
    const { answer, asked } = run(dir, { else: 'ok' }, { preferredProfile: 'a' });
    await answer;
    assert.deepEqual(asked, ['a']);
  });
});

suite('arguments', () => {
  const dir = { path: '/nowhere' };
  const good = { provider: PROVIDER, agentDir: dir.path, run: () => {} };
  for (const [field, value] of [
    ['provider', undefined],
    ['provider', ' '],
    ['provider', 7],
    ['run', undefined],
    ['run', 'text'],
    ['model', 7],
    ['agentDir', 7],
    ['cfg', 'text'],
    ['preferredProfile', 7],
    ['sessionKey', 7],
    ['requestKey', {}],
    ['strategy', 'random'],
    ['signal', {}],
    ['timeoutMs', 0],
    ['timeoutMs', Number.NaN],
    ['timeoutMs', '5'],
    ['firstByteTimeoutMs', 0],
    ['idleTimeoutMs', -1],
    ['force', 'yes'],
    ['maxAttempts', 0],
    ['maxAttempts', 1.5],
    ['replay', 'never'],
    ['onEvent', 'text'],
    ['policy', 'kind'],
    ['lockTimeoutMs', -1],
  ]) {
    test(`${field}: ${String(value)} is refused by name`, async () => {
      const error = await errorOf(runWithAuthProfiles({ ...good, [field]: value }));
      assert.ok(error instanceof TypeError);
      assert.deepEqual([error.code, error.field], ['ERR_INVALID_ARGUMENT', `params.${field}`]);
    });
  }

  test('a pinned strategy needs a profile', async () => {
    const error = await errorOf(runWithAuthProfiles({ ...good, strategy: 'pinned' }));
    assert.equal(error.field, 'params.preferredProfile');
  });

  for (const field of ['provider', 'run', 'model', 'cfg', 'signal', 'timeoutMs', 'onEvent']) {
    test(`${field}: what its getter throws is what the promise rejects with`, async () => {
      const mine = new Error('mine');
      const params = Object.defineProperty({ ...good }, field, {
        get() {
          throw mine;
        },
      });
      assert.equal(await errorOf(runWithAuthProfiles(params)), mine);
    });
  }

  test('no argument at all', async () => {
    assert.equal((await errorOf(runWithAuthProfiles())).code, 'ERR_INVALID_ARGUMENT');
  });

  test('a store that is missing or broken is said to be so', async (t) => {
    assert.equal((await errorOf(runWithAuthProfiles(good))).code, 'ERR_STORE_MISSING');
    const broken = accounts(t, ['a']);
    broken.write('{"profiles": [oops]}');
    const error = await errorOf(run(broken, {}).answer);
    assert.equal(error.code, 'ERR_STORE_UNREADABLE');
  });
});
