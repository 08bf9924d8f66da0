// The doctor's answers and exit codes; each finding has its test beside its rule in src/cli/doctor.
import assert from 'node:assert/strict';
import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { markAuthProfileUsed } from '../../index.js';
import { AgentDir, oauth, storeOf } from '../support/agent-dir.mjs';
import { start } from '../support/child.mjs';
import { run } from '../support/command.mjs';

const codes = (dir) => {
  const { status, stdout } = run(['doctor', '--json', '--agent-dir', dir.path]);
  return [status, ...JSON.parse(stdout).findings.map((finding) => finding.code)];
};

const unique = (name) => oauth('google-gemini-cli', { access: `access-${name}`, refresh: `refresh-${name}` });

test('a sound store ends in 0, and looking leaves no file behind', (t) => {
  const dir = new AgentDir(t, storeOf({ a: unique('a'), b: unique('b') }));
  assert.deepEqual(codes(dir), [0]);
  assert.match(run(['doctor', '--agent-dir', dir.path]).stdout, /2 profiles, 2 ready\n\nnothing needs attention/);
  assert.deepEqual(readdirSync(dir.path), ['auth-profiles.json']);
});

test('a store at work needs no attention', async (t) => {
  const store = storeOf({ a: unique('a') });
  const dir = new AgentDir(t, store);
  await markAuthProfileUsed({ store, profileId: 'a', agentDir: dir.path });
  assert.deepEqual(codes(dir), [0]);
});

test('what needs attention ends in 1 and says what to do', { skip: process.platform === 'win32' }, (t) => {
  const dir = new AgentDir(t, storeOf({ a: unique('a'), twin: unique('a') }));
  chmodSync(dir.file, 0o644);
  const { status, stdout } = run(['doctor', '--agent-dir', dir.path]);
  assert.equal(status, 1);
  assert.ok(stdout.includes(`→ chmod 600 ${dir.file}\n`), stdout);
  assert.match(stdout, /a and twin hold the same credential/);
  assert.match(stdout, /1 problem, 1 warning\n$/);
});

test('missing and unreadable stores are findings, not failures', (t) => {
  const dir = new AgentDir(t);
  assert.deepEqual(codes(dir), [1, 'missing']);
  dir.write('[]');
  assert.deepEqual(codes(dir), [1, 'unreadable']);
});

test("a database of the current gateway is named and never to be moved: it holds the agent's sessions", (t) => {
  const dir = new AgentDir(t, storeOf({ a: unique('a') }));
  writeFileSync(`${dir.path}/openclaw-agent.sqlite`, '', { mode: 0o600 });
  const { status, stdout } = run(['doctor', '--json', '--agent-dir', dir.path]);
  assert.equal(status, 1);
  // What it is, depends on whether this Node reads SQLite; an empty file has no schema that is known.
  const [first] = JSON.parse(stdout).findings;
  assert.ok(['no-sqlite', 'unknown-schema'].includes(first.code), first.code);
  assert.match(first.what, /openclaw-agent\.sqlite/);
  for (const harmful of [/\bmv\b/, /\bmove\b/, /delete/, /remove/, /not in use/]) assert.doesNotMatch(stdout, harmful);
});

test('a lock that a host holds right now is fine', async (t) => {
  const dir = new AgentDir(t, storeOf({ a: unique('a') }));
  const holder = start(t, 'lock-holder.mjs', { file: dir.file, options: {} });
  await holder.next();
  assert.deepEqual(codes(dir), [0]);
  holder.send('release');
  await holder.next();
});
