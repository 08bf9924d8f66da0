// accounts.fetch: what an answer is judged by, until it has begun, and what it is booked as once it has ended.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { apis, frames, TEXT } from '../support/api-server.mjs';
import { chatBody, chatInit, fetching } from '../support/fetching.mjs';

/** How each API is asked for a stream. */
const streams = {
  openai: ['/v1/chat/completions', { authorization: 'Bearer unused' }],
  responses: ['/v1/responses', { authorization: 'Bearer unused' }],
  anthropic: ['/v1/messages', { 'x-api-key': 'unused', 'anthropic-version': '2023-06-01' }],
  google: ['/v1beta/models/m:streamGenerateContent?alt=sse', { 'x-goog-api-key': 'unused' }],
};
const askFor = (fetch, url, api, init = {}) => {
  const [path, headers] = streams[api];
  return fetch(`${url}${path}`, { method: 'POST', headers, body: chatBody({ stream: true }), ...init });
};
const classesOf = (attempts) => attempts.map(({ failure }) => failure?.class ?? null);

for (const api of Object.keys(streams)) {
  suite(`a stream of ${api}`, () => {
    test('that announces an answer and then states an error is asked of the next account', async (t) => {
      const { fetch, url, asked, booked } = await fetching(t, { a: 'lateError', b: 'good' });
      const response = await askFor(fetch, url, api);
      assert.match(await response.text(), new RegExp(TEXT));
      assert.deepEqual(asked, ['a', 'b']);
      const { value } = await booked();
      assert.equal(value.profileId, 'acme:b');
      assert.deepEqual(classesOf(value.attempts), ['rate_limit', null]);
    });

    test('is passed on as it came, to the byte', async (t) => {
      const { fetch, url } = await fetching(t, { a: 'good' });
      const { start, content, end } = apis[api];
      const response = await askFor(fetch, url, api);
      assert.equal(await response.text(), frames(start, content, end));
      assert.equal(response.headers.get('content-type'), 'text/event-stream');
      assert.equal(response.url.startsWith(url), true);
    });

    test('that stops before its end is booked as cut, and was an answer all the same', async (t) => {
      const { fetch, url, asked, booked } = await fetching(t, { a: 'shortAfter', b: 'good' });
      const response = await askFor(fetch, url, api);
      assert.match(await response.text(), new RegExp(TEXT));
      const { reason } = await booked();
      assert.equal(reason.failure.class, 'truncated');
      assert.deepEqual(asked, ['a']);
    });

    test('tells why it ended and what it used', async (t) => {
      const { fetch, url, booked } = await fetching(t, { a: 'good' });
      await (await askFor(fetch, url, api)).text();
      const { value } = await booked();
      const { kind, finish, inputTokens, outputTokens } = value.result;
      assert.deepEqual([kind, inputTokens, outputTokens], ['complete', 3, 4]);
      assert.match(finish, /^(stop|STOP|completed|end_turn)$/);
    });
  });
}

suite('an answer that never begins', () => {
  for (const act of [
    'limited',
    'lateError',
    'errorDocument',
    'hangUp',
    'cutBefore',
    'shortBefore',
    'empty',
    'overloaded',
  ]) {
    test(`(${act}) is asked of the next account`, async (t) => {
      const { fetch, url, asked } = await fetching(t, { a: act, b: 'good' });
      const response = await askFor(fetch, url, 'openai');
      assert.match(await response.text(), new RegExp(TEXT));
      assert.deepEqual(asked, ['a', 'b']);
    });
  }

  test('and is a document with an error inside', async (t) => {
    const { fetch, url, asked, dir, booked } = await fetching(t, { a: 'errorDocument', b: 'good' });
    const response = await fetch(`${url}/v1/chat/completions`, chatInit());
    assert.equal((await response.json()).choices[0].message.content, TEXT);
    assert.deepEqual(asked, ['a', 'b']);
    await booked();
    assert.ok(dir.stats('acme:a').cooldownUntil > Date.now());
  });

  test('for which another account does not help: its caller gets it as it came', async (t) => {
    const { fetch, url, asked } = await fetching(t, { a: 'broken', b: 'good' });
    const response = await fetch(`${url}/v1/chat/completions`, chatInit());
    assert.deepEqual([response.status, (await response.json()).error.code], [400, 'invalid_value']);
    assert.deepEqual(asked, ['a']);
  });
});

suite('an answer that has begun', () => {
  test('and breaks: the caller sees that, and no other account is asked', async (t) => {
    const { fetch, url, asked, booked } = await fetching(t, { a: 'cutAfter', b: 'good' });
    const response = await askFor(fetch, url, 'openai');
    await assert.rejects(response.text(), TypeError);
    assert.equal((await booked()).status, 'rejected');
    assert.deepEqual(asked, ['a']);
  });

  test('and states an error: that goes to the caller, and the account rests', async (t) => {
    const { fetch, url, dir, booked } = await fetching(t, { a: 'errorAfterContent', b: 'good' });
    const text = await (await askFor(fetch, url, 'openai')).text();
    assert.match(text, /rate_limit_exceeded/);
    assert.equal((await booked()).reason.status, 200);
    assert.ok(dir.stats('acme:a').cooldownUntil > Date.now());
  });

  test('goes out with its first content, though the server says nothing more', async (t) => {
    const { fetch, url } = await fetching(t, { a: 'silentAfter' });
    const response = await askFor(fetch, url, 'openai');
    const { value } = await response.body.getReader().read();
    assert.match(Buffer.from(value).toString(), /chat.completion.chunk/);
  });
});

suite('nobody waits for a verdict for ever', () => {
  test('what has come is let through after the time for it', async (t) => {
    for (const act of ['silent', 'silentBefore']) {
      const { fetch, url } = await fetching(t, { a: act }, { decideMs: 50 });
      assert.equal((await askFor(fetch, url, 'openai')).status, 200, act);
    }
  });

  test('an error that comes later is the caller’s, and the account rests', async (t) => {
    let go;
    const later = (response, { api }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(frames(api.start));
      go = () => response.end(frames([['error', api.refusal]]));
    };
    const { fetch, url, dir, booked } = await fetching(t, { a: later, b: 'good' }, { decideMs: 50 });
    const response = await askFor(fetch, url, 'openai');
    go();
    assert.match(await response.text(), /rate_limit_exceeded/);
    await booked();
    assert.ok(dir.stats('acme:a').cooldownUntil > Date.now());
  });
});

suite('nothing is judged', () => {
  test('of the record that a GET asks for', async (t) => {
    const job = { object: 'fine_tuning.job', error: { message: 'It failed.', code: 'a' } };
    const { fetch, url } = await fetching(t, { a: (response) => response.end(JSON.stringify(job)) });
    const response = await fetch(`${url}/v1/jobs/1`, { headers: { authorization: 'Bearer unused' } });
    assert.deepEqual(await response.json(), job);
  });

  test('of bytes that are no text', async (t) => {
    const sound = (response) => response.writeHead(200, { 'content-type': 'audio/mpeg' }).end('{"error":{}}');
    const { fetch, url } = await fetching(t, { a: sound });
    assert.equal(await (await fetch(`${url}/v1/audio/speech`, chatInit())).text(), '{"error":{}}');
  });

  test('of an answer without a body', async (t) => {
    const { fetch, url } = await fetching(t, { a: (response) => response.writeHead(204).end() });
    const response = await fetch(`${url}/v1/x`, chatInit());
    assert.deepEqual([response.status, response.body], [204, null]);
  });
});
