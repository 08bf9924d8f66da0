// Whom runWithAuthProfiles asks: order, sessions, other processes' requests, and the first request after a rest.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { freeze, HOUR, MINUTE, T0 } from '../support/agent-dir.mjs';
import { start } from '../support/child.mjs';
import { accounts, errorOf, PROVIDER, rateLimited, run } from '../support/runs.mjs';

const askedBy = async (dir, options = {}, behaviour = { else: 'ok' }) => {
  const { answer, asked } = run(dir, behaviour, options);
  await answer;
  return asked;
};

/** A function for `run` that stays under way until it is let go, and a promise of its having begun. */
function held() {
  let begin, letGo;
  const begun = new Promise((resolve) => (begin = resolve));
  const end = new Promise((resolve) => (letGo = resolve));
  const act = () => {
    begin();
    return end;
  };
  return { act, begun, letGo: () => letGo('ok') };
}

suite('order', () => {
  test('who was used longest ago is next', async (t) => {
    const clock = freeze(t);
    const dir = accounts(t, ['a', 'b', 'c']);
    const asked = [];
    for (let turn = 0; turn < 6; turn++) {
      clock.now += 1;
      asked.push(...(await askedBy(dir)));
    }
    assert.deepEqual(asked, ['a', 'b', 'c', 'a', 'b', 'c']);
  });

  test('an explicit order is priority: its first, always', async (t) => {
    const dir = accounts(t, ['a', 'b'], { order: { [PROVIDER]: ['b', 'a'] } });
    const requests = Array.from({ length: 20 }, () => askedBy(dir));
    assert.deepEqual(new Set((await Promise.all(requests)).flat()), new Set(['b']));
  });

  test("the configuration's order counts where the store has none", async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const cfg = { auth: { order: { [PROVIDER]: ['b', 'a'] } } };
    assert.deepEqual(await askedBy(dir, { cfg }), ['b']);
    dir.write({ ...dir.json(), order: { [PROVIDER]: ['a'] } });
    assert.deepEqual(await askedBy(dir, { cfg }), ['a']);
  });

  test('the configuration admits only what it lists, as what it lists', async (t) => {
    const dir = accounts(t, ['a', 'b', 'c']);
    const profiles = { b: { provider: PROVIDER, mode: 'api_key' }, c: { provider: PROVIDER, mode: 'oauth' } };
    assert.deepEqual(await askedBy(dir, { cfg: { auth: { profiles } } }), ['c']);
  });

  test('the priority strategy asks the first that is free', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const requests = Array.from({ length: 5 }, () => askedBy(dir, { strategy: 'priority' }));
    assert.deepEqual((await Promise.all(requests)).flat(), ['a', 'a', 'a', 'a', 'a']);
  });

  test('a preferred profile goes first, unless it rests', async (t) => {
    freeze(t);
    const dir = accounts(t, ['a', 'b']);
    assert.deepEqual(await askedBy(dir, { preferredProfile: 'b' }), ['b']);
    await errorOf(run(dir, { b: rateLimited(), a: rateLimited() }, { preferredProfile: 'b', maxAttempts: 1 }).answer);
    assert.deepEqual(await askedBy(dir, { preferredProfile: 'b' }), ['a']);
  });

  test('a pinned profile or nobody', async (t) => {
    freeze(t);
    const dir = accounts(t, ['a', 'b'], { usageStats: { b: { cooldownUntil: T0 + 30_000, lastFailureAt: T0 } } });
    const { answer, asked } = run(dir, { else: 'ok' }, { strategy: 'pinned', preferredProfile: 'b' });
    const error = await errorOf(answer);
    assert.deepEqual(asked, []);
    assert.deepEqual([error.code, error.nextProfileId, error.freeAt], ['ERR_NO_PROFILE_AVAILABLE', 'b', T0 + 30_000]);
  });

  test('a pinned profile that is not there is named', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const { answer, asked } = run(dir, { else: 'ok' }, { strategy: 'pinned', preferredProfile: 'old-login' });
    const error = await errorOf(answer);
    assert.deepEqual(asked, []);
    assert.deepEqual([error.code, error.nextProfileId], ['ERR_NO_PROFILE_AVAILABLE', null]);
    assert.match(error.message, new RegExp(`old-login is not in the store as a ${PROVIDER} profile`));
  });

  test('a preferred profile that is not there is passed over', async (t) => {
    const dir = accounts(t, ['a']);
    assert.deepEqual(await askedBy(dir, { preferredProfile: 'old-login' }), ['a']);
  });

  test("another model's cooldown does not count", async (t) => {
    freeze(t);
    const dir = accounts(t, ['a']);
    await errorOf(run(dir, { a: rateLimited() }, { model: 'm1' }).answer);
    assert.equal((await errorOf(run(dir, { a: 'ok' }, { model: 'm1' }).answer)).code, 'ERR_NO_PROFILE_AVAILABLE');
    assert.deepEqual(await askedBy(dir, { model: 'm2' }), ['a']);
  });
});

suite('sessions', () => {
  test('stay with their profile', async (t) => {
    const clock = freeze(t);
    const dir = accounts(t, ['a', 'b', 'c']);
    const asked = [];
    for (let turn = 0; turn < 4; turn++) {
      clock.now += 1;
      asked.push(...(await askedBy(dir, { sessionKey: 's' })));
      clock.now += 1;
      await askedBy(dir);
    }
    assert.deepEqual(asked, ['a', 'a', 'a', 'a']);
  });

  test('come back to it when it has rested, and stay with who stands in until then', async (t) => {
    const clock = freeze(t);
    const dir = accounts(t, ['a', 'b', 'c']);
    const asked = async (behaviour) => {
      clock.now += 1_000;
      return askedBy(dir, { sessionKey: 's' }, behaviour);
    };
    assert.deepEqual(await asked({ else: 'ok' }), ['a']);
    assert.deepEqual(await asked({ a: rateLimited(20), else: 'ok' }), ['a', 'b']);
    await askedBy(dir, {}, { else: 'ok' });
    assert.deepEqual(await asked({ else: 'ok' }), ['b']);
    clock.now += 20_000;
    assert.deepEqual(await asked({ else: 'ok' }), ['a']);
  });

  test('that start together are spread', async (t) => {
    const dir = accounts(t, ['a', 'b', 'c', 'd', 'e']);
    const holds = Array.from({ length: 5 }, held);
    const runs = holds.map(({ act }, index) => run(dir, { else: act }, { sessionKey: `s${index}` }));
    await Promise.all(holds.map(({ begun }) => begun));
    assert.equal(new Set(runs.flatMap(({ asked }) => asked)).size, 5);
    for (const { letGo } of holds) letGo();
    await Promise.all(runs.map(({ answer }) => answer));
  });

  test('are stored as a hash only', async (t) => {
    const dir = accounts(t, ['a']);
    await askedBy(dir, { sessionKey: '+491701234567' });
    const { readFileSync } = await import('node:fs');
    const pool = readFileSync(`${dir.file}.native-sessions`, 'utf8');
    assert.match(pool, /"home":"a"/);
    assert.doesNotMatch(pool, /491701234567/);
  });
});

suite('processes', () => {
  const started = async (t, dir) => {
    const child = start(t, 'runner.mjs', { agentDir: dir.path, provider: PROVIDER });
    assert.equal(await child.next(), 'ready');
    return child;
  };

  /** Before their directory goes: a process that is still writing would fill it again. */
  const ended = (children) =>
    Promise.all(
      children.map((child) => {
        child.kill();
        return child.exited;
      }),
    );

  test('that choose at the same moment get different accounts', async (t) => {
    const dir = accounts(t, ['a', 'b', 'c', 'd']);
    const children = await Promise.all([0, 1, 2, 3].map(() => started(t, dir)));
    for (const child of children) child.send({ id: 'x', act: 'hold' });
    const asked = await Promise.all(children.map(async (child) => (await child.next()).asked));
    await ended(children);
    assert.deepEqual(asked.sort(), ['a', 'b', 'c', 'd']);
  });

  test("see each other's cooldowns", async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const [one, two] = await Promise.all([started(t, dir), started(t, dir)]);
    one.send({ id: 'x', act: 'refuse', maxAttempts: 1 });
    const { asked } = await one.next();
    assert.deepEqual((await one.next()).booked, [true]);
    two.send({ id: 'y', act: 'answer' });
    const { asked: askedThen } = await two.next();
    await ended([one, two]);
    assert.notEqual(askedThen, asked);
  });

  test('take their reservations with them when they die', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const child = await started(t, dir);
    child.send({ id: 'x', act: 'hold' });
    const { asked } = await child.next();
    const other = asked === 'a' ? 'b' : 'a';
    assert.deepEqual(await askedBy(dir), [other]);
    child.kill();
    await child.exited;
    // The one who never answered was used longest ago, now that nobody is using it.
    assert.deepEqual(await askedBy(dir), [asked]);
  });
});

suite('workers', () => {
  test('that end give their reservations back', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const program = `
      const { parentPort, workerData } = require('node:worker_threads');
      const { runWithAuthProfiles } = require(workerData.addon);
      const run = ({ profileId }) => new Promise(() => parentPort.postMessage(profileId));
      runWithAuthProfiles({ provider: workerData.provider, agentDir: workerData.agentDir, run });
    `;
    const addon = fileURLToPath(new URL('../../index.js', import.meta.url));
    const workerData = { addon, agentDir: dir.path, provider: PROVIDER };
    const worker = new Worker(program, { eval: true, workerData });
    const [asked] = await once(worker, 'message');
    assert.notDeepEqual(await askedBy(dir), [asked]);
    await worker.terminate();
    const other = await askedBy(dir);
    // It is given back by a thread that outlives the worker for a moment.
    for (let turn = 0; turn < 1_000 && other[0] !== asked; turn++) other[0] = (await askedBy(dir))[0];
    assert.deepEqual(other, [asked]);
  });

  test('that end while an account is being chosen for them keep none', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const program = `
      const { parentPort, workerData } = require('node:worker_threads');
      const { runWithAuthProfiles } = require(workerData.addon);
      const run = () => new Promise(() => {});
      const params = { provider: workerData.provider, agentDir: workerData.agentDir, run };
      for (let request = 0; request < 20; request++) runWithAuthProfiles(params);
      parentPort.postMessage('begun');
    `;
    const addon = fileURLToPath(new URL('../../index.js', import.meta.url));
    const workerData = { addon, agentDir: dir.path, provider: PROVIDER };
    const ends = Array.from({ length: 8 }, async () => {
      const worker = new Worker(program, { eval: true, workerData });
      await once(worker, 'message');
      await worker.terminate();
    });
    await Promise.all(ends);
    // They are given back by a thread that outlives the workers for a moment.
    const underWay = () => JSON.parse(readFileSync(`${dir.file}.native-pool`, 'utf8') || '{}').reservations ?? [];
    for (let turn = 0; turn < 1_000 && underWay().length > 0; turn++) await askedBy(dir);
    assert.deepEqual(underWay(), []);
  });
});

suite('after a rest', () => {
  const rested = (t) =>
    accounts(t, ['a'], { usageStats: { a: { cooldownUntil: T0 - 1, lastFailureAt: T0 - HOUR, errorCount: 1 } } });

  /** A request, and a promise of its waiting; one that ends without waiting fails the test. */
  function waiter(dir) {
    let tell;
    const told = new Promise((resolve) => (tell = resolve));
    const request = run(dir, { a: 'ok' }, { onEvent: ({ type }) => type === 'waiting' && tell() });
    const tooEarly = request.answer.then(() => assert.fail('it did not wait'));
    tooEarly.catch(() => {});
    return { ...request, waits: Promise.race([told, tooEarly]) };
  }

  test('one request tries the account out, the others wait for its verdict and then use it', async (t) => {
    freeze(t);
    const dir = rested(t);
    const { act, begun, letGo } = held();
    const first = run(dir, { a: act });
    await begun;
    const others = Array.from({ length: 5 }, () => waiter(dir));
    await Promise.all(others.map(({ waits }) => waits));
    assert.deepEqual(
      others.flatMap(({ asked }) => asked),
      [],
    );
    assert.equal(first.events[0].probe, true);
    letGo();
    for (const { answer } of [first, ...others]) assert.equal((await answer).result, 'ok');
    for (const { asked } of others) assert.deepEqual(asked, ['a']);
  });

  test('if it is refused, nobody else asks', async (t) => {
    freeze(t);
    const dir = rested(t);
    const { act, begun, letGo } = held();
    const first = run(dir, { a: () => act().then(() => rateLimited(MINUTE / 1_000)) });
    await begun;
    const second = waiter(dir);
    await second.waits;
    letGo();
    assert.equal((await errorOf(first.answer)).code, 'ERR_NO_PROFILE_AVAILABLE');
    assert.equal((await errorOf(second.answer)).code, 'ERR_NO_PROFILE_AVAILABLE');
    assert.deepEqual(second.asked, []);
  });

  test('whoever waits can be aborted', async (t) => {
    freeze(t);
    const dir = rested(t);
    const { act, begun, letGo } = held();
    const first = run(dir, { a: act });
    await begun;
    const controller = new AbortController();
    const reason = new Error('mine');
    const onEvent = ({ type }) => type === 'waiting' && controller.abort(reason);
    const second = run(dir, { a: 'ok' }, { signal: controller.signal, onEvent });
    assert.equal(await errorOf(second.answer), reason);
    assert.deepEqual(second.asked, []);
    letGo();
    await first.answer;
  });
});
