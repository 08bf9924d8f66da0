// Hosts that hold the lock for long, and hosts that died with it.
import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { markAuthProfileFailure } from '../../index.js';
import { AgentDir, oauth, storeOf } from '../support/agent-dir.mjs';
import { changed } from '../support/changed.mjs';
import { start } from '../support/child.mjs';
import { HOST_LOCK_OPTIONS } from '../support/host-lock.mjs';
import { isSoak } from '../support/soak.mjs';

function setUp(t) {
  const store = storeOf({ a: oauth('p') });
  const dir = new AgentDir(t, store);
  return { dir, lock: `${dir.file}.lock`, params: { store, profileId: 'a', reason: 'auth', agentDir: dir.path } };
}

/** Another process takes the lock as hosts do, and keeps it until told. */
async function startHolder(t, dir, options) {
  const holder = start(t, 'lock-holder.mjs', { file: dir.file, options: { ...HOST_LOCK_OPTIONS, ...options } });
  assert.equal(await holder.next(), 'held');
  return holder;
}

/** Resolves when the holder has given its lock a new time. */
function heartbeat(lock) {
  const before = statSync(lock).mtimeMs;
  return changed(lock, () => statSync(lock).mtimeMs !== before);
}

test('a holder that shows it lives is waited for, before and after its heartbeat', async (t) => {
  const { dir, lock, params } = setUp(t);
  const holder = await startHolder(t, dir, { update: 1_000 });
  assert.equal((await markAuthProfileFailure({ ...params, lockTimeoutMs: 20 })).reason, 'lock-timeout');
  await heartbeat(lock);
  assert.equal((await markAuthProfileFailure({ ...params, lockTimeoutMs: 20 })).reason, 'lock-timeout');
  holder.send('release');
  assert.equal(await holder.next(), 'released');
  assert.equal((await markAuthProfileFailure(params)).persisted, true);
});

test('a holder that was killed is waited for up to the stale limit only', async (t) => {
  const { dir, lock, params } = setUp(t);
  const holder = await startHolder(t, dir);
  holder.kill();
  await holder.exited;
  assert.equal((await markAuthProfileFailure({ ...params, lockTimeoutMs: 20 })).reason, 'lock-timeout');
  assert.equal(existsSync(lock), true);
  if (!isSoak) return;
  assert.equal((await markAuthProfileFailure({ ...params, lockTimeoutMs: 40_000 })).persisted, true);
});

test('a holder keeps 8 waiting processes out for longer than the stale limit', { skip: !isSoak }, async (t) => {
  const { dir, lock } = setUp(t);
  const before = dir.text();
  const holder = await startHolder(t, dir);
  const options = { lockTimeoutMs: 120_000 };
  const argument = { agentDir: dir.path, profileIds: ['a'], marks: 5, options };
  const markers = Array.from({ length: 8 }, () => start(t, 'marker.mjs', argument));
  await Promise.all(markers.map((marker) => marker.next()));
  for (const marker of markers) marker.send('go');
  // One each 15 s; the second one of three comes when a lock without any would be stale.
  for (let beat = 0; beat < 3; beat++) {
    await heartbeat(lock);
    assert.equal(dir.text(), before);
  }
  holder.send('release');
  assert.equal(await holder.next(), 'released');
  await Promise.all(markers.map((marker) => marker.next()));
  assert.equal(dir.stats('a').errorCount, 40);
});
