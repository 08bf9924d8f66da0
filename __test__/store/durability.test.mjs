// Relaxed marks do not wait for the disk: until a flush has, the last safe version stays reachable.
import assert from 'node:assert/strict';
import {
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { suite, test } from 'node:test';
import { markAuthProfileFailure, markAuthProfileUsed, readAuthProfileStore } from '../../index.js';
import { AgentDir, hostText, oauth, storeOf } from '../support/agent-dir.mjs';
import { start } from '../support/child.mjs';
import { flushed, recoveryCopy } from '../support/flush.mjs';

function setUp(t) {
  const store = storeOf({ a: oauth('p') });
  const dir = new AgentDir(t, store);
  const params = { store, profileId: 'a', agentDir: dir.path, reason: 'auth' };
  return { dir, copy: recoveryCopy(dir.file), params };
}

suite('a relaxed mark', () => {
  test('keeps the version before it as a hard link, with its mode, until the flush', async (t) => {
    const { dir, copy, params } = setUp(t);
    const before = { text: dir.text(), inode: statSync(dir.file).ino };
    await markAuthProfileFailure(params);
    assert.equal(readFileSync(copy, 'utf8'), before.text);
    assert.equal(statSync(copy).ino, before.inode);
    assert.equal(statSync(copy).mode & 0o777, 0o600);
    await flushed(dir.file);
    assert.equal(dir.stats('a').errorCount, 1);
    assert.deepEqual(readdirSync(dir.path), ['auth-profiles.json', 'auth-profiles.json.native-lock']);
  });

  test('keeps the oldest unflushed version, however many marks follow', async (t) => {
    const { dir, copy, params } = setUp(t);
    const before = dir.text();
    for (let mark = 0; mark < 5; mark++) await markAuthProfileFailure(params);
    assert.equal(readFileSync(copy, 'utf8'), before);
  });

  test('is the default, and full leaves no copy', async (t) => {
    const { copy, params } = setUp(t);
    await markAuthProfileFailure({ ...params, durability: 'full' });
    assert.equal(existsSync(copy), false);
    await markAuthProfileFailure(params);
    assert.equal(existsSync(copy), true);
    await markAuthProfileFailure({ ...params, durability: 'full' });
    assert.equal(existsSync(copy), false);
  });

  test('becomes a full one where the copy has other credentials than the store', async (t) => {
    const { dir, copy, params } = setUp(t);
    await markAuthProfileFailure(params);
    // A host logs in again before the flush.
    const store = dir.json();
    store.profiles.a.refresh = 'newer-secret';
    writeFileSync(dir.file, hostText(store));
    await markAuthProfileFailure(params);
    assert.equal(existsSync(copy), false);
    assert.equal(dir.json().profiles.a.refresh, 'newer-secret');
    assert.equal(dir.stats('a').errorCount, 2);
  });

  test('does not keep Node alive until the flush', async (t) => {
    const { dir, copy } = setUp(t);
    const marker = start(t, 'marker.mjs', { agentDir: dir.path, profileIds: ['a'], marks: 1 });
    await marker.next();
    marker.send('go');
    await marker.next();
    await marker.exited;
    assert.equal(existsSync(copy), true);
  });
});

suite('after a power cut', () => {
  /** The store as a file system may bring it back: the rename is there, the content is not. */
  const cut = (dir, text) => {
    const kept = dir.text();
    // A new file, so that the copy keeps its content.
    renameSync(dir.file, recoveryCopy(dir.file));
    dir.write(text);
    return kept;
  };

  for (const [name, text] of [
    ['empty', ''],
    ['cut short', '{"version":1,"profiles":{"a":{"type"'],
    ['full of zeros', '\0'.repeat(400)],
  ]) {
    test(`a store that is ${name} is read from the copy, and put back`, async (t) => {
      const { dir } = setUp(t);
      const kept = cut(dir, text);
      assert.equal((await readAuthProfileStore({ agentDir: dir.path })).profiles.a.refresh, 'refresh-secret');
      await flushed(dir.file);
      assert.equal(dir.text(), kept);
    });

    test(`a mark on a store that is ${name} starts from the copy`, async (t) => {
      const { dir, params } = setUp(t);
      cut(dir, text);
      assert.equal((await markAuthProfileFailure(params)).persisted, true);
      assert.equal(dir.stats('a').errorCount, 1);
      assert.equal(dir.json().profiles.a.refresh, 'refresh-secret');
    });
  }

  test('a store that somebody edited wrongly is nobody else to replace', async (t) => {
    const { dir, params } = setUp(t);
    const wrong = '{"profiles":{"a":{"type":"oauth","provider":"p",}}}';
    cut(dir, wrong);
    const result = await markAuthProfileUsed(params);
    assert.deepEqual([result.persisted, result.reason], [false, 'unreadable']);
    await assert.rejects(readAuthProfileStore({ agentDir: dir.path }), { code: 'ERR_STORE_UNREADABLE' });
    assert.equal(dir.text(), wrong);
  });

  test('a copy that is cut too is no help', async (t) => {
    const { dir, params } = setUp(t);
    cut(dir, '');
    truncateSync(recoveryCopy(dir.file), 20);
    assert.equal((await markAuthProfileUsed(params)).reason, 'unreadable');
    assert.equal(dir.text(), '');
  });
});

test('whoever finds the copy of a process that died flushes the store', async (t) => {
  const { dir } = setUp(t);
  linkSync(dir.file, recoveryCopy(dir.file));
  await readAuthProfileStore({ agentDir: dir.path });
  await flushed(dir.file);
});
