// Disks and directories that refuse: a typed reason, the store as it was, the mark in effect in this process.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { isProfileInCooldown, markAuthProfileFailure } from '../../index.js';
import { AgentDir, oauth, storeOf } from '../support/agent-dir.mjs';
import { start } from '../support/child.mjs';
import { flushed } from '../support/flush.mjs';

const posix = { skip: process.platform === 'win32' };
const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;

const failure = (dir, more) => {
  const store = storeOf({ a: oauth('p') });
  return { store, profileId: 'a', reason: 'auth', agentDir: dir.path, ...more };
};

/** One mark by another process, started with `options`. */
async function markElsewhere(t, dir, options) {
  const marker = start(t, 'marker.mjs', { agentDir: dir.path, profileIds: ['a'], marks: 1 }, options);
  await marker.next();
  marker.send('go');
  return (await marker.next()).last;
}

suite('a full disk', { skip: !isRoot || process.platform !== 'linux' }, () => {
  /** A store on a file system of 64 kB. */
  function onSmallDisk(t) {
    const dir = new AgentDir(t);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', dir.path]);
    if (mounted.status !== 0) {
      t.skip('no right to mount');
      return null;
    }
    dir.undo.push(() => spawnSync('umount', ['-l', dir.path]));
    dir.write(storeOf({ a: oauth('p', { padding: 'x'.repeat(20_000) }) }));
    return dir;
  }

  const fill = (dir) => {
    const filler = join(dir.path, 'filler');
    assert.throws(() => writeFileSync(filler, Buffer.alloc(100_000)), { code: 'ENOSPC' });
    return filler;
  };

  for (const durability of ['relaxed', 'full']) {
    test(`has a code of its own and takes nothing (${durability})`, async (t) => {
      const dir = onSmallDisk(t);
      if (!dir) return;
      const before = dir.text();
      const filler = fill(dir);
      const params = failure(dir, { durability });
      const result = await markAuthProfileFailure(params);
      assert.deepEqual([result.persisted, result.reason, result.code], [false, 'no-space', 'ERR_STORE_NO_SPACE']);
      assert.equal(dir.text(), before);
      assert.equal(isProfileInCooldown(params.store, 'a'), true);
      rmSync(filler);
      assert.equal((await markAuthProfileFailure(params)).persisted, true);
      await flushed(dir.file);
      assert.deepEqual(readdirSync(dir.path), ['auth-profiles.json', 'auth-profiles.json.native-lock']);
    });
  }
});

test('a file-size limit has the same code and takes nothing', posix, async (t) => {
  const dir = new AgentDir(t, storeOf({ a: oauth('p', { padding: 'x'.repeat(4_000) }) }));
  const before = dir.text();
  // A shell sets the limit, of at most 1 kB, and becomes Node.
  const execArgv = ['-c', 'ulimit -f 1 && exec "$0" "$@"', process.execPath];
  const result = await markElsewhere(t, dir, { execPath: '/bin/sh', execArgv });
  assert.deepEqual([result.persisted, result.reason, result.code], [false, 'no-space', 'ERR_STORE_NO_SPACE']);
  assert.equal(dir.text(), before);
  assert.deepEqual(readdirSync(dir.path), ['auth-profiles.json', 'auth-profiles.json.native-lock']);
});

suite('a store of another user', { skip: !isRoot || process.platform === 'win32' }, () => {
  const asNobody = { uid: NOBODY, gid: NOBODY, cwd: '/' };

  test('stays that of its owner when root marks it', async (t) => {
    const dir = new AgentDir(t, storeOf({ a: oauth('p') }));
    chownSync(dir.file, 12_345, 23_456);
    chmodSync(dir.file, 0o640);
    assert.equal((await markAuthProfileFailure(failure(dir))).persisted, true);
    const { uid, gid, mode } = statSync(dir.file);
    assert.deepEqual([uid, gid, mode & 0o777], [12_345, 23_456, 0o640]);
  });

  for (const [name, directoryMode, fileMode] of [
    ['in a directory without write permission', 0o755, 0o644],
    ['without read permission', 0o777, 0o600],
  ]) {
    test(`${name} is read-only to others`, async (t) => {
      const dir = new AgentDir(t, storeOf({ a: oauth('p') }));
      chmodSync(dir.path, directoryMode);
      chmodSync(dir.file, fileMode);
      const before = dir.text();
      const result = await markElsewhere(t, dir, asNobody);
      assert.deepEqual([result.persisted, result.reason, result.code], [false, 'read-only', 'ERR_STORE_READ_ONLY']);
      assert.equal(dir.text(), before);
      assert.equal(existsSync(`${dir.file}.lock`), false);
    });
  }

  test('that all may write keeps its mode when another one marks it', async (t) => {
    const dir = new AgentDir(t, storeOf({ a: oauth('p') }));
    chmodSync(dir.path, 0o777);
    chmodSync(dir.file, 0o666);
    assert.equal((await markElsewhere(t, dir, asNobody)).persisted, true);
    assert.equal(statSync(dir.file).mode & 0o777, 0o666);
  });
});

test('a directory that has vanished is not made again', async (t) => {
  const dir = new AgentDir(t, storeOf({ a: oauth('p') }));
  await markAuthProfileFailure(failure(dir, { durability: 'full' }));
  rmSync(dir.path, { recursive: true });
  dir.undo.push(() => mkdirSync(dir.path, { recursive: true }));
  const params = failure(dir);
  const result = await markAuthProfileFailure(params);
  assert.deepEqual([result.persisted, result.reason, result.code], [false, 'missing', 'ERR_STORE_MISSING']);
  assert.equal(isProfileInCooldown(params.store, 'a'), true);
  assert.equal(existsSync(dir.path), false);
});

test('two agents with links to one file exclude each other', posix, async (t) => {
  const dir = new AgentDir(t, storeOf({ a: oauth('p') }));
  const links = [new AgentDir(t), new AgentDir(t)];
  for (const link of links) symlinkSync(dir.file, link.file);
  const markers = [dir, ...links].map((agent) =>
    start(t, 'marker.mjs', { agentDir: agent.path, profileIds: ['a'], marks: 50 }),
  );
  await Promise.all(markers.map((marker) => marker.next()));
  for (const marker of markers) marker.send('go');
  await Promise.all(markers.map((marker) => marker.next()));
  assert.equal(dir.stats('a').errorCount, 150);
  for (const link of links) assert.deepEqual(readdirSync(link.path), ['auth-profiles.json']);
});
