// accounts.fetch: everything that `fetch` takes, sent again to the next account, with that account's credential.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { suite, test } from 'node:test';

import { Agent } from 'undici';

import { TEXT } from '../support/api-server.mjs';
import { chatBody, chatInit, fetching } from '../support/fetching.mjs';
import { open, ownDirectory } from '../support/handles.mjs';

const path = '/v1/chat/completions';
const conduct = { a: 'limited', b: 'good' };

suite('the input', () => {
  const inputs = {
    'a string': (url) => [url, chatInit()],
    'a URL': (url) => [new URL(url), chatInit()],
    'a Request': (url) => [new Request(url, chatInit())],
    'a Request and more': (url) => [new Request(url, chatInit()), { headers: { authorization: 'Bearer other' } }],
  };
  for (const [name, make] of Object.entries(inputs)) {
    test(`may be ${name}`, async (t) => {
      const { fetch, url, asked, requests } = await fetching(t, conduct);
      const response = await fetch(...make(`${url}${path}`));
      assert.equal((await response.json()).choices[0].message.content, TEXT);
      assert.deepEqual(asked, ['a', 'b']);
      for (const { method, body } of requests) assert.deepEqual([method, body], ['POST', chatBody()]);
    });
  }

  const hidesDispatcher = !Object.getOwnPropertySymbols(new Request('http://a')).some((it) =>
    String(it.description).includes('dispatch'),
  );
  test('a Request at another address keeps its dispatcher', {
    skip: hidesDispatcher && 'private in this Node',
  }, async (t) => {
    const seen = [];
    const dispatcher = { dispatch: () => true };
    const network = (input, init) => {
      seen.push([String(input), init.dispatcher]);
      return Promise.resolve(new Response('{}'));
    };
    ownDirectory(t);
    const baseURL = 'http://own.example/v1';
    const accounts = open([{ apiKey: 'a', baseURL }], { fetch: network });
    await accounts.fetch(new Request(`http://127.0.0.1:9${path}`, chatInit({}, { dispatcher })));
    assert.deepEqual(seen, [[`${baseURL}/chat/completions`, dispatcher]]);
  });

  test('goes on to the network as it was: method, redirect, dispatcher', async (t) => {
    const seen = [];
    const dispatcher = new Agent();
    t.after(() => dispatcher.close());
    const network = (input, init) => {
      seen.push(init);
      return fetch(input, { ...init, dispatcher: undefined });
    };
    const { fetch: own, url } = await fetching(t, conduct, { fetch: network });
    await own(`${url}${path}`, chatInit({}, { dispatcher, redirect: 'manual', method: 'PUT' }));
    for (const init of seen) {
      assert.deepEqual([init.dispatcher === dispatcher, init.redirect, init.method], [true, 'manual', 'PUT']);
    }
  });

  test('that is no address rejects as fetch does', async (t) => {
    const { fetch, asked } = await fetching(t, conduct);
    await assert.rejects(fetch('no address', chatInit()), TypeError);
    assert.deepEqual(asked, []);
  });
});

suite('the body', () => {
  const form = () => {
    const form = new FormData();
    form.set('model', 'whisper');
    form.set('file', new Blob(['sound']), 'a.wav');
    return form;
  };
  const bodies = {
    text: [chatBody(), /gpt-x/],
    bytes: [Buffer.from(chatBody()), /gpt-x/],
    'an ArrayBuffer': [new TextEncoder().encode(chatBody()).buffer, /gpt-x/],
    'a Blob': [new Blob([chatBody()]), /gpt-x/],
    'a form': [form(), /sound/],
    parameters: [new URLSearchParams({ model: 'm', q: 'hi' }), /q=hi/],
    'a web stream': [new Blob([chatBody()]).stream(), /gpt-x/],
    'a Node stream': [Readable.from([chatBody()]), /gpt-x/],
  };
  for (const [name, [body, expected]] of Object.entries(bodies)) {
    test(`may be ${name}, and is sent again`, async (t) => {
      const { fetch, url, asked, requests } = await fetching(t, conduct);
      const headers = { authorization: 'Bearer unused' };
      const response = await fetch(`${url}${path}`, { method: 'POST', headers, body, duplex: 'half' });
      assert.equal(response.status, 200);
      assert.deepEqual(asked, ['a', 'b']);
      for (const { body } of requests) assert.match(body, expected);
    });
  }

  test('is a stream that is longer than may be kept: it is sent once, and the refusal is the SDK’s to answer', async (t) => {
    const { fetch, url, asked, requests, events } = await fetching(t, conduct, { maxReplayBytes: 100 });
    const parts = ['{"model":"m",', ' '.repeat(90), '"messages":[]', ' '.repeat(90), '}'];
    const body = Readable.from(parts.map((part) => Buffer.from(part)));
    const response = await fetch(`${url}${path}`, chatInit({}, { body, duplex: 'half' }));
    assert.deepEqual([response.status, asked], [429, ['a']]);
    assert.equal(requests[0].body, parts.join(''));
    assert.deepEqual([response.headers.get('x-should-retry'), response.headers.get('retry-after')], [null, '900']);
    assert.equal(events.filter(({ type }) => type === 'attempt').length, 1);
    const once = events.filter(({ type }) => type === 'once');
    assert.deepEqual(once, [{ type: 'once', at: once[0].at, maxReplayBytes: 100 }]);
  });
});

suite('the credential', () => {
  const places = {
    'a bearer': [{ authorization: 'Bearer unused' }, '', ({ headers }) => headers.authorization, 'Bearer b'],
    'x-api-key': [{ 'x-api-key': 'unused' }, '', ({ headers }) => headers['x-api-key'], 'b'],
    'x-goog-api-key': [{ 'x-goog-api-key': 'unused' }, '', ({ headers }) => headers['x-goog-api-key'], 'b'],
    'api-key': [{ 'api-key': 'unused' }, '', ({ headers }) => headers['api-key'], 'b'],
    'a query parameter': [{}, '?alt=sse&key=unused', ({ url }) => url, `${path}?alt=sse&key=b`],
  };
  for (const [name, [headers, query, read, expected]] of Object.entries(places)) {
    test(`goes where the SDK has its own: ${name}`, async (t) => {
      const { fetch, url, requests } = await fetching(t, conduct);
      await fetch(`${url}${path}${query}`, { method: 'POST', headers, body: chatBody() });
      assert.equal(read(requests[1]), expected);
      assert.ok(!JSON.stringify(requests[1]).includes('unused'));
    });
  }

  const fixed = {
    bearer: ['bearer', ({ headers }) => headers.authorization, 'Bearer b'],
    'a header': [{ header: 'x-mine' }, ({ headers }) => headers['x-mine'], 'b'],
    'a parameter': [{ query: 'token' }, ({ url }) => url, `${path}?token=b`],
    'a function': [
      (headers, { id, apiKey }) => headers.set('x-mine', `${id} ${apiKey}`),
      ({ headers }) => headers['x-mine'],
      'acme:b acme:b'.replace(' acme:', ' '),
    ],
  };
  for (const [name, [credential, read, expected]] of Object.entries(fixed)) {
    test(`goes where the caller says: ${name}`, async (t) => {
      const { fetch, url, requests } = await fetching(t, { else: 'good', b: 'good' }, { credential });
      await fetch(`${url}${path}`, { method: 'POST', body: chatBody() });
      assert.equal(read(requests[0]), expected);
    });
  }
});

suite('the model', () => {
  const inUrl = '/v1beta/models/gemini-x:generateContent';
  const named = {
    'the body': [path, chatInit(), 'gpt-x'],
    'the address': [inUrl, { method: 'POST', headers: { 'x-goog-api-key': 'unused' }, body: '{}' }, 'gemini-x'],
  };
  for (const [where, [at, init, model]] of Object.entries(named)) {
    test(`is read in ${where}`, async (t) => {
      const { fetch, url, booked } = await fetching(t, { a: 'limited' });
      await fetch(`${url}${at}`, init);
      assert.equal((await booked()).reason.model, model);
    });
  }
});

suite('a session', () => {
  const sticky = { a: 'good', b: 'good', c: 'good' };
  const ask = async (t, settings, headers) => {
    const { fetch, url, asked, requests, booked } = await fetching(t, sticky, settings);
    for (let i = 0; i < 3; i += 1) {
      const response = await fetch(
        `${url}${path}`,
        chatInit({}, { headers: { authorization: 'Bearer unused', ...headers } }),
      );
      await response.text();
      await booked();
    }
    return { asked: new Set(asked).size, requests };
  };
  const balanced = { run: { strategy: 'balanced' } };

  test('stays with one account: by its header, which is not sent', async (t) => {
    const { asked, requests } = await ask(t, balanced, { 'x-auth-failover-session': 'chat-1' });
    assert.equal(asked, 1);
    for (const { headers } of requests) assert.equal('x-auth-failover-session' in headers, false);
  });

  test('stays with one account: by the option, as a text or a function of the request', async (t) => {
    assert.equal((await ask(t, { ...balanced, sessionKey: 'chat-1' })).asked, 1);
    const urls = [];
    const sessionKey = ({ url }) => urls.push(url) && 'chat-1';
    assert.equal((await ask(t, { ...balanced, sessionKey })).asked, 1);
    assert.equal(urls.length, 3);
  });
});
