// createFailover: where the state of in-line accounts lives.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import { settled } from '../../index.js';
import { AgentDir, storeOf } from '../support/agent-dir.mjs';
import { ask, filesBelow, open, ownDirectory } from '../support/handles.mjs';
import { nodeProgram } from '../support/leases.mjs';
import { rateLimited } from '../support/runs.mjs';

const KEYS = ['sk-secret-key-number-one', 'sk-secret-key-number-two', 'sk-secret-key-number-three'];

suite('state in a file', () => {
  test('is shared by programs with the same name, and by what comes after them', async (t) => {
    const own = ownDirectory(t);
    const first = open(KEYS.slice(0, 2), { strategy: 'priority' });
    await ask(first, { [KEYS[0]]: rateLimited() });
    await first.settled();
    assert.ok(existsSync(join(own, 'acme', 'auth-profiles.json')));
    const later = nodeProgram(
      `const { createFailover } = require(root + '/entry/main.js');
       createFailover({ provider: 'acme', profiles: ${JSON.stringify(KEYS.slice(0, 2))}, strategy: 'priority' })
         .run(({ apiKey }) => apiKey).then(({ result }) => console.log(result));`,
    );
    assert.equal(later.stdout.trim(), KEYS[1], later.stderr);
  });

  test('holds no secret, in no file', async (t) => {
    const own = ownDirectory(t);
    const credential = { type: 'oauth', access: 'access-secret-1', refresh: 'refresh-secret-1', expires: 9e12 };
    const accounts = open([...KEYS, { id: 'login', credential }, { id: 'vault', apiKey: () => 'vault-secret-1' }]);
    const refusals = KEYS.map((key) => [key, Object.assign(rateLimited(), { message: `no more for ${key}` })]);
    for (let round = 0; round < 6; round += 1) await ask(accounts, Object.fromEntries(refusals));
    await settled();
    const files = filesBelow(own);
    assert.ok(files.length > 0);
    for (const { path, text } of files) {
      for (const secret of [...KEYS, 'access-secret-1', 'refresh-secret-1', 'vault-secret-1']) {
        assert.ok(!text.includes(secret) && !text.includes(secret.slice(3)), `${secret} is in ${path}`);
      }
    }
  });

  test('of another name is another one', async (t) => {
    const own = ownDirectory(t);
    await ask(open(KEYS, { name: 'batch.jobs' }), {});
    await ask(open(KEYS, { provider: 'Odd Provider/x' }), {});
    await settled();
    assert.ok(existsSync(join(own, 'batch.jobs', 'auth-profiles.json')));
    assert.ok(existsSync(join(own, 'odd%20provider%2fx', 'auth-profiles.json')));
  });

  test('is in the user’s state directory where AUTH_FAILOVER_DIR is not set', {
    skip: process.platform !== 'linux',
  }, async (t) => {
    const own = ownDirectory(t);
    const program = `const { createFailover } = require(root + '/entry/main.js');
      createFailover({ provider: 'acme', profiles: ['key-one'] }).run(() => 'ok');`;
    const env = { ...process.env, HOME: own, AUTH_FAILOVER_DIR: '', XDG_STATE_HOME: '' };
    assert.equal(nodeProgram(program, { env }).code, 0);
    assert.ok(existsSync(join(own, '.local/state/auth-failover/acme/auth-profiles.json')));
    assert.equal(nodeProgram(program, { env: { ...env, XDG_STATE_HOME: join(own, 'xdg') } }).code, 0);
    assert.ok(existsSync(join(own, 'xdg/auth-failover/acme/auth-profiles.json')));
  });

  test('that is removed meanwhile costs no request, and is there again with the next one', async (t) => {
    const own = ownDirectory(t);
    const accounts = open(KEYS);
    await ask(accounts, {});
    await settled();
    rmSync(join(own, 'acme'), { recursive: true });
    for (let round = 0; round < 2; round += 1) assert.equal((await ask(accounts, {})).answer.result, 'ok');
    await settled();
    assert.ok(existsSync(join(own, 'acme', 'auth-profiles.json')));
  });

  test('forgets the rest of a refused key when its account has another one', async (t) => {
    ownDirectory(t);
    const refused = Object.assign(new Error('invalid api key'), { status: 401 });
    await ask(open([{ id: 'mine', apiKey: KEYS[0] }]), { [KEYS[0]]: refused });
    assert.deepEqual((await ask(open([{ id: 'mine', apiKey: KEYS[0] }]), {})).asked, []);
    assert.deepEqual((await ask(open([{ id: 'mine', apiKey: KEYS[1] }]), {})).asked, [KEYS[1]]);
  });

  test('that cannot be written is told once and kept in memory', (t) => {
    const own = ownDirectory(t);
    const blocked = join(own, 'file');
    writeFileSync(blocked, '');
    const program = `const { createFailover } = require(root + '/entry/main.js');
      const warnings = [];
      process.on('warning', ({ code }) => warnings.push(code));
      const options = { provider: 'acme', profiles: ['key-one', 'key-two'], strategy: 'priority' };
      const limited = Object.assign(new Error('slow down'), { status: 429, headers: { 'retry-after': '60' } });
      (async () => {
        const accounts = createFailover(options);
        const asked = [];
        const run = ({ apiKey }) => { asked.push(apiKey); if (apiKey === 'key-one') throw limited; return 'ok'; };
        for (let round = 0; round < 2; round += 1) await accounts.run(run);
        await createFailover(options).run(() => 'ok');
        await new Promise(setImmediate);
        console.log(JSON.stringify({ asked, warnings }));
      })();`;
    const env = { ...process.env, AUTH_FAILOVER_DIR: blocked };
    const { stdout, stderr } = nodeProgram(program, { env });
    assert.deepEqual(
      JSON.parse(stdout || '{}'),
      { asked: ['key-one', 'key-two', 'key-two'], warnings: ['WARN_STATE_IN_MEMORY'] },
      stderr,
    );
    assert.equal(readFileSync(blocked, 'utf8'), '');
  });
});

suite('state in memory', () => {
  test('writes nothing and holds for the handle', async (t) => {
    const own = ownDirectory(t);
    const accounts = open(KEYS.slice(0, 2), { state: 'memory', strategy: 'priority' });
    await ask(accounts, { [KEYS[0]]: rateLimited() });
    assert.deepEqual((await ask(accounts, {})).asked, [KEYS[1]]);
    await settled();
    assert.deepEqual(filesBelow(own), []);
  });

  test('reserves accounts for those who ask at the same time', async (t) => {
    ownDirectory(t);
    const accounts = open(KEYS, { state: 'memory' });
    const leases = [await accounts.lease(), await accounts.lease(), await accounts.lease()];
    assert.deepEqual(leases.map(({ apiKey }) => apiKey).sort(), [...KEYS].sort());
    for (const lease of leases) lease.release();
  });
});

for (const state of ['file', 'memory']) {
  suite(`what can be done to state in ${state}`, () => {
    const ID = 'mine';
    const accountsIn = (t) => {
      ownDirectory(t);
      return open([{ id: ID, apiKey: KEYS[0] }], { state });
    };
    const where = async (accounts) => (await accounts.describe()).profiles[0];

    test('describe tells where each account stands', async (t) => {
      const accounts = accountsIn(t);
      assert.deepEqual([(await where(accounts)).state, (await accounts.describe()).nextProfileId], ['ready', ID]);
      await ask(accounts, { [KEYS[0]]: rateLimited() });
      const { state: standing, reason, type } = await where(accounts);
      assert.deepEqual([standing, reason, type], ['cooling', 'rate_limit', 'api_key']);
    });

    test('rest lets an account rest, without a failure, and clear ends it', async (t) => {
      const accounts = accountsIn(t);
      assert.deepEqual(await accounts.rest(ID, { forMs: 60_000, reason: 'maintenance' }), { changed: true });
      const resting = await where(accounts);
      assert.deepEqual([resting.state, resting.reason, resting.errorCount], ['cooling', 'maintenance', 0]);
      const { error } = await ask(accounts, {});
      assert.deepEqual([error.code, error.nextProfileId], ['ERR_NO_PROFILE_AVAILABLE', ID]);
      assert.deepEqual(await accounts.clear(ID), { changed: true });
      assert.deepEqual((await ask(accounts, {})).asked, [KEYS[0]]);
    });

    test('pause leaves an account alone until resume', async (t) => {
      const accounts = accountsIn(t);
      assert.deepEqual(await accounts.pause(ID), { changed: true });
      assert.equal((await where(accounts)).state, 'paused');
      assert.equal((await ask(accounts, {})).error.code, 'ERR_NO_PROFILE_AVAILABLE');
      assert.deepEqual(await accounts.resume(ID), { changed: true });
      assert.deepEqual((await ask(accounts, {})).asked, [KEYS[0]]);
    });

    test('rest needs an end, and one in the future', async (t) => {
      const accounts = accountsIn(t);
      for (const [params, field] of [
        [{}, 'params.until'],
        [{ until: 1 }, 'params.until'],
        [{ forMs: -5 }, 'params.forMs'],
        [{ until: Date.now() + 9_000, forMs: 9_000 }, 'params.until'],
      ]) {
        await assert.rejects(accounts.rest(ID, params), { code: 'ERR_INVALID_ARGUMENT', field });
      }
      assert.deepEqual(await accounts.rest('other', { forMs: 9_000 }), { changed: false, reason: 'unknown-profile' });
    });

    test('watch tells what changes', async (t) => {
      // A watch keeps no process alive, so somebody else has to.
      const alive = setInterval(() => {}, 1_000);
      t.after(() => clearInterval(alive));
      const accounts = accountsIn(t);
      const changes = [];
      let told = () => {};
      const next = () => new Promise((resolve) => (told = resolve));
      const watch = await accounts.watch({
        onChange: ({ store, changed }) => {
          changes.push(changed);
          told(store);
        },
      });
      assert.equal(watch.store.profiles[ID].provider, 'acme');
      const change = next();
      await accounts.rest(ID, { forMs: 60_000 });
      assert.ok((await change).usageStats[ID].cooldownUntil > Date.now());
      assert.deepEqual(changes[0], [ID]);
      await accounts.close();
      const count = changes.length;
      await accounts.clear(ID);
      await settled();
      assert.equal(changes.length, count);
    });
  });
}

suite('a handle on a store', () => {
  test('has its accounts, and does the same', async (t) => {
    const profiles = {
      a: { type: 'api_key', provider: 'acme', key: 'key-a' },
      b: { type: 'api_key', provider: 'other', key: 'x' },
    };
    const dir = new AgentDir(t, storeOf(profiles));
    const accounts = open(undefined, { agentDir: dir.path });
    assert.deepEqual((await ask(accounts, {})).asked, ['key-a']);
    assert.deepEqual(
      (await accounts.describe()).profiles.map(({ profileId }) => profileId),
      ['a'],
    );
    await accounts.rest('a', { forMs: 60_000 });
    assert.ok(dir.stats('a').cooldownUntil > Date.now());
    const lease = await accounts.lease({ force: true }).catch((error) => error.code);
    assert.equal(lease, 'ERR_NO_PROFILE_AVAILABLE');
    await accounts.close();
  });
});
