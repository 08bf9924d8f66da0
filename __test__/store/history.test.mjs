// What several processes saw of a store can be explained by one order of their marks and reads, crashes included.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AgentDir, oauth, storeOf, T0 } from '../support/agent-dir.mjs';
import { linearize } from '../support/history.mjs';
import { random } from '../support/random.mjs';
import { times } from '../support/soak.mjs';

const WORKER = fileURLToPath(new URL('../support/history-worker.mjs', import.meta.url));
const IDS = ['a', 'b'];
const PROCESSES = 4;
const OPERATIONS = 120;
const ROUNDS = times(5, 100);
// To repeat a run: HISTORY_SEED=<seed> node scripts/test.mjs history. The moments in between are the system's.
const SEED = Number(process.env.HISTORY_SEED ?? Math.floor(Math.random() * 2 ** 31));

const clock = () => Number(process.hrtime.bigint() / 1_000n);

/** Starts one process; `finished` gives its operations. */
async function startWorker(t, argument) {
  const worker = spawn(process.execPath, [WORKER, JSON.stringify(argument)], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => worker.kill('SIGKILL'));
  const operations = [];
  const lines = createInterface({ input: worker.stdout });
  const closed = once(worker, 'close');
  const ready = once(lines, 'line');
  lines.on('line', (line) => {
    const said = JSON.parse(line);
    if (said.ready) return;
    if (said.kind) operations.push({ ...said, end: Number.POSITIVE_INFINITY, isLost: true });
    else Object.assign(operations.at(-1), { ...said, isLost: false });
  });
  await ready;
  const finished = (async () => {
    const [code, signal] = await closed;
    assert.equal(signal ?? code, argument.dies ? 'SIGKILL' : 0);
    const last = operations.at(-1);
    if (last.isLost) last.end = clock();
    return operations;
  })();
  return { go: () => worker.stdin.end('g'), finished };
}

test(`${ROUNDS} rounds of ${PROCESSES} processes, most of which die: one order explains all (seed ${SEED})`, async (t) => {
  const dir = new AgentDir(t, storeOf(Object.fromEntries(IDS.map((id) => [id, oauth('p')]))));
  const { below } = random(SEED);
  const processes = [];
  for (let round = 0; round < ROUNDS; round++) {
    const starting = Array.from({ length: PROCESSES }, (_, index) =>
      startWorker(t, {
        agentDir: dir.path,
        profileIds: IDS,
        seed: below(2 ** 31),
        firstStamp: T0 + (round * PROCESSES + index) * OPERATIONS,
        operations: OPERATIONS,
        dies: index > 0,
      }),
    );
    const workers = await Promise.all(starting);
    for (const worker of workers) worker.go();
    processes.push(...(await Promise.all(workers.map((worker) => worker.finished))));
  }
  for (const id of IDS) {
    const ofProfile = processes
      .map((operations) => operations.filter((operation) => operation.profileId === id))
      .filter((operations) => operations.length > 0);
    assert.ok(linearize(ofProfile), `no order explains what was seen of ${id}; HISTORY_SEED=${SEED}`);
  }
  const all = processes.flat();
  assert.ok(all.some((operation) => operation.isLost) && all.length > ROUNDS * OPERATIONS);
});

suite('the checker', () => {
  const operation = (kind, stamp, call, end, value) => ({ kind, stamp, call, end, value, isLost: value === 'lost' });
  const count = (errorCount, lastFailureAt) => ({ errorCount, lastFailureAt });

  for (const [name, answer, history] of [
    [
      'accepts what overlaps in either order',
      true,
      [[['failure', 1, 0, 9, count(2, 1)]], [['failure', 2, 0, 9, count(1, 2)]]],
    ],
    ['refuses a lost update', false, [[['failure', 1, 0, 9, count(1, 1)]], [['failure', 2, 0, 9, count(1, 2)]]]],
    [
      'refuses an order against the clock',
      false,
      [[['failure', 1, 0, 3, count(2, 1)]], [['failure', 2, 5, 9, count(1, 2)]]],
    ],
    ['refuses an old read', false, [[['failure', 1, 0, 3, count(1, 1)]], [['read', 2, 5, 9, undefined]]]],
    [
      'accepts a lost answer that took effect',
      true,
      [[['failure', 1, 0, 3, 'lost']], [['read', 2, 5, 9, count(1, 1)]]],
    ],
    ['accepts a lost answer that took none', true, [[['failure', 1, 0, 3, 'lost']], [['read', 2, 5, 9, undefined]]]],
    [
      'refuses an effect after death',
      false,
      [
        [['failure', 1, 0, 3, 'lost']],
        [
          ['read', 2, 5, 6, undefined],
          ['read', 3, 7, 9, count(1, 1)],
        ],
      ],
    ],
    [
      'refuses an effect that goes away again',
      false,
      [
        [['failure', 1, 0, 9, 'lost']],
        [
          ['read', 2, 1, 2, count(1, 1)],
          ['read', 3, 3, 4, undefined],
        ],
      ],
    ],
  ]) {
    test(name, () => {
      const processes = history.map((operations) => operations.map((parts) => operation(...parts)));
      assert.equal(linearize(processes) !== null, answer);
    });
  }
});
