// How often one prompt of pi's real session (0.49.3) asks an account out of quota: by provider and by wording.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { classifyFailoverReason } from '../../index.js';
import { AgentDir } from '../support/agent-dir.mjs';
import { start } from '../support/child.mjs';
import { rateLimited } from '../support/code-assist-server.mjs';
import { server } from '../support/request.mjs';

const preload = (name) => ['--import', new URL(`../support/${name}.mjs`, import.meta.url).href];
const spent = () => rateLimited({ resetAfter: '12m10s', reason: 'QUOTA_EXHAUSTED' });
// The original would sit out a stated wait.
const unstated = () => rateLimited({});
// pi's own pauses between its repetitions are not what is tested.
const piSettings = { retry: { baseDelayMs: 1 } };

suite('a prompt on an account out of quota', () => {
  for (const [expected, name, { answer, preloads, rateLimitText }] of [
    [1, 'our provider, quota wording', { answer: spent, preloads: ['swap'], rateLimitText: 'quota' }],
    [4, 'our provider, status wording, repeated by pi', { answer: spent, preloads: ['swap'], rateLimitText: 'status' }],
    [16, 'the original provider, which repeats too', { answer: unstated, preloads: ['hurry'] }],
  ]) {
    test(`requests: ${expected} (${name})`, async (t) => {
      const { url, countFor } = await server(answer);
      const child = start(
        t,
        'pi-prompt.mjs',
        { agentDir: new AgentDir(t).path, url, token: 'account', piSettings, rateLimitText },
        { execArgv: preloads.flatMap(preload) },
      );
      const { stopReason, errorMessage } = await child.next();
      assert.equal(countFor('account'), expected);
      assert.equal(stopReason, 'error');
      assert.equal(classifyFailoverReason(errorMessage), 'rate_limit');
    });
  }
});
