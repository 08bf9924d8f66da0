// withAuthProfileLock: foreign code under the store's lock.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import lockfile from 'proper-lockfile';
import { markAuthProfileUsed, upsertAuthProfile, withAuthProfileLock } from '../../index.js';
import { AgentDir, oauth, storeOf } from '../support/agent-dir.mjs';
import { start } from '../support/child.mjs';
import { HOST_LOCK_OPTIONS } from '../support/host-lock.mjs';

function setUp(t) {
  const store = storeOf({ a: oauth('p') });
  const dir = new AgentDir(t, store);
  return { dir, lock: `${dir.file}.lock`, params: { store, profileId: 'a', agentDir: dir.path } };
}

suite('what the function comes to', () => {
  for (const [name, run, expected] of [
    ['a value', () => 7, 7],
    ['nothing', () => {}, undefined],
    ['a promise', async () => ({ ok: true }), { ok: true }],
    ['a thenable', () => ({ then: (resolve) => resolve('later') }), 'later'],
  ]) {
    test(`${name} is passed on`, async (t) => {
      const { dir, lock } = setUp(t);
      assert.deepEqual(await withAuthProfileLock(dir.path, run), expected);
      assert.equal(existsSync(lock), false);
    });
  }

  for (const thrown of [new RangeError('mine'), 'a string', undefined, { code: 7 }]) {
    test(`${thrown} thrown or rejected is passed on as it is, and the lock is free`, async (t) => {
      const { dir, lock } = setUp(t);
      const throwing = [
        () => {
          throw thrown;
        },
        () => Promise.reject(thrown),
      ];
      for (const run of throwing) {
        const outcome = await withAuthProfileLock(dir.path, run).then(assert.fail, (reason) => ({ reason }));
        assert.equal(outcome.reason, thrown);
        assert.equal(existsSync(lock), false);
      }
    });
  }
});

suite('while it runs', () => {
  test('hosts are kept out', async (t) => {
    const { dir, lock } = setUp(t);
    await withAuthProfileLock(dir.path, async () => {
      assert.ok(existsSync(lock));
      await assert.rejects(lockfile.lock(dir.file, { ...HOST_LOCK_OPTIONS, retries: 0 }), { code: 'ELOCKED' });
    });
    const release = await lockfile.lock(dir.file, HOST_LOCK_OPTIONS);
    await release();
  });

  test('other native processes are kept out', async (t) => {
    const { dir } = setUp(t);
    const mark = async (options) => {
      const marker = start(t, 'marker.mjs', { agentDir: dir.path, profileIds: ['a'], marks: 1, options });
      await marker.next();
      marker.send('go');
      return (await marker.next()).last;
    };
    const before = dir.text();
    await withAuthProfileLock(dir.path, async () => {
      assert.equal((await mark({ lockTimeoutMs: 50 })).reason, 'lock-timeout');
      assert.equal(dir.text(), before);
    });
    assert.equal((await mark()).persisted, true);
  });

  test('marks and edits of this process go through, inside and beside the function', async (t) => {
    const { dir, params } = setUp(t);
    let beside;
    await withAuthProfileLock(dir.path, async () => {
      const credential = oauth('p', { refresh: 'fresh' });
      assert.deepEqual(await upsertAuthProfile({ ...params, credential }), { changed: true });
      beside = markAuthProfileUsed({ ...params, durability: 'full' });
      assert.equal((await markAuthProfileUsed(params)).persisted, true);
    });
    assert.equal((await beside).persisted, true);
    assert.equal(dir.json().profiles.a.refresh, 'fresh');
  });

  test('a mark that waited for the lock before goes through too', async (t) => {
    const { dir, params } = setUp(t);
    const release = await lockfile.lock(dir.file, HOST_LOCK_OPTIONS);
    const waiting = markAuthProfileUsed({ ...params, lockTimeoutMs: 60_000 });
    const held = withAuthProfileLock(dir.path, () => markAuthProfileUsed(params), { lockTimeoutMs: 60_000 });
    // A third one has waited and has given up: the others wait by now.
    assert.equal((await markAuthProfileUsed({ ...params, lockTimeoutMs: 50 })).persisted, false);
    await release();
    assert.equal((await waiting).persisted, true);
    assert.equal((await held).persisted, true);
  });

  test('a second call waits for the first', async (t) => {
    const { dir } = setUp(t);
    const steps = [];
    let second;
    await withAuthProfileLock(dir.path, async () => {
      second = withAuthProfileLock(dir.path, () => steps.push('second'), { lockTimeoutMs: 60_000 });
      // A third call has waited and has given up: the second waits by now.
      const third = withAuthProfileLock(dir.path, () => steps.push('third'), { lockTimeoutMs: 50 });
      await assert.rejects(third, { code: 'ERR_LOCK_TIMEOUT' });
      steps.push('first');
    });
    await second;
    assert.deepEqual(steps, ['first', 'second']);
  });
});

suite('the function is not called', () => {
  const never = () => assert.fail('it was called');

  test('when the lock stays taken', async (t) => {
    const { dir } = setUp(t);
    const release = await lockfile.lock(dir.file, HOST_LOCK_OPTIONS);
    await assert.rejects(withAuthProfileLock(dir.path, never, { lockTimeoutMs: 30 }), { code: 'ERR_LOCK_TIMEOUT' });
    await release();
  });

  test('when there is no store', async (t) => {
    const dir = new AgentDir(t);
    await assert.rejects(withAuthProfileLock(dir.path, never), { code: 'ERR_STORE_MISSING' });
  });

  test('when an argument is wrong', async () => {
    await assert.rejects(withAuthProfileLock(7, never), { code: 'ERR_INVALID_ARGUMENT', field: 'agentDir' });
    await assert.rejects(withAuthProfileLock(null, 'x'), { code: 'ERR_INVALID_ARGUMENT', field: 'run' });
    await assert.rejects(withAuthProfileLock(null, never, { lockForm: 1 }), { field: 'options.lockForm' });
  });
});

suite('a worker that ends', () => {
  test('while it holds the lock gives it back', async (t) => {
    const { dir, lock, params } = setUp(t);
    const program = `
      const { parentPort, workerData } = require('node:worker_threads');
      const { withAuthProfileLock } = require(workerData.addon);
      withAuthProfileLock(workerData.agentDir, () => new Promise(() => parentPort.postMessage('held')));
    `;
    const addon = fileURLToPath(new URL('../../index.js', import.meta.url));
    const worker = new Worker(program, { eval: true, workerData: { addon, agentDir: dir.path } });
    await once(worker, 'message');
    assert.ok(existsSync(lock));
    await worker.terminate();
    const release = await lockfile.lock(dir.file, { retries: { retries: 100, minTimeout: 10, maxTimeout: 50 } });
    await release();
    assert.equal((await markAuthProfileUsed(params)).persisted, true);
  });
});
