// 8 processes wait for a holder that is killed: they enter one by one. (Of 60 such rounds with the JavaScript
// original, two held the lock at once in 54.)
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { AgentDir, oauth, storeOf } from '../support/agent-dir.mjs';
import { start } from '../support/child.mjs';
import { times } from '../support/soak.mjs';

const WAITERS = 8;
const ROUNDS = times(6, 60);

for (const lockForm of ['directory', 'pid-file']) {
  test(`${ROUNDS} rounds with a dead holder's ${lockForm}: never two holders at once`, async (t) => {
    const dir = new AgentDir(t, storeOf({ a: oauth('p') }));
    const log = join(dir.path, 'log');
    writeFileSync(log, '');
    // To hosts the dead holder's lock is stale after 30 s only: whoever waited for that would fail.
    const options = { lockForm, lockTimeoutMs: 20_000 };
    const waiters = Array.from({ length: WAITERS }, () =>
      start(t, 'lock-waiter.mjs', { agentDir: dir.path, log, options }),
    );
    await Promise.all(waiters.map((waiter) => waiter.next()));
    for (let round = 0; round < ROUNDS; round++) {
      const victim = start(t, 'lock-victim.mjs', { agentDir: dir.path, options });
      assert.equal(await victim.next(), 'held');
      for (const waiter of waiters) waiter.send('go');
      assert.equal(readFileSync(log, 'utf8').split('\n').length - 1, round * WAITERS * 2);
      victim.kill();
      await Promise.all(waiters.map((waiter) => waiter.next()));
      assert.equal(existsSync(`${dir.file}.lock`), false);
    }
    for (const waiter of waiters) waiter.send('end');
    await Promise.all(waiters.map((waiter) => waiter.exited));
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
    assert.equal(lines.length, ROUNDS * WAITERS * 2);
    for (let index = 0; index < lines.length; index += 2) {
      assert.equal(lines[index].replace('enter', 'leave'), lines[index + 1], `two at once at line ${index}`);
    }
  });
}
