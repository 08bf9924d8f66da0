// What a mark does not touch comes out byte for byte; what is no store is left alone; a mark that cannot be written
// still takes effect in this process.
import assert from 'node:assert/strict';
import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { isProfileInCooldown, markAuthProfileFailure, markAuthProfileGood, markAuthProfileUsed } from '../../index.js';
import { AgentDir, oauth, storeOf } from '../support/agent-dir.mjs';
import { start } from '../support/child.mjs';

const mode = (file) => (statSync(file).mode & 0o777).toString(8);
const posix = { skip: process.platform === 'win32' };

const ODD = `{
  "zeta": {"keep": [1e21, -0, 1.10, 12345678901234567890]},
  "usageStats": {
    "b": {"errorCount":1e0,"blockedUntil":  7},
    "a": { "lastUsed": 1.5, "custom": {"x" : [ ] } }
  },
  "profiles": {
    "ollama:x": {"type":"local","url":"\\u00e9\\/"},
    "b": {"provider":"p","type":"oauth","access":"t","extra":{"deep":[null]}},
    "a": {"type":"oauth","provider":"p","refresh":"r"},
    "\\ud800": {"type":"oauth"}
  },
  "version": 1.0
}`;

suite('a mark on one profile', () => {
  test('keeps unknown keys, unknown types, key order, number spelling and white space of all else', async (t) => {
    const dir = new AgentDir(t, ODD);
    await markAuthProfileUsed({ store: storeOf({}), profileId: 'a', agentDir: dir.path });
    const { lastUsed } = dir.stats('a');
    assert.equal(
      dir.text(),
      ODD.replace(
        '"lastUsed": 1.5, "custom": {"x" : [ ] } }',
        `"lastUsed": ${lastUsed}, "custom": {"x" : [ ] },\n      "errorCount": 0 }`,
      ),
    );
  });

  test('keeps a byte order mark and a file without line breaks as they are', async (t) => {
    const dir = new AgentDir(t, '\ufeff{"profiles":{"a":{"type":"oauth","provider":"p"}}}');
    await markAuthProfileGood({ store: storeOf({}), profileId: 'a', provider: 'p', agentDir: dir.path });
    assert.equal(dir.text(), '\ufeff{"profiles":{"a":{"type":"oauth","provider":"p"}},"lastGood":{"p":"a"}}');
  });

  test('writes nothing when it has nothing to do', async (t) => {
    const dir = new AgentDir(t, ODD);
    const before = statSync(dir.file);
    await markAuthProfileUsed({ store: storeOf({}), profileId: 'gone', agentDir: dir.path });
    const after = statSync(dir.file);
    assert.deepEqual([after.ino, after.mtimeMs], [before.ino, before.mtimeMs]);
  });
});

for (const id of ['__proto__', 'constructor', 'a/b', '😀', 'x'.repeat(10_000), 'q"\\\n\0']) {
  test(`a profile called ${JSON.stringify(id.slice(0, 12))} is plain data`, async (t) => {
    const dir = new AgentDir(t, `{"profiles":{${JSON.stringify(id)}:{"type":"oauth","provider":"p"}}}`);
    const store = JSON.parse(dir.text());
    const result = await markAuthProfileFailure({ store, profileId: id, reason: 'auth', agentDir: dir.path });
    assert.equal(result.persisted, true);
    assert.deepEqual(Object.keys(dir.json().usageStats), [id]);
    assert.equal(isProfileInCooldown(store, id), true);
    assert.equal({}.errorCount, undefined);
  });
}

suite('the file mode', posix, () => {
  for (const given of [0o600, 0o640, 0o400]) {
    test(`${given.toString(8)} stays`, async (t) => {
      const dir = new AgentDir(t, storeOf({ a: oauth('p') }));
      chmodSync(dir.file, given);
      const umask = process.umask(0o022);
      t.after(() => process.umask(umask));
      await markAuthProfileUsed({ store: storeOf({}), profileId: 'a', agentDir: dir.path });
      assert.equal(mode(dir.file), given.toString(8));
      // The store's, but its owner can always write it.
      assert.equal(mode(`${dir.file}.native-lock`), (given | 0o600).toString(8));
    });
  }
});

suite('a file that is no store', () => {
  for (const text of ['{"profiles":{', '', ' \n', '[]', '"x"', '{}', '{"profiles":{}}{}', '{"profiles":[]}']) {
    test(`${JSON.stringify(text)} is left untouched, and the mark holds in this process`, async (t) => {
      const dir = new AgentDir(t, text);
      const store = storeOf({ a: oauth('p') });
      const result = await markAuthProfileFailure({ store, profileId: 'a', reason: 'auth', agentDir: dir.path });
      assert.deepEqual(result, {
        persisted: false,
        changed: false,
        reason: 'unreadable',
        code: 'ERR_STORE_UNREADABLE',
      });
      assert.equal(dir.text(), text);
      assert.equal(isProfileInCooldown(store, 'a'), true);
    });
  }
});

suite('a store that is not there', () => {
  test('is not created; the mark holds in this process', async (t) => {
    const dir = new AgentDir(t);
    const store = storeOf({ a: oauth('p') });
    const result = await markAuthProfileFailure({ store, profileId: 'a', reason: 'auth', agentDir: dir.path });
    assert.deepEqual(result, { persisted: false, changed: false, reason: 'missing', code: 'ERR_STORE_MISSING' });
    assert.equal(store.usageStats.a.errorCount, 1);
    assert.deepEqual(readdirSync(dir.path), []);
  });

  test('is not made up for profiles that the passed store does not know either', async (t) => {
    const dir = new AgentDir(t);
    const store = storeOf({});
    await markAuthProfileFailure({ store, profileId: 'a', reason: 'auth', agentDir: dir.path });
    await markAuthProfileUsed({ store, profileId: 'a', agentDir: dir.path });
    await markAuthProfileGood({ store, profileId: 'a', provider: 'p', agentDir: dir.path });
    assert.deepEqual(store, storeOf({}));
  });
});

test('a store that a newer host has moved is refused', async (t) => {
  const dir = new AgentDir(t, storeOf({ a: oauth('p') }));
  writeFileSync(`${dir.path}/openclaw-agent.sqlite`, '');
  const before = dir.text();
  const params = { store: storeOf({}), profileId: 'a', agentDir: dir.path };
  await assert.rejects(markAuthProfileUsed({ ...params, strict: true }), { code: 'ERR_STORE_MIGRATED' });
  assert.equal((await markAuthProfileUsed(params)).reason, 'migrated');
  assert.equal(dir.text(), before);
});

test('a directory that does not accept files: a typed reason, the mark holds in the process', posix, async (t) => {
  const dir = new AgentDir(t, storeOf({ a: oauth('p') }));
  chmodSync(dir.file, 0o444);
  chmodSync(dir.path, 0o555);
  // Root may write anywhere, so the attempt is made as nobody.
  const identity = process.getuid() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const marker = start(t, 'marker.mjs', { agentDir: dir.path, profileIds: ['a'], marks: 1 }, identity);
  await marker.next();
  marker.send('go');
  const { last } = await marker.next();
  assert.deepEqual(last, { persisted: false, changed: false, reason: 'read-only', code: 'ERR_STORE_READ_ONLY' });
});
