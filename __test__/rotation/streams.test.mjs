// runWithAuthProfiles around streams that are read inside `run`: what has gone out is not asked for again.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { streamText } from 'ai';
import OpenAI from 'openai';

import { runWithAuthProfiles, settled } from '../../index.js';
import { accounts, errorOf, rateLimited, run } from '../support/runs.mjs';
import { chat, limited, message, provider } from '../support/streaming-provider.mjs';

const ask = [{ role: 'user', content: 'hi' }];

/** Streams chat completions with `openai`; `tell` is called with the context for each text before it goes out. */
const openaiChat = (url, out, tell) => async (context) => {
  const openai = new OpenAI({ apiKey: context.apiKey, baseURL: url, maxRetries: 0 });
  const stream = await openai.chat.completions.create({ model: 'm', messages: ask, stream: true });
  for await (const { choices } of stream) {
    const text = choices[0].delta.content;
    if (!text) continue;
    tell(context);
    out.push(text);
  }
  return 'whole';
};

suite('after deliver()', () => {
  test('a stream that breaks ends the run with the very error, and nobody else is asked', async (t) => {
    const { url, dir, asked } = await provider(t, { a: chat(['Once '], 'break'), b: chat(['Once ', 'upon']) });
    const out = [];
    let thrown;
    const read = openaiChat(url, out, ({ deliver }) => deliver());
    const answer = runWithAuthProfiles({
      provider: 'acme',
      agentDir: dir.path,
      run: (context) =>
        read(context).catch((error) => {
          thrown = error;
          throw error;
        }),
    });
    assert.equal(await errorOf(answer), thrown);
    assert.deepEqual([asked, out], [['a'], ['Once ']]);
  });

  test('a limit is booked all the same', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const mine = rateLimited(600);
    const late = ({ deliver }) => {
      deliver();
      return mine;
    };
    const { answer, asked } = run(dir, { a: late, b: 'ok' });
    assert.equal(await errorOf(answer), mine);
    assert.deepEqual(asked, ['a']);
    assert.equal(dir.stats('a').failureCounts.rate_limit, 1);
  });

  test("the next one is asked if the caller says 'always'", async (t) => {
    const { url, dir } = await provider(t, { a: chat(['Once '], 'break'), b: chat(['Once ', 'upon']) });
    const out = [];
    const read = openaiChat(url, out, ({ deliver }) => deliver());
    const { profileId } = await runWithAuthProfiles({
      provider: 'acme',
      agentDir: dir.path,
      replay: 'always',
      run: read,
    });
    assert.equal(profileId, 'acme:b');
  });

  test('a message that ended in an error is not asked for again either', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const failed = { role: 'assistant', content: [], stopReason: 'error', errorMessage: '529 overloaded' };
    const late = ({ deliver }) => {
      deliver();
      return failed;
    };
    const { answer, asked } = run(dir, { a: late, b: 'ok' });
    const error = await errorOf(answer);
    assert.deepEqual([error.code, error.result, asked], ['ERR_ATTEMPT_FAILED', failed, ['a']]);
  });
});

suite('before deliver()', () => {
  test('a stream that breaks is asked for again, and the reader sees one answer', async (t) => {
    const { url, dir, asked } = await provider(t, { a: chat(['thought'], 'break'), b: chat(['Once ', 'upon']) });
    const out = [];
    const { result } = await runWithAuthProfiles({
      provider: 'acme',
      agentDir: dir.path,
      run: async (context) => {
        const own = [];
        const whole = await openaiChat(url, own, ({ progress }) => progress())(context);
        context.deliver();
        out.push(...own);
        return whole;
      },
    });
    assert.deepEqual([result, asked, out.join('')], ['whole', ['a', 'b'], 'Once upon']);
  });

  test('@anthropic-ai/sdk: a stream that is limited goes to the next account', async (t) => {
    const { url, dir, asked } = await provider(t, { a: limited, b: message('Once upon') });
    const { result } = await runWithAuthProfiles({
      provider: 'acme',
      agentDir: dir.path,
      run: async ({ apiKey, deliver }) => {
        const anthropic = new Anthropic({ apiKey, baseURL: url, maxRetries: 0 });
        const stream = anthropic.messages.stream({ model: 'm', max_tokens: 9, messages: ask });
        for await (const { type } of stream) if (type === 'content_block_delta') deliver();
        return stream.finalText();
      },
    });
    assert.deepEqual([result, asked], ['Once upon', ['a', 'b']]);
    await settled();
    assert.ok(dir.stats('acme:a').cooldownUntil > Date.now());
  });

  test('ai: so does one whose error is a part of the stream', async (t) => {
    const { url, dir, asked } = await provider(t, { a: limited, b: chat(['Once ', 'upon']) });
    const { result } = await runWithAuthProfiles({
      provider: 'acme',
      agentDir: dir.path,
      run: async ({ apiKey, deliver }) => {
        const model = createOpenAI({ apiKey, baseURL: url }).chat('m');
        const { fullStream } = streamText({ model, prompt: 'hi', maxRetries: 0, onError() {} });
        let text = '';
        for await (const part of fullStream) {
          if (part.type === 'error') throw part.error;
          if (part.type !== 'text-delta') continue;
          deliver();
          text += part.text;
        }
        return text;
      },
    });
    assert.deepEqual([result, asked], ['Once upon', ['a', 'b']]);
  });
});

suite('an error that says what was delivered does the same as deliver()', () => {
  for (const [name, mark, expected] of [
    ['eventsDelivered: 2', { eventsDelivered: 2 }, ['a']],
    ['eventsDelivered: 0', { eventsDelivered: 0 }, ['a', 'b']],
    ['replaySafe: false', { replaySafe: false }, ['a']],
    ['replaySafe: true', { replaySafe: true }, ['a', 'b']],
  ]) {
    test(name, async (t) => {
      const dir = accounts(t, ['a', 'b']);
      const { answer, asked } = run(dir, { a: Object.assign(rateLimited(), mark), b: 'ok' });
      await answer.catch(() => {});
      assert.deepEqual(asked, expected);
    });
  }
});

suite('both functions', () => {
  test('may be called after the attempt, and change nothing', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const kept = [];
    const refused = ({ deliver, progress }) => {
      kept.push(deliver, progress);
      return rateLimited();
    };
    const second = () => {
      for (const tell of kept) tell();
      return 'ok';
    };
    const { answer, asked } = run(dir, { a: refused, b: second });
    assert.equal((await answer).profileId, 'b');
    for (const tell of kept) assert.equal(tell(), undefined);
    assert.deepEqual(asked, ['a', 'b']);
  });

  test('belong to their own attempt', async (t) => {
    const dir = accounts(t, ['a', 'b', 'c']);
    let delivers;
    const behaviour = {
      a: ({ deliver }) => {
        delivers = deliver;
        return rateLimited();
      },
      b: () => {
        delivers();
        return rateLimited();
      },
      c: 'ok',
    };
    const { answer } = run(dir, behaviour);
    assert.equal((await answer).profileId, 'c');
  });
});
