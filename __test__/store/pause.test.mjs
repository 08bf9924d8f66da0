// A paused profile is left alone by whatever asks accounts here, until it is resumed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  clearAuthProfileCooldown,
  describeAuthProfiles,
  markAuthProfileSuccess,
  pauseAuthProfile,
  resolveAuthProfileOrder,
  resumeAuthProfile,
  runWithAuthProfiles,
} from '../../index.js';
import { AgentDir, oauth, storeOf } from '../support/agent-dir.mjs';
import { run } from '../support/command.mjs';

const provider = 'google-gemini-cli';
const two = () => storeOf({ a: oauth(), b: oauth() });

const who = (agentDir, options = {}) =>
  runWithAuthProfiles({ provider, agentDir, run: ({ profileId }) => profileId, ...options }).then((it) => it.result);

const state = async (agentDir, id) => {
  const { profiles } = await describeAuthProfiles({ agentDir });
  return profiles.find(({ profileId }) => profileId === id);
};

test('nobody asks it, not even pinned to it or by force, and the error says that it is paused', async (t) => {
  const { path: agentDir } = new AgentDir(t, two());
  assert.deepEqual(await pauseAuthProfile({ agentDir, profileId: 'a' }), { changed: true });
  for (let turn = 0; turn < 4; turn++) assert.equal(await who(agentDir), 'b');
  await assert.rejects(who(agentDir, { strategy: 'pinned', preferredProfile: 'a', force: true }), {
    code: 'ERR_NO_PROFILE_AVAILABLE',
    message: "the pinned profile a is paused; resume it, or choose without 'pinned'",
  });
  await pauseAuthProfile({ agentDir, profileId: 'b' });
  await assert.rejects(who(agentDir, { force: true }), {
    code: 'ERR_NO_PROFILE_AVAILABLE',
    message: `no ${provider} profile is free (2 of 2 paused); resume one of them`,
    nextProfileId: null,
  });
});

test('it can be asked again once it is resumed', async (t) => {
  const { path: agentDir } = new AgentDir(t, storeOf({ a: oauth() }));
  await pauseAuthProfile({ agentDir, profileId: 'a' });
  assert.deepEqual(await resumeAuthProfile({ agentDir, profileId: 'a' }), { changed: true });
  assert.equal(await who(agentDir), 'a');
});

test('describe says so, since when, and what was so already', async (t) => {
  const { path: agentDir } = new AgentDir(t, two());
  const before = Date.now();
  await pauseAuthProfile({ agentDir, profileId: 'a' });
  const { state: now, problem, pausedAt } = await state(agentDir, 'a');
  assert.deepEqual([now, problem], ['paused', 'paused']);
  assert.ok(pausedAt >= before && pausedAt <= Date.now());
  const unchanged = { changed: false, reason: 'nothing-to-change' };
  assert.deepEqual(await pauseAuthProfile({ agentDir, profileId: 'a' }), unchanged);
  assert.deepEqual(await resumeAuthProfile({ agentDir, profileId: 'b' }), unchanged);
  assert.deepEqual(await pauseAuthProfile({ agentDir, profileId: 'gone' }), {
    changed: false,
    reason: 'unknown-profile',
  });
  assert.equal((await state(agentDir, 'b')).pausedAt, null);
});

test("hosts' marks and clears leave it paused, and nothing of the credential is touched", async (t) => {
  const dir = new AgentDir(t, two());
  const { path: agentDir } = dir;
  const credential = dir.json().profiles.a;
  await pauseAuthProfile({ agentDir, profileId: 'a' });
  const mark = { store: dir.json(), agentDir, profileId: 'a', provider };
  await markAuthProfileSuccess(mark);
  await clearAuthProfileCooldown(mark);
  assert.equal((await state(agentDir, 'a')).state, 'paused');
  assert.deepEqual(dir.json().profiles.a, credential);
});

test("it is left out of the hosts' order", async (t) => {
  const dir = new AgentDir(t, two());
  await pauseAuthProfile({ agentDir: dir.path, profileId: 'a' });
  assert.deepEqual(resolveAuthProfileOrder({ store: dir.json(), provider }), ['b']);
});

test('one that a sub-agent inherits is paused where it lives, for all who share it', async (t) => {
  const [main, sub] = [new AgentDir(t, two()), new AgentDir(t, storeOf({}))];
  const old = process.env.OPENCLAW_AGENT_DIR;
  process.env.OPENCLAW_AGENT_DIR = main.path;
  t.after(() => {
    if (old === undefined) delete process.env.OPENCLAW_AGENT_DIR;
    else process.env.OPENCLAW_AGENT_DIR = old;
  });
  await pauseAuthProfile({ agentDir: sub.path, profileId: 'a' });
  assert.equal((await state(main.path, 'a')).state, 'paused');
  assert.equal(await who(sub.path), 'b');
  await resumeAuthProfile({ agentDir: sub.path, profileId: 'a' });
  assert.equal((await state(sub.path, 'a')).state, 'ready');
});

test('bad input names the field, and writes nothing', async (t) => {
  const dir = new AgentDir(t, two());
  const before = dir.text();
  for (const [params, field] of [
    [{ profileId: '' }, 'params.profileId'],
    [{ profileId: 7 }, 'params.profileId'],
    [{ profileId: undefined }, 'params.profileId'],
    [{ profileId: 'a', agentDir: 7 }, 'params.agentDir'],
  ]) {
    for (const edit of [pauseAuthProfile, resumeAuthProfile]) {
      const fault = { code: 'ERR_INVALID_ARGUMENT', field };
      await assert.rejects(edit({ agentDir: dir.path, ...params }), fault);
    }
  }
  assert.equal(dir.text(), before);
});

test('the commands do the same', (t) => {
  const dir = new AgentDir(t, two());
  const at = ['--agent-dir', dir.path];
  assert.equal(run(['pause', 'a', ...at]).stdout, 'paused  a\n');
  assert.equal(run(['pause', 'a', ...at]).stdout, 'a was paused already\n');
  assert.match(run(['status', ...at]).stdout, /a +paused +by hand/);
  assert.match(run(['why', 'a', ...at]).stdout, /It is paused: somebody has said so.*`auth-failover resume a`/s);
  assert.deepEqual(JSON.parse(run(['resume', 'a', '--json', ...at]).stdout), {
    profileId: 'a',
    paused: false,
    changed: true,
  });
  assert.equal(run(['resume', 'a', ...at]).stdout, 'a was not paused\n');
  assert.equal(run(['pause', 'gone', ...at]).status, 3);
});
