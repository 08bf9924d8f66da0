// When bookings are in the file: settled(), and the ends of processes and workers.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { markAuthProfileUsed, runWithAuthProfiles, settled, upsertAuthProfile } from '../../index.js';
import { AgentDir, freeze, HOUR, storeOf } from '../support/agent-dir.mjs';
import { accounts, bareRefusal, errorOf, PROVIDER, rateLimited, run } from '../support/runs.mjs';

const program = fileURLToPath(new URL('../support/one-run.mjs', import.meta.url));

/** Runs the program to its end; what it wrote to standard error. */
async function processThat(t, dir, end, rest = {}) {
  const argument = JSON.stringify({ agentDir: dir.path, provider: PROVIDER, end, ...rest });
  const child = spawn(process.execPath, [program, argument], { stdio: ['ignore', 'inherit', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  let told = '';
  child.stderr.on('data', (text) => (told += text));
  const [code] = await once(child, 'close');
  return { code, told };
}

suite('settled', () => {
  test('resolves at once where nothing was booked', async () => {
    assert.deepEqual(await settled(), { unwritten: 0 });
  });

  test('resolves when every booking so far is in the file', async (t) => {
    freeze(t);
    const dir = accounts(t, ['a', 'b', 'c']);
    const runs = Array.from({ length: 20 }, () => run(dir, { a: rateLimited(), else: 'ok' }).given);
    await Promise.all(runs);
    await settled();
    const { usageStats, lastGood } = dir.json();
    assert.equal(usageStats.a.errorCount, 1);
    assert.deepEqual([usageStats.b.errorCount, usageStats.c.errorCount], [0, 0]);
    assert.ok(['b', 'c'].includes(lastGood[PROVIDER]));
  });

  test('waits for a lock, however often the wait for it ends', async (t) => {
    freeze(t, Date.now());
    const dir = accounts(t, ['a']);
    mkdirSync(`${dir.file}.lock`);
    await run(dir, { a: 'ok' }, { lockTimeoutMs: 1 }).given;
    let isSettled = false;
    const wait = settled().then(() => (isSettled = true));
    // Another wait for the same lock begins and ends meanwhile.
    await markAuthProfileUsed({ store: dir.json(), profileId: 'a', agentDir: dir.path, lockTimeoutMs: 40 });
    assert.equal(isSettled, false);
    rmdirSync(`${dir.file}.lock`);
    await wait;
    assert.equal(dir.stats('a').errorCount, 0);
  });

  test('says what cannot be written, and it is written when it can be', async (t) => {
    freeze(t);
    const dir = accounts(t, ['a', 'b']);
    const text = dir.text();
    const broken = ({ profileId }) => {
      // The store is cut while the account is asked.
      writeFileSync(dir.file, '{"profiles":');
      throw Object.assign(rateLimited(HOUR / 1_000), { profileId });
    };
    const error = await errorOf(run(dir, { else: broken }, { maxAttempts: 1 }).given);
    assert.match(error.code, /^ERR_/);
    assert.deepEqual(await settled(), { unwritten: 1 });
    writeFileSync(dir.file, text);
    const { asked, answer } = run(dir, { else: 'ok' });
    await answer;
    assert.deepEqual(asked, ['b']);
    assert.equal(dir.stats('a').errorCount, 1);
  });
});

suite('bookings that nobody has seen', () => {
  test('are not counted if they are taken back before that', async (t) => {
    freeze(t, Date.now());
    const dir = accounts(t, ['a', 'b', 'c']);
    mkdirSync(`${dir.file}.lock`);
    const { given, answer } = run(dir, { else: bareRefusal() });
    assert.equal((await errorOf(given)).code, 'ERR_REQUEST_REFUSED');
    rmdirSync(`${dir.file}.lock`);
    await errorOf(answer);
    assert.equal(dir.json().usageStats, undefined);
  });
});

suite('the end of a process', () => {
  for (const end of ['natural', 'exit', 'uncaught', 'worker', 'worker-terminated']) {
    test(`${end}: loses no booking and no session`, async (t) => {
      const dir = accounts(t, ['a']);
      const { told } = await processThat(t, dir, end);
      assert.equal(dir.stats('a').errorCount, 0);
      assert.match(readFileSync(`${dir.file}.native-sessions`, 'utf8'), /"home":"a"/);
      assert.doesNotMatch(told, /auth-failover/);
    });
  }

  test('a failure is written too', async (t) => {
    const dir = accounts(t, ['a']);
    await processThat(t, dir, 'exit', { failure: { status: 429 } });
    assert.equal(dir.stats('a').errorCount, 1);
  });

  test('a lock that is never given back delays it for a while only, and what is not written is said once', async (t) => {
    const dir = accounts(t, ['a']);
    mkdirSync(`${dir.file}.lock`);
    const { code, told } = await processThat(t, dir, 'natural');
    assert.equal(code, 0);
    assert.equal(told.match(/auth-failover: results not written/g).length, 1);
    assert.match(told, /auth-profiles\.json \(1\)/);
    rmSync(`${dir.file}.lock`, { recursive: true });
  });
});

suite('a new login while a request with the old one is under way', () => {
  for (const [name, status] of [
    ['a refused key', 401],
    ['a forbidden one', 403],
  ]) {
    test(`is not rested by ${name}`, async (t) => {
      const credential = (key) => ({ type: 'api_key', provider: 'acme', key });
      const dir = new AgentDir(t, storeOf({ a: credential('old') }));
      const asked = [];
      const answer = async ({ apiKey }) => {
        asked.push(apiKey);
        if (apiKey !== 'old') return 'hello';
        await upsertAuthProfile({ agentDir: dir.path, profileId: 'a', credential: credential('new') });
        throw Object.assign(new Error('Incorrect API key provided'), { status });
      };
      const params = { provider: 'acme', agentDir: dir.path, run: answer };
      await runWithAuthProfiles(params).catch((error) => error.code);
      await settled();
      assert.equal(dir.stats('a')?.disabledUntil, undefined);
      assert.equal((await runWithAuthProfiles(params)).result, 'hello');
      assert.deepEqual(asked, ['old', 'new']);
    });
  }
});

test('what was booked under one name of a store holds under another', async (t) => {
  freeze(t, Date.now());
  const dir = accounts(t, ['a', 'b']);
  const link = `${dir.path}-link`;
  symlinkSync(dir.path, link);
  t.after(() => unlinkSync(link));
  mkdirSync(`${dir.file}.lock`);
  await run(dir, { a: rateLimited(3_600), b: 'ok' }).given;
  const other = run({ path: link }, { else: 'ok' });
  await other.given;
  assert.deepEqual(other.asked, ['b']);
  rmdirSync(`${dir.file}.lock`);
  await settled();
});
