// Processes that renew logins are killed at any moment. Each leaves one of three things: the token unspent, the new one
// saved, or a note that it may be spent. No login is lost that another try could have kept.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runWithAuthProfiles, settled } from '../../index.js';
import { start } from '../support/child.mjs';
import { idOf, logins } from '../support/logins.mjs';
import { random } from '../support/random.mjs';
import { times } from '../support/soak.mjs';

const KILLS = times(12, 500);
/** Logins of one store; the victim renews so many of them at once. */
const LOGINS = 8;
const AT_ONCE = 2;
// To repeat a run: KILL_SEED=<seed> node scripts/test.mjs oauth/kill. What the system does meanwhile is its own.
const SEED = Number(process.env.KILL_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Waits without a turn of the event loop's timers, which are too coarse; the server must go on meanwhile. */
async function pass(microseconds) {
  const end = process.hrtime.bigint() + 1_000n * BigInt(microseconds);
  while (process.hrtime.bigint() < end) await new Promise(setImmediate);
}

/** One victim; what its logins had come to before anybody else looked, and after. */
async function kill(t, { below }) {
  const names = Array.from({ length: LOGINS }, (_, index) => `a${index}`);
  const expires = Date.now() - 1_000;
  const setting = await logins(t, Object.fromEntries(names.map((name) => [name, { expires }])));
  const { server, params, stored, records } = setting;
  const first = Object.fromEntries(names.map((name) => [name, stored(name).refresh]));
  const { tokenUrl, apiUrl } = server;
  const victim = start(t, 'login-asker.mjs', { agentDir: params.agentDir, tokenUrl, apiUrl });
  await victim.next();
  victim.send({ requests: 1, profileIds: names.map(idOf), atOnce: AT_ONCE });
  const seen = below(LOGINS - 1);
  while (server.refreshes.length <= seen) await new Promise(setImmediate);
  await pass(below(8_000));
  victim.kill();
  assert.equal((await victim.exited).signal, 'SIGKILL');
  // What it had sent arrives all the same.
  await pass(2_000);
  const saved = new Set(names.filter((name) => stored(name).refresh !== first[name]));
  const count = { unspent: 0, saved: 0, lost: 0 };
  for (const name of names) {
    const isSpent = !server.isCurrent(first[name]);
    const { refresh } = stored(name);
    // A file that holds another token holds the newest.
    assert.ok(refresh === first[name] || server.isCurrent(refresh), name);
    const own = { preferredProfile: idOf(name), strategy: 'pinned' };
    const outcome = await runWithAuthProfiles({ ...params, ...own }).catch((error) => error);
    const isLost = isSpent && refresh === first[name];
    if (!isLost) {
      assert.deepEqual([outcome.result, server.isRevoked(name)], [name, false], `${name}: ${outcome.cause ?? outcome}`);
      count[isSpent ? 'saved' : 'unspent'] += 1;
      continue;
    }
    // The server had answered, and the answer was lost with the process: nobody could have kept this one.
    assert.equal(outcome.cause?.needsLogin, true, name);
    assert.equal(server.refreshes.filter((it) => it.family === name && it.outcome === 'renewed').length, 1, name);
    count.lost += 1;
  }
  assert.ok(count.lost <= AT_ONCE, `${count.lost} lost at once`);
  await settled();
  // Of one that was saved and not noted, the file says so.
  const isOpen = ({ is, profile }) =>
    ['taken', 'spending', 'unknown'].includes(is) && names.some((name) => idOf(name) === profile && !saved.has(name));
  const open = records().filter(isOpen);
  assert.deepEqual(open, [], 'every login is settled');
  return count;
}

test(`${KILLS} processes are killed while they renew ${LOGINS} logins (seed ${SEED})`, async (t) => {
  const chance = random(SEED);
  const sum = { unspent: 0, saved: 0, lost: 0 };
  for (let round = 0; round < KILLS; round++) {
    const count = await kill(t, chance);
    for (const what of Object.keys(sum)) sum[what] += count[what];
  }
  t.diagnostic(`${JSON.stringify(sum)} of ${KILLS * LOGINS} logins`);
  assert.ok(sum.saved > 0 && sum.unspent > 0, 'it was killed too early or too late each time');
});

test('a token whose fate is unknown is noted until the next refresh has settled it', async (t) => {
  let release;
  const isReleased = new Promise((resolve) => (release = resolve));
  const setting = await logins(t, { a: { expires: Date.now() - 1_000 } }, { answer: () => isReleased });
  const { server, params, records } = setting;
  const { tokenUrl, apiUrl } = server;
  const victim = start(t, 'login-asker.mjs', { agentDir: params.agentDir, tokenUrl, apiUrl });
  await victim.next();
  victim.send({ requests: 1 });
  while (server.refreshes.length === 0) await new Promise(setImmediate);
  assert.deepEqual(
    records().map(({ is, by }) => [is, by.pid]),
    [['spending', victim.pid]],
  );
  victim.kill();
  await victim.exited;
  server.state.answer = undefined;
  assert.equal((await runWithAuthProfiles(params)).result, 'a');
  await settled();
  assert.deepEqual(
    records().map(({ is, pid, profile }) => [is, pid, profile]),
    [['renewed', process.pid, idOf('a')]],
  );
  release('answered');
});
