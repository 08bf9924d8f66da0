// Exit codes, help, and where texts go.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { AgentDir, oauth, storeOf } from '../support/agent-dir.mjs';
import { BIN, run } from '../support/command.mjs';

test('--help goes to stdout and documents every command, option and exit code', () => {
  const { status, stdout, stderr } = run(['--help']);
  assert.deepEqual([status, stderr], [0, '']);
  for (const word of ['status', 'why', 'clear', 'watch', 'doctor', '--json', '--provider', '--agent-dir', '--model'])
    assert.match(stdout, new RegExp(`\\n  ${word}|\\n  .*${word}`));
  assert.match(stdout, /Exit codes\n {2}0 .*\n {2}1 .*\n {2}2 .*\n {2}3 /);
  assert.equal(run(['status', '-h']).stdout, stdout);
});

test('--version is the version of the package', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  assert.equal(run(['--version']).stdout, `${version}\n`);
});

test('arguments that make no sense end in 2 with a hint on stderr', () => {
  for (const args of [[], ['stauts'], ['status', '--all'], ['why'], ['clear'], ['status', '--provider'], ['-x']]) {
    const { status, stdout, stderr } = run(args);
    assert.deepEqual([status, stdout], [2, ''], args.join(' '));
    assert.match(stderr, /^auth-failover: .+\nTry: auth-failover --help\n$/);
  }
});

test('a store that is missing or unreadable ends in 3', (t) => {
  const dir = new AgentDir(t);
  const at = ['--agent-dir', dir.path];
  for (const command of [['status'], ['why', 'a'], ['clear', 'a'], ['clear', '--all'], ['watch']]) {
    const { status, stdout, stderr } = run([...command, ...at]);
    assert.deepEqual([status, stdout], [3, ''], command.join(' '));
    assert.match(stderr, /does not exist; is --agent-dir right\?/);
  }
  dir.write('{"profiles":');
  for (const command of [['status'], ['why', 'a'], ['clear', 'a'], ['watch']]) {
    const { status, stderr } = run([...command, ...at]);
    assert.equal(status, 3, command.join(' '));
    assert.match(stderr, /not a readable auth-profile store .*; auth-failover doctor says what to do/);
  }
  assert.equal(dir.text(), '{"profiles":');
});

test('an unknown profile ends in 3 and the known ones are listed', (t) => {
  const dir = new AgentDir(t, storeOf({ a: oauth(), b: oauth() }));
  for (const command of ['why', 'clear']) {
    const { status, stdout, stderr } = run([command, 'c', '--agent-dir', dir.path]);
    assert.deepEqual([status, stdout], [3, '']);
    assert.match(stderr, /no such profile.*\n {2}a\n {2}b\n/);
  }
});

test('a lock that stays taken ends clear in 3 and names the lock', (t) => {
  const now = Date.now();
  const dir = new AgentDir(t, storeOf({ a: oauth() }, { usageStats: { a: { cooldownUntil: now + 1e6 } } }));
  mkdirSync(`${dir.file}.lock`);
  const before = dir.text();
  const { status, stderr } = run(['clear', 'a', '--agent-dir', dir.path]);
  assert.equal(status, 3);
  assert.match(stderr, /is locked by .*auth-profiles\.json\.lock.*doctor/);
  assert.equal(dir.text(), before);
});

test('piped output has no colours unless they are forced', (t) => {
  const dir = new AgentDir(t, storeOf({ a: oauth() }));
  const has = (env) => run(['status', '--agent-dir', dir.path], env).stdout.includes('\x1b[');
  assert.deepEqual([has({}), has({ FORCE_COLOR: '1' }), has({ FORCE_COLOR: '0' })], [false, true, false]);
  assert.equal(has({ FORCE_COLOR: '1', NO_COLOR: '1' }), true);
});

test('where the locale knows no Unicode, all is ASCII', (t) => {
  const now = Date.now();
  const usageStats = { a: { cooldownUntil: now + 1e6, lastFailureAt: now - 1e6, cooldownReason: 'timeout' } };
  const dir = new AgentDir(t, storeOf({ a: oauth() }, { usageStats }));
  const at = ['--agent-dir', dir.path];
  for (const command of [['status'], ['why', 'a'], ['doctor'], ['--help']]) {
    const { stdout } = run([...command, ...at], { LANG: 'C' });
    assert.doesNotMatch(stdout, /[^\x00-\x7f]/, command[0]);
  }
  assert.match(run(['status', ...at], { LANG: 'C' }).stdout, /####/);
  assert.match(run(['status', ...at], { LANG: 'de_DE.UTF-8' }).stdout, /███/);
});

test('an addon that cannot be loaded ends in 3 with its own message', (t) => {
  const dir = new AgentDir(t);
  for (const folder of ['bin', 'entry']) mkdirSync(`${dir.path}/${folder}`);
  copyFileSync(BIN, `${dir.path}/bin/auth-failover.mjs`);
  writeFileSync(`${dir.path}/entry/main.js`, "throw new Error('no binary for this platform');");
  const { status, stderr } = spawnSync(process.execPath, [`${dir.path}/bin/auth-failover.mjs`], { encoding: 'utf8' });
  assert.deepEqual([status, stderr], [3, 'auth-failover: no binary for this platform\n']);
});
