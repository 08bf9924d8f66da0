// What passed through a call is the caller's again when the call is over: nothing native keeps it alive.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { runWithAuthProfiles, settleAttempt } from '../../index.js';
import { AgentDir, oauth, storeOf } from '../support/agent-dir.mjs';
import { eventually } from '../support/changed.mjs';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

/** Waits until `make`'s object is collected. */
async function collected(make) {
  const kept = new WeakRef(await make());
  await eventually(() => {
    collectGarbage();
    return kept.deref() === undefined;
  });
}

test("a run's answer", async (t) => {
  const dir = new AgentDir(t, storeOf({ a: oauth() }));
  await collected(async () => {
    const answer = { answer: 'Hello' };
    await runWithAuthProfiles({ provider: 'google-gemini-cli', agentDir: dir.path, run: () => answer });
    return answer;
  });
});

for (const [name, rest] of [
  ['whose wait is refused', { waitForCompactionRetry: 7 }],
  ['whose timeout is refused', { timeoutMs: -1 }],
]) {
  test(`the answer of a prompt ${name}`, async () => {
    await collected(async () => {
      const answer = { answer: 'Hello' };
      const prompt = Promise.resolve(answer);
      await assert.rejects(settleAttempt({ prompt, ...rest }), { code: 'ERR_INVALID_ARGUMENT' });
      return answer;
    });
  });
}

test('the answer of a wait that was running when the prompt was not even begun', async () => {
  await collected(async () => {
    const answer = { answer: 'Hello' };
    const waitForCompactionRetry = Promise.resolve(answer);
    await settleAttempt({ prompt: () => 1, waitForCompactionRetry, signal: AbortSignal.abort() });
    return answer;
  });
});
