// A busy writer is killed many times, in the middle of a mark or anywhere: nothing that it reported is lost, and nobody
// waits for it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { markAuthProfileFailure } from '../../index.js';
import { AgentDir, oauth, storeOf } from '../support/agent-dir.mjs';
import { random } from '../support/random.mjs';
import { times } from '../support/soak.mjs';
import { cannotStop, stopWhile } from '../support/stopped.mjs';

const WRITER = fileURLToPath(new URL('../support/busy-writer.mjs', import.meta.url));
const IDS = ['a', 'b', 'c'];
const FORMS = ['directory', 'pid-file', 'directory'];
const KILLS = Math.ceil(times(200, 2_000) / FORMS.length);
/** Enough to see the writer at each stage of a mark, with and without a flush. */
const MOST_MARKS = 20;
const LONGEST_MARK_US = 2_000;
// To repeat a run: KILL_SEED=<seed> node scripts/test.mjs store/kill. What the system does meanwhile is its own.
const SEED = Number(process.env.KILL_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Waits without a turn of the event loop: its timers are too coarse to meet a stage of a mark. */
function spin(microseconds) {
  const end = process.hrtime.bigint() + 1_000n * BigInt(microseconds);
  while (process.hrtime.bigint() < end);
}

/** Starts a writer; `reported` counts the persisted marks that it told of, by profile. */
function startWriter(t, dir, options) {
  const argument = JSON.stringify({ agentDir: dir.path, profileIds: IDS, options });
  const child = spawn(process.execPath, [WRITER, argument], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const reported = IDS.map(() => 0);
  child.stdout.on('data', (bytes) => {
    for (const index of bytes) reported[index] += 1;
  });
  const marks = async (count) => {
    while (reported.reduce((sum, of) => sum + of) < count) await once(child.stdout, 'data');
  };
  // 'close' comes when all that was in the pipe has been read.
  const exited = once(child, 'close');
  return { pid: child.pid, kill: (signal) => child.kill(signal), exited, reported, marks };
}

const counts = (dir) => IDS.map((id) => dir.stats(id)?.errorCount ?? 0);

/** One store, one writer after the other. Where a process can be stopped, every other one surely leaves its lock behind. */
async function lane(t, lockForm, { below }) {
  const store = storeOf(Object.fromEntries(IDS.map((id) => [id, oauth('p')])));
  const dir = new AgentDir(t, store);
  const profiles = JSON.stringify(dir.json().profiles);
  for (let kill = 0; kill < KILLS; kill++) {
    const inMark = !cannotStop && kill % 2 === 0;
    const where = `kill ${kill} of ${lockForm}${inMark ? ', in a mark' : ''}; KILL_SEED=${SEED}`;
    const before = counts(dir);
    const writer = startWriter(t, dir, { lockForm, durability: below(4) === 0 ? 'full' : 'relaxed' });
    await writer.marks(1 + below(MOST_MARKS));
    if (inMark) await stopWhile(writer, `${dir.file}.lock`);
    else spin(below(LONGEST_MARK_US));
    writer.kill('SIGKILL');
    assert.equal((await writer.exited)[1], 'SIGKILL', where);
    const after = counts(dir);
    const extra = after.map((count, index) => count - before[index] - writer.reported[index]);
    // The mark that was under way may have been written and not reported.
    assert.ok(Math.min(...extra) >= 0, `lost ${extra} in ${where}`);
    assert.ok(extra.reduce((sum, count) => sum + count) <= 1, `${extra} more than reported in ${where}`);
    assert.equal(JSON.stringify(dir.json().profiles), profiles, where);
    // To hosts the dead writer's lock is stale after 30 s only: whoever waited for that would fail.
    const next = { store, profileId: 'a', reason: 'auth', agentDir: dir.path, lockForm, lockTimeoutMs: 20_000 };
    assert.deepEqual(await markAuthProfileFailure(next), { persisted: true, changed: true }, where);
  }
}

test(`${KILLS} kills each of ${FORMS.length} writers: no mark and no credential is lost, and the next mark waits for nobody (seed ${SEED})`, async (t) => {
  const { below } = random(SEED);
  const seeds = FORMS.map(() => random(below(2 ** 31)));
  await Promise.all(FORMS.map((form, index) => lane(t, form, seeds[index])));
});
