// The command line: accounts in a store of one's own.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { createFailover } from '../../entry/main.js';
import { filesBelow, ownDirectory } from '../support/handles.mjs';

const PROGRAM = fileURLToPath(new URL('../../bin/auth-failover.mjs', import.meta.url));
const KEY = 'sk-secret-key-number-one';

/** A home without a gateway, and a directory of our own in it. */
function home(t) {
  const own = ownDirectory(t);
  const env = { ...process.env, HOME: own, USERPROFILE: own, AUTH_FAILOVER_DIR: join(own, 'mine') };
  const run = (args, options = {}) =>
    spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8', env, timeout: 60_000, ...options });
  return { own, env, run, store: join(own, 'mine', 'auth-profiles.json') };
}

const json = ({ stdout, stderr, status }) => {
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
};

suite('the state of keys that a program gives in line', () => {
  async function use(t, env, provider) {
    t.after(() => delete process.env.AUTH_FAILOVER_DIR);
    process.env.AUTH_FAILOVER_DIR = env.AUTH_FAILOVER_DIR;
    const accounts = createFailover({ provider, profiles: [{ id: 'one', apiKey: KEY }] });
    await accounts.run(() => 'ok');
    await accounts.settled();
  }

  test('is shown where there is nothing else', async (t) => {
    const { run, env } = home(t);
    await use(t, env, 'openai');
    assert.match(run(['status']).stdout, /openai {2}1 of 1 ready/);
    assert.match(run(['why', 'one']).stdout, /one/);
  });

  test('of several is found from the error, on one line', async (t) => {
    const { run, own, env } = home(t);
    await use(t, env, 'openai');
    await use(t, env, 'acme');
    const { stderr, status } = run(['status']);
    assert.equal(status, 3);
    assert.equal(stderr.trimEnd().split('\n').length, 1);
    const dirs = [...stderr.matchAll(/--agent-dir (\S+)/g)].map(([, dir]) => dir);
    assert.deepEqual(
      dirs,
      ['acme', 'openai'].map((name) => join(own, 'mine', name)),
    );
    assert.match(run(['status', '--agent-dir', dirs[1]]).stdout, /openai {2}1 of 1 ready/);
  });
});

suite('init', () => {
  test('makes an empty store for its owner alone, and says where', (t) => {
    const { run, store } = home(t);
    const { stdout, status } = run(['init']);
    assert.equal(status, 0);
    assert.ok(stdout.includes(store));
    assert.deepEqual(JSON.parse(readFileSync(store, 'utf8')).profiles, {});
    if (process.platform !== 'win32') assert.equal(statSync(store).mode & 0o777, 0o600);
    assert.equal(run(['init']).status, 0);
  });

  test('takes the names of variables, and stores the names', (t) => {
    const { run, env, own } = home(t);
    env.OPENAI_API_KEY = KEY;
    env.GEMINI_API_KEY_2 = KEY;
    const { added } = json(run(['init', '--json', '--from-env', 'OPENAI_API_KEY', 'GEMINI_API_KEY_2']));
    assert.deepEqual(added, ['openai:openai_api_key', 'google:gemini_api_key_2']);
    for (const { path, text } of filesBelow(own)) assert.ok(!text.includes(KEY), path);
  });

  test('says so where a name does not tell whose key it is', (t) => {
    const { stdout, status } = home(t).run(['init', '--from-env', 'MINE']);
    assert.equal(status, 0);
    assert.match(stdout, /MINE: its name does not say/);
  });

  test('says how to reach the store where a gateway’s is found first', (t) => {
    const { run, own } = home(t);
    mkdirSync(join(own, '.openclaw'));
    assert.match(run(['init']).stdout, /--agent-dir .*mine/);
  });
});

suite('add', () => {
  test('takes a key from standard input, and no text shows it', (t) => {
    const { run, store } = home(t);
    run(['init']);
    const { stdout, stderr, status } = run(['add', 'openai', '--key-stdin', '--id', 'work'], { input: `${KEY}\n` });
    assert.equal(status, 0, stderr);
    assert.ok(stdout.includes('openai:work') && !`${stdout}${stderr}`.includes(KEY));
    const profile = JSON.parse(readFileSync(store, 'utf8')).profiles['openai:work'];
    assert.deepEqual(profile, { type: 'api_key', provider: 'openai', key: KEY });
  });

  test('never takes a key as an argument', (t) => {
    const { run } = home(t);
    run(['init']);
    const { stdout, stderr, status } = run(['add', 'openai', KEY]);
    assert.equal(status, 2);
    assert.match(stderr, /never an argument/);
    assert.ok(!`${stdout}${stderr}`.includes(KEY));
  });

  test('needs somebody to type where no key is given', (t) => {
    const { run } = home(t);
    run(['init']);
    assert.match(run(['add', 'openai'], { input: '' }).stderr, /--key-stdin or --key-env/);
  });

  const hasTerminal = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;
  test('hides what is typed', { skip: !hasTerminal }, (t) => {
    const { run, env, store } = home(t);
    run(['init']);
    const line = `"${process.execPath}" "${PROGRAM}" add openai --id typed`;
    const { stdout } = spawnSync('script', ['-qec', line, '/dev/null'], {
      env,
      encoding: 'utf8',
      input: `${KEY}\n`,
      timeout: 60_000,
    });
    assert.ok(!stdout.split('added')[1]?.includes(KEY), stdout);
    assert.match(stdout, /Key \(it is not shown\)/);
    assert.equal(JSON.parse(readFileSync(store, 'utf8')).profiles['openai:typed'].key, KEY);
  });

  test('stores the name of a variable, which a handle looks up', async (t) => {
    const { run, env, own, store } = home(t);
    env.WORK_KEY = KEY;
    run(['init']);
    assert.deepEqual(json(run(['add', 'openai', '--key-env', 'WORK_KEY', '--json'])).added, ['openai:work_key']);
    for (const { path, text } of filesBelow(own)) assert.ok(!text.includes(KEY), path);
    process.env.WORK_KEY = KEY;
    t.after(() => delete process.env.WORK_KEY);
    const accounts = createFailover({ provider: 'openai', agentDir: join(store, '..') });
    assert.equal((await accounts.run(({ apiKey }) => apiKey)).result, KEY);
    await accounts.close();
  });

  test('leaves an account that is there as it is', (t) => {
    const { run, store } = home(t);
    run(['init']);
    run(['add', 'openai', '--key-stdin', '--id', 'work'], { input: KEY });
    const { stderr, status } = run(['add', 'openai', '--key-stdin', '--id', 'work'], { input: 'another-key' });
    assert.equal(status, 3);
    assert.match(stderr, /openai:work is there already/);
    assert.ok(!readFileSync(store, 'utf8').includes('another-key'));
  });
});

suite('the accounts of a store', () => {
  const withTwo = (t) => {
    const place = home(t);
    place.run(['init']);
    place.run(['add', 'openai', '--key-stdin', '--id', 'a'], { input: KEY });
    place.run(['add', 'openai', '--key-env', 'B_KEY', '--id', 'b']);
    return place;
  };

  test('are listed with where their secrets are', (t) => {
    assert.deepEqual(json(withTwo(t).run(['list', '--json'])), [
      { profileId: 'openai:a', provider: 'openai', type: 'api_key', secret: 'in the store' },
      { profileId: 'openai:b', provider: 'openai', type: 'api_key', secret: 'keyRef env:default:B_KEY' },
    ]);
  });

  test('are renamed and removed', (t) => {
    const { run, store } = withTwo(t);
    assert.deepEqual(json(run(['rename', 'a', 'openai:c', '--json'])).renamed, { from: 'openai:a', to: 'openai:c' });
    assert.deepEqual(json(run(['remove', 'openai:b', '--json'])).removed, ['openai:b']);
    assert.deepEqual(Object.keys(JSON.parse(readFileSync(store, 'utf8')).profiles), ['openai:c']);
    assert.equal(run(['remove', 'openai:b']).status, 3);
  });
});

test('where there is nothing, the error says how to begin', (t) => {
  const { run, store } = home(t);
  assert.match(run(['status']).stderr, /auth-failover init/);
  assert.ok(!existsSync(store));
});
