// A refresh does not begin if its result could not be saved, and joins the locks of hosts that refresh too.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';

import { createFailover, runWithAuthProfiles, upsertAuthProfile, withAuthProfileLock } from '../../entry/main.js';
import { AgentDir, storeOf } from '../support/agent-dir.mjs';
import { idOf, logins, PROVIDER } from '../support/logins.mjs';

const past = () => Date.now() - 1_000;
const soon = () => Date.now() + 20_000;
const canMount = process.platform === 'linux' && process.getuid?.() === 0;

suite('a place that takes no result', { skip: !canMount }, () => {
  /** The store in a directory that is mounted read-only once it is written. */
  async function readOnly(t, fields) {
    const setting = await logins(t, { a: fields, b: {} });
    const path = setting.dir.path;
    const mounted = spawnSync('mount', ['--bind', path, path]);
    if (mounted.status !== 0) {
      t.skip('no right to mount');
      return null;
    }
    setting.dir.undo.push(() => spawnSync('umount', ['-l', path]));
    assert.equal(spawnSync('mount', ['-o', 'remount,ro,bind', path]).status, 0);
    return setting;
  }

  test('nothing is spent, and another account answers', async (t) => {
    const setting = await readOnly(t, { expires: past() });
    if (!setting) return;
    const { server, params } = setting;
    const { profileId, attempts } = await runWithAuthProfiles({ ...params, preferredProfile: idOf('a') });
    assert.equal(profileId, idOf('b'));
    assert.equal(attempts[0].failure.rule, 'refresh-failed');
    assert.equal(server.refreshes.length, 0);
  });

  test('a token that is still good is used', async (t) => {
    const setting = await readOnly(t, { expires: soon() });
    if (!setting) return;
    const { server, params } = setting;
    assert.equal((await runWithAuthProfiles({ ...params, preferredProfile: idOf('a') })).profileId, idOf('a'));
    assert.equal(server.refreshes.length, 0);
  });
});

suite('locks of hosts', () => {
  /** A store where hosts have it, in a state directory with their refresh locks. */
  async function gateway(t) {
    const setting = await logins(t, { a: { expires: past() } });
    const state = new AgentDir(t);
    const agentDir = join(state.path, 'agents', 'main', 'agent');
    mkdirSync(agentDir, { recursive: true });
    writeFileSync(join(agentDir, 'auth-profiles.json'), setting.dir.text());
    const name = createHash('sha256')
      .update(`${PROVIDER}\0${idOf('a')}`)
      .digest('hex');
    const lock = join(state.path, 'locks', 'oauth-refresh', `sha256-${name}.lock`);
    mkdirSync(dirname(lock), { recursive: true });
    const stored = () => JSON.parse(readFileSync(join(agentDir, 'auth-profiles.json'), 'utf8')).profiles[idOf('a')];
    return { ...setting, params: { ...setting.params, agentDir }, lock, stored, agentDir };
  }

  test('the refresh lock of a gateway is held while a login is refreshed', async (t) => {
    const { params, lock, server } = await gateway(t);
    let holder;
    server.state.beforeAnswer = () => {
      holder = JSON.parse(readFileSync(lock, 'utf8'));
    };
    assert.equal((await runWithAuthProfiles(params)).result, 'a');
    assert.equal(holder.pid, process.pid);
    assert.equal(existsSync(lock), false);
  });

  test('a gateway that refreshes is waited for, and what it has written is used', async (t) => {
    const { params, lock, server, stored, agentDir } = await gateway(t);
    writeFileSync(lock, JSON.stringify({ pid: process.ppid, createdAt: new Date().toISOString() }));
    const run = runWithAuthProfiles(params);
    const renewed = await params.refresh(stored());
    await upsertAuthProfile({ agentDir, profileId: idOf('a'), credential: renewed });
    rmSync(lock);
    assert.equal((await run).result, 'a');
    assert.deepEqual([server.refreshes.length, server.count('reused')], [1, 0]);
  });

  test('a program that refreshes by hand under the store’s lock is waited for', async (t) => {
    const { params, server, stored, dir } = await logins(t, { a: { expires: past() } });
    const before = stored('a');
    let run;
    await withAuthProfileLock(
      dir.path,
      async () => {
        const credential = await params.refresh(before);
        // Another process would be held up by the lock; this one goes through under it.
        await upsertAuthProfile({ agentDir: dir.path, profileId: idOf('a'), credential });
        run = runWithAuthProfiles(params);
      },
      { profileId: idOf('a') },
    );
    assert.equal((await run).result, 'a');
    assert.deepEqual([server.refreshes.length, server.count('reused')], [1, 0]);
  });
});

test('a store that is away for a moment gets the new login when it is back', async (t) => {
  const { server, dir, params, stored } = await logins(t, { a: { expires: past() } });
  server.state.beforeAnswer = () => {
    // As an editor, or whatever copies files, replaces one.
    const text = dir.text();
    rmSync(dir.file);
    setTimeout(() => dir.write(text), 300);
  };
  assert.equal((await runWithAuthProfiles(params)).result, 'a');
  assert.ok(server.isCurrent(stored('a').refresh));
  assert.equal(server.refreshes.length, 1);
});

test('two profiles of one login are renewed together', async (t) => {
  const { server, dir, params, stored } = await logins(t, { a: { expires: past(), email: 'one' } });
  dir.write(storeOf({ [idOf('a')]: stored('a'), [idOf('b')]: { ...stored('a'), email: 'two' } }));
  const runs = ['a', 'b', 'a', 'b'].map((name) =>
    runWithAuthProfiles({ ...params, preferredProfile: idOf(name), strategy: 'pinned' }),
  );
  await Promise.all(runs);
  assert.equal(server.refreshes.length, 1);
  assert.ok(!server.isRevoked('a'));
  assert.deepEqual([stored('b').refresh, stored('b').email], [stored('a').refresh, 'two']);
});

test('two accounts in line of one login are renewed together', async (t) => {
  const { server, params, stored } = await logins(t, { a: { expires: past() } });
  const profiles = ['x', 'y'].map((id) => ({ id, credential: { ...stored('a'), email: id } }));
  const accounts = createFailover({ provider: PROVIDER, state: 'memory', profiles, refresh: params.refresh });
  const emails = [];
  const run = (context) => {
    emails.push(context.credential.email);
    return params.run(context);
  };
  for (let request = 0; request < 4; request++) assert.equal((await accounts.run(run)).result, 'a');
  assert.equal(server.refreshes.length, 1);
  assert.deepEqual([...new Set(emails)].sort(), ['x', 'y'], 'both were asked');
});

test('an agent without a store of its own lives on what it inherits', async (t) => {
  const { server, dir, params, stored } = await logins(t, { a: { expires: past() } });
  process.env.OPENCLAW_AGENT_DIR = dir.path;
  t.after(() => delete process.env.OPENCLAW_AGENT_DIR);
  const sub = new AgentDir(t, storeOf({}));
  rmSync(sub.file);
  assert.equal((await runWithAuthProfiles({ ...params, agentDir: sub.path })).result, 'a');
  assert.ok(server.isCurrent(stored('a').refresh));
});
