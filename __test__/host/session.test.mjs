// pi's own session (0.49.3, as hosts up to 1.29 bundle it) over our provider: how often one account is asked.
import assert from 'node:assert/strict';
import { beforeEach, suite, test } from 'node:test';

import { classifyFailoverReason } from '../../index.js';
import { AgentDir } from '../support/agent-dir.mjs';
import { finish, rateLimited, sse, text } from '../support/code-assist-server.mjs';
import { lastAnswer, newSession, textOf } from '../support/pi-session.mjs';
import { server } from '../support/request.mjs';
import { pi } from '../support/swapped-pi.mjs';
import { settings } from '../support/swapped-provider.mjs';

// pi's own pauses between its repetitions are not what is tested.
const quickRetries = { retry: { baseDelayMs: 1 } };
const spent = () => rateLimited({ resetAfter: '12m10s', reason: 'QUOTA_EXHAUSTED' });

beforeEach(() => {
  settings.rateLimitText = 'quota';
});

async function promptOf(t, answer, piSettings) {
  const started = await server(answer);
  const agentDir = new AgentDir(t).path;
  const session = await newSession(pi, { agentDir, url: started.url, token: 'account', settings: piSettings });
  t.after(() => session.dispose());
  await session.prompt('Hello');
  return { requests: started.countFor('account'), message: lastAnswer(session), sent: started.requests };
}

suite('a prompt on an account out of quota', () => {
  test('costs one request with the quota wording', async (t) => {
    const { requests, message } = await promptOf(t, spent);
    assert.equal(requests, 1);
    assert.equal(message.stopReason, 'error');
    assert.equal(classifyFailoverReason(message.errorMessage), 'rate_limit');
  });

  test("costs four with the status wording: pi's session repeats what looks like a 429", async (t) => {
    settings.rateLimitText = 'status';
    const { requests, message } = await promptOf(t, spent, quickRetries);
    assert.equal(requests, 4);
    assert.equal(classifyFailoverReason(message.errorMessage), 'rate_limit');
  });

  test('costs one with either wording where pi is told not to repeat', async (t) => {
    settings.rateLimitText = 'status';
    const { requests } = await promptOf(t, spent, { retry: { enabled: false } });
    assert.equal(requests, 1);
  });

  for (const resetAfter of ['429s', '502s', '19h14m47s', '503h', undefined]) {
    test(`costs one whatever the wait is spelt like (${resetAfter})`, async (t) => {
      const { requests } = await promptOf(t, () => rateLimited({ resetAfter }), quickRetries);
      assert.equal(requests, 1);
    });
  }
});

test('a prompt on an account with quota is answered, and the server sees what pi was asked', async (t) => {
  const { requests, message, sent } = await promptOf(t, () => sse(text('Hello '), text('you'), finish('STOP')));
  assert.equal(requests, 1);
  assert.equal(textOf(message), 'Hello you');
  assert.equal(sent[0].body.request.contents[0].parts[0].text, 'Hello');
});
