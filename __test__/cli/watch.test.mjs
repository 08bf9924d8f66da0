// watch where output is no terminal: one line a change, until it is ended.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { markAuthProfileFailure, markAuthProfileUsed } from '../../index.js';
import { AgentDir, HOUR, oauth, storeOf } from '../support/agent-dir.mjs';
import { watch } from '../support/command.mjs';

test('first a line for each profile, then one for each change', async (t) => {
  const store = storeOf({ a: oauth(), b: oauth() });
  const dir = new AgentDir(t, store);
  const { line } = watch(t, ['--agent-dir', dir.path]);
  assert.match(await line(), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z a ready$/);
  assert.match(await line(), / b ready$/);
  const mark = { store, agentDir: dir.path };
  await markAuthProfileFailure({ ...mark, profileId: 'a', reason: 'rate_limit', retryAfterMs: HOUR, policy: 'safe' });
  assert.match(await line(), / a ready -> cooling, rate limit \(caller\), (1 h|59 min \d+ s) left$/);
  await markAuthProfileUsed({ ...mark, profileId: 'b' });
  assert.match(await line(), / b used: ready$/);
});

test('with --json each line is an event with the whole status', async (t) => {
  const store = storeOf({ a: oauth() });
  const dir = new AgentDir(t, store);
  const { json } = watch(t, ['--json', '--agent-dir', dir.path]);
  const found = await json();
  assert.deepEqual([found.event, found.profileId, found.state], ['found', 'a', 'ready']);
  await markAuthProfileFailure({ store, agentDir: dir.path, profileId: 'a', reason: 'billing' });
  const failed = await json();
  assert.deepEqual([failed.event, failed.from, failed.state, failed.reason], ['state', 'ready', 'disabled', 'billing']);
});

test('a wait that ends is a change, although no file has changed', async (t) => {
  const store = storeOf({ a: oauth() });
  const dir = new AgentDir(t, store);
  const { json } = watch(t, ['--json', '--agent-dir', dir.path]);
  await json();
  const cooldownUntil = Date.now() + 1000;
  dir.write({ ...store, usageStats: { a: { cooldownUntil, cooldownReason: 'timeout' } } });
  assert.equal((await json()).state, 'cooling');
  const ended = await json();
  assert.deepEqual([ended.event, ended.from, ended.state], ['state', 'cooling', 'ready']);
  assert.ok(ended.at >= cooldownUntil);
});

test('profiles that come and go are told', async (t) => {
  const dir = new AgentDir(t, storeOf({ a: oauth() }));
  const { json } = watch(t, ['--json', '--agent-dir', dir.path]);
  await json();
  dir.write(storeOf({ b: oauth() }));
  assert.deepEqual([(await json()).event, (await json()).event], ['found', 'removed']);
});

test('a store that cannot be read is said once, and watched on', async (t) => {
  const dir = new AgentDir(t, storeOf({ a: oauth() }));
  const { json } = watch(t, ['--json', '--agent-dir', dir.path]);
  await json();
  dir.write('[]');
  const { event, code } = await json();
  assert.deepEqual([event, code], ['error', 'ERR_STORE_UNREADABLE']);
  dir.write(storeOf({ a: oauth(), b: oauth() }));
  assert.deepEqual([(await json()).profileId], ['b']);
});

test('it ends quietly when nobody reads any more', async (t) => {
  const store = storeOf({ a: oauth() });
  const dir = new AgentDir(t, store);
  const { child, line } = watch(t, ['--agent-dir', dir.path]);
  await line();
  child.stdout.destroy();
  const ended = once(child, 'exit');
  await markAuthProfileUsed({ store, agentDir: dir.path, profileId: 'a' });
  assert.deepEqual(await ended, [0, null]);
});
