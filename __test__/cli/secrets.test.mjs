// Planted secrets come out nowhere, whatever is asked and whatever is broken.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { AgentDir, HOUR, hostText, oauth, storeOf } from '../support/agent-dir.mjs';
import { run, watch } from '../support/command.mjs';

const PLANTED = 'Pl4ntedS3cret';
const login = (extra) => oauth('google-gemini-cli', { access: `ya29.${PLANTED}`, refresh: `1//${PLANTED}`, ...extra });

/** Every place where a store can hold a secret, and every finding that compares or names credentials. */
const store = (now) =>
  storeOf(
    {
      ready: login({ email: `${PLANTED}@example.com`, projectId: PLANTED, idToken: PLANTED }),
      twin: login({ email: `${PLANTED}@example.com`, accountId: PLANTED }),
      resting: login(),
      key: { type: 'api_key', provider: 'openai', key: `sk-${PLANTED}`, keyRef: { id: PLANTED } },
      old: { type: 'token', provider: 'openai', token: PLANTED, expires: 5 },
      bare: { type: 'api_key', provider: 'openai', apiKey: PLANTED },
      local: { type: 'local', secret: PLANTED },
    },
    {
      order: { openai: ['key', 'gone'] },
      usageStats: {
        resting: { cooldownUntil: now + HOUR, cooldownReason: 'rate_limit', errorCount: 1, lastFailureAt: now },
        ready: { lastUsed: now * 2, cooldownUntil: now * 5 },
      },
      futureKey: PLANTED,
    },
  );

const COMMANDS = [
  ['status'],
  ['status', '--model', 'm'],
  ...['ready', 'twin', 'resting', 'key', 'old', 'bare', 'local', 'nobody'].map((id) => ['why', id]),
  ['doctor'],
  ['clear', 'nobody'],
  ['clear', 'resting'],
  ['clear', '--all'],
];

/** Enough where every command fails in the same place. */
const ONE_OF_EACH = [['status'], ['why', 'ready'], ['doctor'], ['clear', 'resting']];

function everything(dir, commands = COMMANDS) {
  for (const command of commands) {
    for (const json of [[], ['--json']]) {
      const { stdout, stderr, signal } = run([...command, ...json, '--agent-dir', dir.path]);
      assert.equal(signal, null);
      assert.ok(stdout + stderr !== '', command.join(' '));
      assert.doesNotMatch(stdout + stderr, new RegExp(PLANTED, 'i'), command.join(' '));
    }
  }
}

test('no command shows one', (t) => {
  everything(new AgentDir(t, store(Date.now())));
});

test('no broken store makes a command show one', (t) => {
  const text = hostText(store(Date.now()));
  for (const broken of [
    text.slice(0, -9),
    text.replace('"version": 1,', '"version": 1,,'),
    text.replace('"profiles": {', `"profiles": "${PLANTED}", "x": {`),
    JSON.stringify(PLANTED),
    `${PLANTED}${text}`,
    `${text}${PLANTED}`,
  ]) {
    everything(new AgentDir(t, broken), ONE_OF_EACH);
  }
});

test('no broken state file makes a command show one', (t) => {
  const dir = new AgentDir(t, store(Date.now()));
  writeFileSync(`${dir.path}/auth-state.json`, `{"usageStats":{"${PLANTED}"`);
  everything(dir, ONE_OF_EACH);
});

test('a migrated, a locked and a read-only store show none', (t) => {
  const dir = new AgentDir(t, store(Date.now()));
  mkdirSync(`${dir.file}.lock`);
  writeFileSync(`${dir.file}.native-safe`, hostText(store(0)));
  for (const command of [['clear', 'resting'], ['doctor']]) {
    const { stdout, stderr } = run([...command, '--agent-dir', dir.path]);
    assert.doesNotMatch(stdout + stderr, new RegExp(PLANTED, 'i'));
  }
  chmodSync(dir.path, 0o555);
  const { stdout, stderr } = run(['doctor', '--agent-dir', dir.path]);
  assert.doesNotMatch(stdout + stderr, new RegExp(PLANTED, 'i'));
  chmodSync(dir.path, 0o755);
  writeFileSync(`${dir.path}/openclaw-agent.sqlite`, PLANTED);
  everything(dir, ONE_OF_EACH);
});

test('a secret pasted as an argument is not repeated', (t) => {
  const dir = new AgentDir(t, store(Date.now()));
  for (const args of [[PLANTED], ['why', PLANTED], ['clear', PLANTED], ['status', PLANTED], [`--sk-${PLANTED}`]]) {
    const { stdout, stderr, status } = run([...args, '--agent-dir', dir.path]);
    assert.ok(status === 2 || status === 3);
    assert.doesNotMatch(stdout + stderr, new RegExp(PLANTED, 'i'), args.join(' '));
  }
});

test('watch shows none, also while the store is broken', async (t) => {
  const dir = new AgentDir(t, store(Date.now()));
  const { json } = watch(t, ['--json', '--agent-dir', dir.path]);
  const lines = [];
  for (let known = 6; known > 0; known--) lines.push(await json());
  dir.write(`{"profiles":{"${PLANTED}`);
  lines.push(await json());
  assert.equal(lines.at(-1).code, 'ERR_STORE_UNREADABLE');
  assert.doesNotMatch(JSON.stringify(lines), new RegExp(PLANTED, 'i'));
});
