// Several processes on one store: nothing is lost, and a reader never sees a part.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markAuthProfileFailure } from '../../index.js';
import { AgentDir, oauth, storeOf } from '../support/agent-dir.mjs';
import { start } from '../support/child.mjs';
import { times } from '../support/soak.mjs';

const IDS = ['a', 'b', 'c', 'd'];
const storeOfFour = () => storeOf(Object.fromEntries(IDS.map((id) => [id, oauth('p')])));

async function run(writers) {
  await Promise.all(writers.map((writer) => writer.next()));
  for (const writer of writers) writer.send('go');
  const results = await Promise.all(writers.map((writer) => writer.next()));
  await Promise.all(writers.map((writer) => writer.exited));
  return results;
}

const sumOfErrors = (dir) => Object.values(dir.json().usageStats).reduce((sum, stats) => sum + stats.errorCount, 0);

test('4 processes x 100 marks: the sum is exact, a reader in a loop never fails, credentials stay', async (t) => {
  const dir = new AgentDir(t, storeOf(Object.fromEntries([...IDS, 'own'].map((id) => [id, oauth('p')]))));
  const profiles = JSON.stringify(dir.json().profiles);
  const reader = start(t, 'reader.mjs', { file: dir.file });
  await reader.next();
  const argument = { agentDir: dir.path, profileIds: IDS, marks: 100 };
  const writing = run(IDS.map(() => start(t, 'marker.mjs', argument)));
  let word;
  reader.next().then((said) => (word = said));
  let own = 0;
  // This process goes on marking until the reader has met writers at work.
  for (const store = dir.json(); word === undefined; own += 1) {
    await markAuthProfileFailure({ store, profileId: 'own', reason: 'auth', agentDir: dir.path, strict: true });
  }
  assert.equal(word, 'busy');
  const results = await writing;
  reader.send('stop');
  assert.deepEqual(await reader.next(), { broken: null });
  assert.deepEqual(
    results.map((result) => result.persisted),
    [100, 100, 100, 100],
  );
  assert.equal(dir.stats('own').errorCount, own);
  assert.equal(sumOfErrors(dir), 400 + own);
  assert.deepEqual(dir.json().usageStats.a.failureCounts, { rate_limit: 100 });
  assert.equal(JSON.stringify(dir.json().profiles), profiles);
});

test('native and proper-lockfile writers together: the sum is exact', async (t) => {
  const dir = new AgentDir(t, storeOfFour());
  const profiles = JSON.stringify(dir.json().profiles);
  const [ours, theirs] = [times(40, 700), times(20, 300)];
  const options = { lockTimeoutMs: 600_000 };
  const native = () => start(t, 'marker.mjs', { agentDir: dir.path, profileIds: IDS, marks: ours, options });
  const javascript = () => start(t, 'js-writer.mjs', { file: dir.file, profileIds: IDS, marks: theirs });
  await run([native(), native(), javascript(), javascript()]);
  assert.equal(sumOfErrors(dir), 2 * ours + 2 * theirs);
  assert.equal(JSON.stringify(dir.json().profiles), profiles);
});
