// runWithAuthProfiles: a `Response` that is not `ok` is a failure, and stays the caller's own to read.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { suite, test } from 'node:test';

import { fetch as undiciFetch } from 'undici';

import { runWithAuthProfiles, settled } from '../../index.js';
import { errorOf, rateLimited } from '../support/runs.mjs';
import { chat, limited, provider, refusal } from '../support/streaming-provider.mjs';

const request = (url, { apiKey, signal }, ask = fetch) => ask(url, { headers: { 'x-api-key': apiKey }, signal });

/** Runs with one `fetch` an attempt. */
async function fetching(t, conduct, options = {}, ask = fetch) {
  const { url, dir, asked } = await provider(t, conduct);
  const run = (context) => request(url, context, ask);
  const answer = runWithAuthProfiles({ provider: 'acme', agentDir: dir.path, run, ...options }).finally(settled);
  return { answer, asked, dir };
}

const HELLO = '{"hello":"you"}';
const hello = (response) => response.end(HELLO);
const broken = refusal(400, { type: 'invalid_request_error', code: 'invalid_value' });
const stalled = (response) => response.writeHead(429, { 'retry-after': '900' }).write('{"error":');

suite('a response that is ok', () => {
  test('is the answer as it is, unread', async (t) => {
    const { answer } = await fetching(t, { a: hello });
    const { result } = await answer;
    assert.deepEqual([result.status, result.bodyUsed], [200, false]);
    assert.equal(await result.text(), HELLO);
  });

  test('may be a stream', async (t) => {
    const { answer } = await fetching(t, { a: chat(['Once'], 'silence') });
    const { result } = await answer;
    const { value } = await result.body.getReader().read();
    assert.match(Buffer.from(value).toString(), /Once/);
  });
});

suite('a response that is not ok', () => {
  for (const [name, ask] of [
    ["Node's fetch", fetch],
    ["undici's", undiciFetch],
  ]) {
    test(`${name}: is booked by its headers, and the next account is asked`, async (t) => {
      const { answer, asked, dir } = await fetching(t, { a: limited, b: hello }, {}, ask);
      const { profileId, attempts } = await answer;
      assert.deepEqual([profileId, asked], ['acme:b', ['a', 'b']]);
      const { status, retryAfterMs, source } = attempts[0].failure;
      assert.deepEqual([status, retryAfterMs, source], [429, 900_000, 'header:retry-after']);
      assert.ok(dir.stats('acme:a').cooldownUntil > Date.now() + 800_000);
    });
  }

  test('is judged by its body too', async (t) => {
    const noMoney = refusal(429, { type: 'insufficient_quota', code: 'insufficient_quota' });
    const { answer, dir } = await fetching(t, { a: noMoney, b: hello });
    const { attempts } = await answer;
    assert.equal(attempts[0].failure.reason, 'insufficient_quota');
    assert.equal(dir.stats('acme:a').disabledReason, 'billing');
  });

  test('and with which another account does not help: the error has it, and it can be read', async (t) => {
    const { answer, asked } = await fetching(t, { a: broken, b: hello });
    const error = await errorOf(answer);
    assert.deepEqual([error.code, error.profileId, asked], ['ERR_ATTEMPT_FAILED', 'acme:a', ['a']]);
    assert.deepEqual([error.failure.class, error.failure.status], ['format', 400]);
    assert.match(error.message, /status 400: The request was refused\./);
    assert.equal((await error.result.json()).error.code, 'invalid_value');
  });

  test('and is the last one: it is the cause, and can be read', async (t) => {
    const { answer } = await fetching(t, { a: refusal(401, {}), b: limited });
    const error = await errorOf(answer);
    assert.equal(error.code, 'ERR_NO_PROFILE_AVAILABLE');
    assert.deepEqual([error.cause.status, (await error.cause.json()).error.type], [429, 'requests']);
  });

  test('that was thrown is judged in the same way, and comes out as it was', async (t) => {
    const { url, dir, asked } = await provider(t, { a: limited, b: broken });
    let thrown;
    const run = async (context) => {
      thrown = await request(url, context);
      throw thrown;
    };
    const error = await errorOf(runWithAuthProfiles({ provider: 'acme', agentDir: dir.path, run }));
    assert.equal(error, thrown);
    assert.deepEqual([asked, (await error.json()).error.code], [['a', 'b'], 'invalid_value']);
  });

  test('is not asked for again after deliver()', async (t) => {
    const { url, dir, asked } = await provider(t, { a: limited, b: hello });
    const run = (context) => {
      context.deliver();
      return request(url, context);
    };
    const error = await errorOf(runWithAuthProfiles({ provider: 'acme', agentDir: dir.path, run }));
    assert.deepEqual([error.code, error.result.status, asked], ['ERR_ATTEMPT_FAILED', 429, ['a']]);
  });

  test('shows no key that its body repeats', async (t) => {
    const key = 'sk-of-this-account-0123456789';
    const repeats = refusal(400, { code: 'invalid_value', message: `not with ${key}` });
    const { answer } = await fetching(t, { [key]: repeats });
    const error = await errorOf(answer);
    assert.ok(!JSON.stringify([error.message, error.failure, error.attempts[0].failure]).includes(key));
    assert.match(error.message, /not with/);
  });

  test('is known by its shape: no class is asked for', async (t) => {
    const { dir } = await provider(t, { a: hello, b: hello });
    const headers = { get: (name) => (name === 'retry-after' ? '900' : null), forEach() {} };
    const own = { ok: false, status: 429, headers, body: null, clone: () => own };
    const run = ({ attempt }) => (attempt === 1 ? own : 'ok');
    const { attempts } = await runWithAuthProfiles({ provider: 'acme', agentDir: dir.path, run });
    assert.equal(attempts[0].failure.status, 429);
  });

  for (const [name, value] of [
    ['a flag', { ok: false, status: 'failed' }],
    ['an answer of an API that speaks of itself in the same words', { ok: false, status: 429, headers: {} }],
  ]) {
    test(`is not ${name}`, async (t) => {
      const { dir } = await provider(t, { a: hello });
      const { result } = await runWithAuthProfiles({ provider: 'acme', agentDir: dir.path, run: () => value });
      assert.equal(result, value);
    });
  }
});

suite('the reading of its body', () => {
  for (const [name, read] of [
    ['was read before', (response) => response.text()],
    ['is being read', (response) => response.body.getReader()],
  ]) {
    test(`does not happen if it ${name}: status and headers say enough`, async (t) => {
      const { url, dir } = await provider(t, { a: limited, b: hello });
      const run = async (context) => {
        const response = await request(url, context);
        if (!response.ok) await read(response);
        return response;
      };
      const { profileId, attempts } = await runWithAuthProfiles({ provider: 'acme', agentDir: dir.path, run });
      assert.deepEqual([profileId, attempts[0].failure.retryAfterMs], ['acme:b', 900_000]);
    });
  }

  test("leaves the caller's own readable to the end, however long it is", async (t) => {
    const page = 'x'.repeat(300_000);
    const large = (response) => response.writeHead(400).end(page);
    const { answer } = await fetching(t, { a: large });
    assert.equal(await (await errorOf(answer)).result.text(), page);
  });

  test('ends after 64 KiB, and lets the rest go', async (t) => {
    const { dir } = await provider(t, { a: hello, b: hello });
    let sent = 0;
    let isCancelled = false;
    const reader = {
      async read() {
        sent += 1000;
        return { done: false, value: new Uint8Array(1000).fill(0x78) };
      },
      async cancel() {
        isCancelled = true;
      },
    };
    const endless = new Response('', { status: 429 });
    endless.clone = () => ({ body: { getReader: () => reader } });
    const run = ({ attempt }) => (attempt === 1 ? endless : 'ok');
    await runWithAuthProfiles({ provider: 'acme', agentDir: dir.path, run });
    assert.deepEqual([sent, isCancelled], [66_000, true]);
  });

  test('ends after a few seconds of silence', async (t) => {
    const { answer } = await fetching(t, { a: stalled, b: hello });
    const { profileId, attempts } = await answer;
    assert.deepEqual([profileId, attempts[0].failure.retryAfterMs], ['acme:b', 900_000]);
  });

  test('is bounded by the limits of the attempt, and what had arrived is judged', async (t) => {
    const { answer } = await fetching(t, { a: stalled, b: hello }, { timeoutMs: 500 });
    const { profileId, attempts } = await answer;
    assert.deepEqual([profileId, attempts[0].failure.retryAfterMs], ['acme:b', 900_000]);
  });

  test("ends with the caller's abort: the run ends with the reason, and what the server had said is booked", async (t) => {
    const controller = new AbortController();
    const reason = new Error('mine');
    const { url, dir, asked } = await provider(t, { a: stalled, b: hello });
    const run = async (context) => {
      const response = await request(url, context);
      // While its body is read: the reading begins before a timer can fire.
      const { clone } = response;
      response.clone = () => {
        setImmediate(() => controller.abort(reason));
        return clone.call(response);
      };
      return response;
    };
    const params = { provider: 'acme', agentDir: dir.path, signal: controller.signal, run };
    assert.equal(await errorOf(runWithAuthProfiles(params)), reason);
    assert.deepEqual(asked, ['a']);
    await settled();
    await settled();
    assert.ok(dir.stats('acme:a').cooldownUntil > Date.now());
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
  });

  test('survives a body that breaks off', async (t) => {
    const cut = (response) => {
      response.writeHead(429, { 'retry-after': '900', 'content-length': '100' });
      response.write('{"error":', () => response.destroy());
    };
    const { answer } = await fetching(t, { a: cut, b: hello });
    assert.equal((await answer).attempts[0].failure.retryAfterMs, 900_000);
  });
});

test('a failure that is no response is judged as ever', async (t) => {
  const { url, dir } = await provider(t, { a: hello, b: hello });
  const run = (context) => {
    if (context.attempt === 1) throw rateLimited(60);
    return request(url, context);
  };
  assert.equal((await runWithAuthProfiles({ provider: 'acme', agentDir: dir.path, run })).profileId, 'acme:b');
});
