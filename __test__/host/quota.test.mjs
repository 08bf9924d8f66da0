// How often an account out of quota is asked by one prompt of pi's real session (0.49.3, as hosts up to 1.29 bundle it).
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { classifyFailoverReason } from '../../index.js';
import { AgentDir } from '../support/agent-dir.mjs';
import { start } from '../support/child.mjs';
import { finish, rateLimited, sse, text } from '../support/code-assist-server.mjs';
import { server } from '../support/request.mjs';

const preload = (name) => ['--import', new URL(`../support/pi-host/${name}.mjs`, import.meta.url).href];
// pi's own pauses between its repetitions are not what is tested.
const settings = { retry: { baseDelayMs: 1 } };

/** Asks once for each token, in a process of its own, which `preloads` swap the provider in or not. */
async function prompt(t, { answer, request, preloads, tokens = ['account'] }) {
  const { url, countFor } = await server(answer);
  const child = start(
    t,
    'pi-host/prompt.mjs',
    { piDir: new AgentDir(t).path, url, tokens, settings, request },
    { execArgv: preloads.flatMap(preload) },
  );
  const messages = await child.next();
  return { messages, requests: tokens.map(countFor) };
}

suite('a prompt on an account out of quota', () => {
  const spent = () => rateLimited({ resetAfter: '12m10s', reason: 'QUOTA_EXHAUSTED' });
  // The original would sit out a stated wait.
  const unstated = () => rateLimited({});

  for (const [expected, name, parts] of [
    [1, 'our provider, quota wording', { answer: spent, request: { rateLimitText: 'quota' }, preloads: ['swap'] }],
    [4, 'our provider, status wording, which pi repeats', { answer: spent, preloads: ['swap'] }],
    [16, 'the original provider, which repeats too', { answer: unstated, preloads: ['hurry'] }],
  ]) {
    test(`requests: ${expected} (${name})`, async (t) => {
      const { messages, requests } = await prompt(t, parts);
      assert.deepEqual(requests, [expected]);
      assert.equal(messages[0].stopReason, 'error');
      assert.equal(classifyFailoverReason(messages[0].errorMessage), 'rate_limit');
    });
  }

  // "429", "502" and the like anywhere in the text would make pi ask again.
  test('requests: 1, whatever the stated wait is spelt like (our provider, quota wording)', async (t) => {
    const tokens = ['429s', '500s', '502h1m503s', '504h', '19h14m47s'];
    const { requests } = await prompt(t, {
      answer: ({ token }) => rateLimited({ resetAfter: token }),
      request: { rateLimitText: 'quota' },
      preloads: ['swap'],
      tokens,
    });
    assert.deepEqual(requests, [1, 1, 1, 1, 1]);
  });
});

test('a prompt on an account with quota is answered by one request of ours', async (t) => {
  const answer = () => sse(text('Hello '), text('you'), finish('STOP'));
  const { messages, requests } = await prompt(t, { answer, preloads: ['swap'] });
  assert.deepEqual(requests, [1]);
  assert.deepEqual([messages[0].stopReason, messages[0].content[0].text], ['stop', 'Hello you']);
});
