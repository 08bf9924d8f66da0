// The lock that JavaScript sees: we respect it, others respect ours, and an abandoned one does not stop anybody.
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import lockfile from 'proper-lockfile';
import { markAuthProfileFailure, markAuthProfileUsed } from '../../index.js';
import { AgentDir, oauth, storeOf } from '../support/agent-dir.mjs';
import { start } from '../support/child.mjs';
import { flushed } from '../support/flush.mjs';
import { HOST_LOCK_OPTIONS } from '../support/host-lock.mjs';
import { cannotStop, stopWhile } from '../support/stopped.mjs';

function setUp(t) {
  const store = storeOf({ a: oauth('p') });
  const dir = new AgentDir(t, store);
  return { dir, lock: `${dir.file}.lock`, params: { store, profileId: 'a', agentDir: dir.path } };
}

const age = (path, seconds) => {
  const then = new Date(Date.now() - seconds * 1000);
  utimesSync(path, then, then);
};

suite('a holder that uses proper-lockfile with the host options', () => {
  test('keeps us out while it holds', async (t) => {
    const { dir, params } = setUp(t);
    const before = dir.text();
    const release = await lockfile.lock(dir.file, HOST_LOCK_OPTIONS);
    const result = await markAuthProfileUsed({ ...params, lockTimeoutMs: 50 });
    assert.deepEqual([result.persisted, result.reason, result.code], [false, 'lock-timeout', 'ERR_LOCK_TIMEOUT']);
    assert.equal(dir.text(), before);
    await release();
    assert.equal((await markAuthProfileUsed(params)).persisted, true);
  });

  test('lets us in when it releases', async (t) => {
    const { dir, params } = setUp(t);
    const release = await lockfile.lock(dir.file, HOST_LOCK_OPTIONS);
    let isBooked = false;
    const mark = markAuthProfileUsed({ ...params, lockTimeoutMs: 60_000 });
    mark.then(() => (isBooked = true));
    // A second one has waited and has given up: the first one waits by now.
    assert.equal((await markAuthProfileUsed({ ...params, lockTimeoutMs: 50 })).persisted, false);
    assert.equal(isBooked, false);
    await release();
    assert.equal((await mark).persisted, true);
  });

  test('is kept out while we hold', { skip: cannotStop }, async (t) => {
    const { dir, lock, params } = setUp(t);
    const marks = 400;
    const marker = start(t, 'marker.mjs', { agentDir: dir.path, profileIds: ['a'], marks });
    await marker.next();
    marker.send('go');
    // The marker stands in the middle of a mark, and goes on after the host has tried.
    for (let round = 0; round < 5; round++) {
      await stopWhile(marker, lock);
      await assert.rejects(lockfile.lock(dir.file, { ...HOST_LOCK_OPTIONS, retries: 0 }), { code: 'ELOCKED' });
      marker.kill('SIGCONT');
    }
    assert.equal((await marker.next()).persisted, marks);
    assert.equal(dir.stats('a').errorCount, marks);
    assert.equal((await markAuthProfileUsed(params)).persisted, true);
  });
});

suite('an abandoned lock', () => {
  test('a directory older than the stale limit is taken over', async (t) => {
    const { lock, params } = setUp(t);
    mkdirSync(lock);
    age(lock, 31);
    assert.equal((await markAuthProfileUsed({ ...params, lockTimeoutMs: 2_000 })).persisted, true);
    assert.equal(existsSync(lock), false);
  });

  test('a directory younger than the stale limit is not', async (t) => {
    const { lock, params } = setUp(t);
    mkdirSync(lock);
    age(lock, 25);
    assert.equal((await markAuthProfileUsed({ ...params, lockTimeoutMs: 50 })).persisted, false);
    rmdirSync(lock);
  });

  test('a directory from the future belongs to a proper-lockfile holder and is respected', async (t) => {
    const { lock, params } = setUp(t);
    mkdirSync(lock);
    age(lock, -1);
    assert.equal((await markAuthProfileUsed({ ...params, lockTimeoutMs: 50 })).persisted, false);
  });

  for (const [name, content, seconds, taken] of [
    ['a dead process', { pid: 4_194_303, createdAt: new Date().toISOString() }, 0, true],
    ['a living process', { pid: process.ppid, createdAt: new Date().toISOString() }, 0, false],
    ['a living process with another start time', { pid: process.ppid, starttime: 1 }, 0, process.platform === 'linux'],
    ['a process that started after the lock was made', { pid: process.ppid }, 86_400 * 365, true],
    ['a living process, beyond the limit and without a start time', { pid: process.ppid }, 31, true],
    ['nobody, written just now', '', 0, false],
    ['nobody, written a while ago', '', 5, true],
    ['garbage, written a while ago', 'not json', 5, true],
  ]) {
    test(`a pid file of ${name} is ${taken ? 'taken over' : 'respected'}`, async (t) => {
      const { lock, params } = setUp(t);
      writeFileSync(lock, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
      age(lock, seconds);
      const result = await markAuthProfileUsed({ ...params, lockTimeoutMs: taken ? 5_000 : 50 });
      assert.equal(result.persisted, taken);
      assert.equal(existsSync(lock), !taken);
    });
  }
});

suite('the lock we make', () => {
  test('leaves nothing but the sidecar behind', async (t) => {
    const { dir, params } = setUp(t);
    await markAuthProfileUsed(params);
    await markAuthProfileUsed({ ...params, lockForm: 'pid-file' });
    await flushed(dir.file);
    assert.deepEqual(readdirSync(dir.path), ['auth-profiles.json', 'auth-profiles.json.native-lock']);
  });

  test('lies beside the real file when the store is a link', { skip: process.platform === 'win32' }, async (t) => {
    const { dir, params } = setUp(t);
    const linked = new AgentDir(t);
    symlinkSync(dir.file, linked.file);
    const release = await lockfile.lock(dir.file, HOST_LOCK_OPTIONS);
    assert.equal((await markAuthProfileUsed({ ...params, agentDir: linked.path, lockTimeoutMs: 50 })).persisted, false);
    await release();
    assert.equal((await markAuthProfileUsed({ ...params, agentDir: linked.path })).persisted, true);
    assert.ok(statSync(linked.file).isFile());
    assert.deepEqual(readdirSync(linked.path), ['auth-profiles.json']);
    assert.ok(dir.stats('a').lastUsed > 0);
  });
});

test('a lock that stays taken ends in a typed error with strict, naming file, holder and wait', async (t) => {
  const { dir, params } = setUp(t);
  const release = await lockfile.lock(dir.file, HOST_LOCK_OPTIONS);
  await assert.rejects(markAuthProfileUsed({ ...params, lockTimeoutMs: 50, strict: true }), (error) => {
    assert.equal(error.code, 'ERR_LOCK_TIMEOUT');
    assert.equal(error.path, dir.file);
    assert.match(error.holder, /auth-profiles\.json\.lock/);
    assert.ok(error.waitedMs >= 50 && error.lockAgeMs !== null);
    return true;
  });
  await release();
});

test('64 marks at once are all booked, in their order', async (t) => {
  const { dir, params } = setUp(t);
  await Promise.all(Array.from({ length: 64 }, () => markAuthProfileFailure({ ...params, reason: 'auth' })));
  assert.equal(dir.stats('a').errorCount, 64);
  assert.equal(params.store.usageStats.a.errorCount, 64);
});

test('the record in the sidecar says nothing but who locked', async (t) => {
  const { dir, params } = setUp(t);
  await markAuthProfileUsed(params);
  const record = JSON.parse(readFileSync(join(dir.path, 'auth-profiles.json.native-lock'), 'utf8'));
  const where = process.platform === 'darwin' ? [] : ['boot', 'namespace'];
  assert.deepEqual(Object.keys(record), ['pid', 'started', 'device', 'inode', 'modifiedNs', ...where]);
  assert.equal(record.pid, process.pid);
});
