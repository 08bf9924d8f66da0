// `auth-failover openclaw …` with a recorder in the place of the gateway's command.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { remove } from '../support/agent-dir.mjs';
import { run } from '../support/command.mjs';

const RECORDER = fileURLToPath(new URL('../support/openclaw/recorder.mjs', import.meta.url));

function place(t) {
  const home = mkdtempSync(join(tmpdir(), 'auth-failover-setup-'));
  t.after(() => remove(home));
  const calls = join(home, 'calls');
  const openclaw = (args, env = {}) =>
    run(['openclaw', ...args], { RECORDER_FILE: calls, OPENCLAW_STATE_DIR: home, ...env });
  // What changes something; that it is asked for its version is seen by what it is asked for then.
  const called = () => all().filter(({ args }) => args[0] !== '--version');
  const all = () =>
    existsSync(calls)
      ? readFileSync(calls, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
      : [];
  return { home, openclaw, called, folder: join(home, 'auth-failover-plugin') };
}

const json = (...path) => JSON.parse(readFileSync(join(...path), 'utf8'));

test('setup writes a plugin for these providers, has the gateway install and enable it, and says how to undo it', (t) => {
  const { openclaw, called, folder } = place(t);
  const { status, stdout, stderr } = openclaw(['setup', '--providers', 'mock,anthropic', '--openclaw', RECORDER]);
  assert.deepEqual([status, stderr], [0, '']);
  assert.deepEqual(
    called().map((call) => call.args),
    [
      ['plugins', 'install', '--link', folder, '--force'],
      ['plugins', 'enable', 'auth-failover'],
      ['config', 'set', 'plugins.entries.auth-failover.config.providers', '["mock","anthropic"]', '--strict-json'],
    ],
  );
  assert.deepEqual(json(folder, 'openclaw.plugin.json').providers, ['mock', 'anthropic']);
  assert.match(stdout, /npx auth-failover openclaw undo/);
});

test("the gateway's question about capabilities is answered only by explicit wish", (t) => {
  const { openclaw, called } = place(t);
  openclaw(['setup', '--providers', 'mock', '--openclaw', RECORDER, '--accept-capabilities']);
  const [install, enable] = called().map(({ args }) => args.at(-1));
  assert.deepEqual([install, enable], ['--accept-capabilities', '--accept-capabilities']);
});

test('a gateway that asks no such question and refuses the options is not given them', (t) => {
  const { openclaw, called, folder } = place(t);
  const older = { RECORDER_VERSION: '2026.7.1' };
  openclaw(['setup', '--providers', 'mock', '--openclaw', RECORDER, '--accept-capabilities'], older);
  assert.deepEqual(
    called()
      .slice(0, 2)
      .map(({ args }) => args),
    [
      ['plugins', 'install', '--link', folder],
      ['plugins', 'enable', 'auth-failover'],
    ],
  );
});

test('in a gateway that is too old for the plugin nothing is done, and it says which one is needed', (t) => {
  const { openclaw, called, folder } = place(t);
  const older = { RECORDER_VERSION: '2026.1.30' };
  const { status, stderr } = openclaw(['setup', '--providers', 'mock', '--openclaw', RECORDER], older);
  assert.equal(status, 3);
  assert.match(stderr, /openclaw 2026\.1\.30 .* needs 2026\.7\.1 or later/);
  assert.deepEqual([called(), existsSync(folder)], [[], false]);
});

test('--state-dir is where the folder goes, and what the gateway is told', (t) => {
  const { home, openclaw, called } = place(t);
  const other = join(home, 'other');
  openclaw(['setup', '--providers', 'mock', '--openclaw', RECORDER, '--state-dir', other]);
  assert.ok(existsSync(join(other, 'auth-failover-plugin', 'index.mjs')));
  assert.deepEqual([...new Set(called().map((call) => call.stateDir))], [other]);
});

test('--dry-run does nothing and tells everything', (t) => {
  const { openclaw, called, folder } = place(t);
  const { stdout } = openclaw(['setup', '--providers', 'mock', '--openclaw', RECORDER, '--dry-run']);
  assert.match(
    stdout,
    /write .*\nrun .*plugins install .*\nrun .*plugins enable .*\nrun .*config set .*\nNothing was done/,
  );
  assert.deepEqual([called(), existsSync(folder)], [[], false]);
});

test('--dry-run tells it for a current gateway where there is none', (t) => {
  const { openclaw } = place(t);
  const { status, stdout } = openclaw(['setup', '--providers', 'mock', '--dry-run'], { PATH: '' });
  assert.deepEqual([status, /install --link .* --force\n/.test(stdout)], [0, true]);
});

test('a command of the gateway that fails ends it, and what is left undone is said', (t) => {
  const { openclaw, called } = place(t);
  const failing = { RECORDER_FAILS: 'install' };
  const { status, stderr } = openclaw(['setup', '--providers', 'mock', '--openclaw', RECORDER], failing);
  assert.equal(status, 3);
  assert.match(stderr, /openclaw plugins install ended with 1\nNot done:\n {2}run .*plugins enable/);
  assert.equal(called().length, 1);
});

test('without the gateway on this machine it says how to name it', (t) => {
  const { openclaw } = place(t);
  const { status, stderr } = openclaw(['setup', '--providers', 'mock'], { PATH: '' });
  assert.equal(status, 3);
  assert.match(stderr, /no openclaw on the PATH; say where it is with --openclaw/);
});

test('undo has the gateway uninstall it, and removes the folder', (t) => {
  const { openclaw, called, folder } = place(t);
  openclaw(['setup', '--providers', 'mock', '--openclaw', RECORDER]);
  assert.equal(openclaw(['undo', '--openclaw', RECORDER]).status, 0);
  assert.deepEqual(called().at(-1).args, ['plugins', 'uninstall', 'auth-failover', '--force']);
  assert.ok(!existsSync(folder));
});

test('plugin only writes the folder; its entry loads this package', async (t) => {
  const { home, openclaw, called } = place(t);
  const out = join(home, 'my plugins', 'auth-failover');
  assert.equal(openclaw(['plugin', '--providers', 'mock', '--out', out]).status, 0);
  assert.deepEqual(called(), []);
  const entry = readFileSync(join(out, 'index.mjs'), 'utf8');
  const [, url] = /const home = "(file:.*)";/.exec(entry);
  assert.ok(existsSync(new URL(url)));
});

test('arguments that make no sense end in 2', (t) => {
  const { openclaw } = place(t);
  for (const args of [[], ['setup'], ['undo', '--providers', 'a'], ['plugin', '--providers', 'a'], ['install']]) {
    const { status, stderr } = openclaw(args);
    assert.equal(status, 2, args.join(' '));
    assert.match(stderr, /^auth-failover: .+\nTry: auth-failover openclaw --help\n$/);
  }
});
