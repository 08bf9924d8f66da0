// accounts.fetch: what the caller gets when nobody is left, so that his SDK throws its own error at once.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { apis } from '../support/api-server.mjs';
import { chatBody, chatInit, fetching } from '../support/fetching.mjs';

const path = '/v1/chat/completions';

suite('the last refusal', () => {
  test('comes as it came: status, headers, body; with the wait for whoever is free next', async (t) => {
    const { fetch, url, asked } = await fetching(t, { a: 'limited', b: 'limited' });
    const response = await fetch(`${url}${path}`, chatInit());
    assert.deepEqual([response.status, asked], [429, ['a', 'b']]);
    assert.deepEqual(await response.json(), apis.openai.refusal);
    const { headers } = response;
    assert.equal(headers.get('x-ratelimit-limit-requests'), '1');
    assert.equal(headers.get('x-should-retry'), 'false');
    const wait = Number(headers.get('retry-after-ms'));
    assert.ok(wait > 890_000 && wait <= 990_000, `${wait}`);
    assert.equal(Number(headers.get('retry-after')), Math.ceil(wait / 1000));
  });

  test('is an error event in a stream: that stream comes', async (t) => {
    const { fetch, url } = await fetching(t, { a: 'limited', b: 'lateError' });
    const response = await fetch(`${url}${path}`, chatInit({ stream: true }));
    assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'text/event-stream']);
    assert.match(await response.text(), /rate_limit_exceeded/);
  });

  test('is of this request, not of the one before', async (t) => {
    const { fetch, url, asked } = await fetching(t, { a: 'limited' });
    await fetch(`${url}${path}`, chatInit());
    const response = await fetch(`${url}${path}`, chatInit());
    assert.deepEqual([response.status, asked], [429, ['a']]);
    const { error } = await response.json();
    assert.match(error.message, /acme/);
    assert.equal(error.code, 'rate_limit_exceeded');
  });
});

suite('without one it has the shape of the API', () => {
  const shapes = {
    openai: [path, { authorization: 'Bearer unused' }, ({ error }) => error.code, 'service_unavailable'],
    anthropic: ['/v1/messages', { 'x-api-key': 'unused' }, ({ error }) => error.type, 'overloaded_error'],
    google: [
      '/v1beta/models/m:generateContent',
      { 'x-goog-api-key': 'unused' },
      ({ error }) => error.status,
      'UNAVAILABLE',
    ],
  };
  for (const [name, [at, headers, read, expected]] of Object.entries(shapes)) {
    test(`${name}: a server that does not answer is a 503`, async (t) => {
      const { fetch, url } = await fetching(t, { a: 'hangUp' });
      const response = await fetch(`${url}${at}`, { method: 'POST', headers, body: chatBody() });
      assert.equal(response.status, 503);
      assert.equal(read(await response.json()), expected);
      assert.equal(response.headers.get('x-should-retry'), 'false');
      assert.ok(Number(response.headers.get('retry-after-ms')) > 0);
    });
  }

  test('a store that is not there is told in words', async (t) => {
    const { fetch, url, dir } = await fetching(t, { a: 'good' }, { run: { agentDir: '/nowhere/at/all' } });
    const response = await fetch(`${url}${path}`, chatInit());
    assert.ok(dir.path);
    assert.equal(response.status, 500);
    assert.match((await response.json()).error.message, /nowhere/);
  });

  test('no body of a refusal shows a key', async (t) => {
    const key = 'sk-of-this-account-0123456789';
    const { fetch, url } = await fetching(t, { [key]: 'hangUp' });
    const response = await fetch(`${url}${path}`, chatInit());
    assert.ok(!(await response.text()).includes(key));
  });
});

test('what the caller does wrong is thrown at him', async (t) => {
  const { fetch, url } = await fetching(t, { a: 'good' }, { run: { timeoutMs: -1 } });
  await assert.rejects(fetch(`${url}${path}`, chatInit()), { code: 'ERR_INVALID_ARGUMENT' });
});
