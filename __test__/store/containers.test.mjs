// Containers on one volume, users, and a store that is mounted as a single file. Real namespaces, users and mounts: where
// this user may not make them, the test says so.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import {
  markAuthProfileFailure,
  readAuthProfileStore,
  runWithAuthProfiles,
  settled,
  upsertAuthProfile,
  withAuthProfileLock,
} from '../../index.js';
import { AgentDir, oauth, storeOf } from '../support/agent-dir.mjs';
import { start } from '../support/child.mjs';
import { flushed } from '../support/flush.mjs';

const NAMESPACE = ['--pid', '--fork', '--kill-child', '--mount-proc'];
const can = (command, ...args) => spawnSync(command, args).status === 0;
const container = process.platform !== 'linux' || !can('unshare', ...NAMESPACE, 'true');
const noContainer = container && 'this user may not make pid namespaces';
const noMount = !(process.platform === 'linux' && can('unshare', '-m', 'true')) && 'this user may not mount';
const notRoot = process.getuid?.() !== 0 && 'only root can give files away';
const PROVIDER = 'p';

const threeAccounts = (t) =>
  new AgentDir(
    t,
    storeOf(Object.fromEntries(['a', 'b', 'c'].map((id) => [id, oauth(PROVIDER, { expires: Date.now() + 3.6e6 })]))),
  );

/** A request under way in a container of its own. */
const startContainer = (t, dir) =>
  start(
    t,
    'isolated-run.mjs',
    { agentDir: dir.path, provider: PROVIDER },
    {
      execPath: 'unshare',
      execArgv: [...NAMESPACE, process.execPath, '--no-warnings'],
    },
  );

suite('containers on one volume', { skip: noContainer }, () => {
  test('do not choose the account that another one is asking', async (t) => {
    const dir = threeAccounts(t);
    const running = [];
    const asked = [];
    for (let count = 0; count < 3; count++) {
      const one = startContainer(t, dir);
      running.push(one);
      asked.push(await one.next());
    }
    for (const one of running) one.send('go');
    await Promise.all(running.map((one) => one.exited));
    assert.deepEqual(asked.sort(), ['a', 'b', 'c']);
  });

  test('a request that has ended there is free for others here', async (t) => {
    const dir = threeAccounts(t);
    const one = startContainer(t, dir);
    const first = await one.next();
    one.send('go');
    await one.exited;
    const pool = JSON.parse(spawnSync('cat', [`${dir.file}.native-pool`], { encoding: 'utf8' }).stdout);
    assert.deepEqual(pool.reservations ?? [], []);
    assert.equal(typeof first, 'string');
  });
});

suite('what root does beside a store of another user', { skip: notRoot }, () => {
  const NOBODY = 65_534;
  test('keeps that user out of nothing', async (t) => {
    const dir = threeAccounts(t);
    chownSync(dir.path, NOBODY, NOBODY);
    chownSync(dir.file, NOBODY, NOBODY);
    await markAuthProfileFailure({ store: dir.json(), profileId: 'a', reason: 'auth', agentDir: dir.path });
    await runWithAuthProfiles({ provider: PROVIDER, agentDir: dir.path, run: () => 'hello' });
    await settled();
    await flushed(dir.file);
    const owners = readdirSync(dir.path).map((name) => [name, statSync(join(dir.path, name)).uid]);
    assert.ok(owners.length >= 3, owners.join());
    assert.deepEqual(
      owners.filter(([, uid]) => uid !== NOBODY),
      [],
    );
  });

  test('gives back what an older version has left with the wrong owner', async (t) => {
    const dir = threeAccounts(t);
    writeFileSync(`${dir.file}.native-lock`, '', { mode: 0o600 });
    chownSync(dir.file, NOBODY, NOBODY);
    await markAuthProfileFailure({ store: dir.json(), profileId: 'a', reason: 'auth', agentDir: dir.path });
    assert.equal(statSync(`${dir.file}.native-lock`).uid, NOBODY);
  });

  test('a new store belongs to the owner of its directory', async (t) => {
    const dir = new AgentDir(t);
    chownSync(dir.path, NOBODY, NOBODY);
    await upsertAuthProfile({ agentDir: dir.path, profileId: 'a', credential: oauth(PROVIDER) });
    const { uid, gid, mode } = statSync(dir.file);
    assert.deepEqual([uid, gid, mode & 0o777], [NOBODY, NOBODY, 0o600]);
  });
});

suite('a store that is mounted as a single file', { skip: noMount || notRoot }, () => {
  const setUp = (t, options = []) => {
    const [source, dir] = [threeAccounts(t), threeAccounts(t)];
    const mounted = can('mount', '--bind', source.file, dir.file);
    assert.ok(mounted, 'mount');
    dir.undo.push(() => can('umount', dir.file));
    for (const option of options) assert.ok(can('mount', '-o', `remount,bind,${option}`, dir.file));
    return { source, dir };
  };

  test('is written in place, said once, and leaves nothing beside it', async (t) => {
    const warnings = [];
    const listener = (warning) => warnings.push(warning.code);
    process.on('warning', listener);
    t.after(() => process.off('warning', listener));
    const { source, dir } = setUp(t);
    const params = { store: dir.json(), profileId: 'a', reason: 'auth', agentDir: dir.path };
    for (let count = 0; count < 3; count++) assert.equal((await markAuthProfileFailure(params)).persisted, true);
    assert.equal(source.stats('a').errorCount, 3);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(warnings, ['WARN_STORE_IN_PLACE']);
    assert.equal(existsSync(`${dir.file}.native-safe`), false);
  });

  test('keeps a refreshed credential', async (t) => {
    const { source, dir } = setUp(t);
    await withAuthProfileLock(dir.path, () =>
      upsertAuthProfile({ agentDir: dir.path, profileId: 'a', credential: oauth(PROVIDER, { refresh: 'new' }) }),
    );
    assert.equal(source.json().profiles.a.refresh, 'new');
  });

  test('one that died half way is read from its copy and put back', async (t) => {
    const { source, dir } = setUp(t);
    writeFileSync(`${dir.file}.native-safe`, source.text(), { mode: 0o600 });
    writeFileSync(source.file, source.text().slice(0, 40));
    assert.ok((await readAuthProfileStore({ agentDir: dir.path })).profiles.a);
    const mark = await markAuthProfileFailure({
      store: storeOf({}),
      profileId: 'a',
      reason: 'auth',
      agentDir: dir.path,
    });
    assert.equal(mark.persisted, true);
    assert.equal(source.stats('a').errorCount, 1);
  });

  test('that is read-only refuses the lock before a refresh token is spent', async (t) => {
    const { dir } = setUp(t, ['ro']);
    let isCalled = false;
    await assert.rejects(
      withAuthProfileLock(dir.path, () => (isCalled = true)),
      { code: 'ERR_STORE_READ_ONLY' },
    );
    assert.equal(isCalled, false);
  });
});
