// What a handle offers for SDKs: `fetch`, `stream`, `withSession`, and their options.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import OpenAI from 'openai';

import { createFailover } from '../../entry/main.js';
import { apiServer, TEXT } from '../support/api-server.mjs';
import { chatInit } from '../support/fetching.mjs';

const path = '/v1/chat/completions';
const handle = (options) => createFailover({ provider: 'acme', state: 'memory', ...options });
const ask = async (fetch, url, init) => (await fetch(`${url}${path}`, chatInit({}, init))).json();

test('one line, any SDK: four of five keys are limited, and the fifth answers', async (t) => {
  const conduct = { a: 'limited', b: 'limited', c: 'limited', d: 'limited', e: 'good' };
  const { url, asked } = await apiServer(t, conduct);
  const accounts = handle({ profiles: Object.keys(conduct), strategy: 'priority' });
  const openai = new OpenAI({ apiKey: 'unused', baseURL: `${url}/v1`, fetch: accounts.fetch });
  const { choices } = await openai.chat.completions.create({ model: 'm', messages: [] });
  assert.equal(choices[0].message.content, TEXT);
  assert.deepEqual(asked, Object.keys(conduct));
  const { profiles } = await accounts.describe();
  assert.equal(profiles.filter(({ state }) => state === 'cooling').length, 4);
});

test('an account’s address and headers go with its key', async (t) => {
  const [first, second] = [await apiServer(t, { a: 'limited' }), await apiServer(t, { b: 'good' })];
  const accounts = handle({
    strategy: 'priority',
    profiles: [
      { id: 'acme:a', apiKey: 'a', headers: { 'openai-organization': 'org-a' } },
      { id: 'acme:b', apiKey: 'b', baseURL: `${second.url}/other/v1`, headers: { 'openai-organization': 'org-b' } },
    ],
  });
  await ask(accounts.fetch, first.url, { headers: { authorization: 'Bearer unused', 'openai-organization': 'sdk' } });
  const seen = [...first.requests, ...second.requests].map(({ key, url, headers }) => [
    key,
    url,
    headers['openai-organization'],
  ]);
  assert.deepEqual(seen, [
    ['a', path, 'org-a'],
    ['b', `/other${path}`, 'org-b'],
  ]);
});

test('withSession stays with one account, in fetch and in streams', async (t) => {
  const keys = ['a', 'b', 'c'];
  const { url, asked } = await apiServer(t, {});
  const accounts = handle({ profiles: keys });
  const { fetch, stream } = accounts.withSession('chat-1');
  for (let i = 0; i < 3; i += 1) {
    await ask(fetch, url);
    await accounts.settled();
  }
  const seen = new Set(asked);
  assert.equal(seen.size, 1);
  for await (const key of stream(async function* ({ apiKey }) {
    yield apiKey;
  }))
    assert.ok(seen.has(key));
});

test('stream is there, and books in the handle’s own state', async () => {
  const accounts = handle({
    profiles: [
      { id: 'acme:a', apiKey: 'a' },
      { id: 'acme:b', apiKey: 'b' },
    ],
    strategy: 'priority',
  });
  const items = accounts.stream(async function* ({ apiKey }) {
    if (apiKey === 'a') throw Object.assign(new Error('limited'), { status: 429, headers: { 'retry-after': '900' } });
    yield apiKey;
  });
  const got = [];
  for await (const item of items) got.push(item);
  assert.deepEqual(got, ['b']);
  const { profiles } = await accounts.describe();
  assert.equal(profiles.find(({ profileId }) => profileId === 'acme:a').state, 'cooling');
});

suite('options that cannot be used are refused by name', () => {
  for (const [field, value] of [
    ['fetch', 'no function'],
    ['credential', 'basic'],
    ['credential', {}],
    ['credential', { header: 'a', query: 'b' }],
    ['credential.header', { header: '' }],
    ['maxReplayBytes', -1],
    ['maxReplayBytes', 1.5],
    ['sessionKey', 7],
  ]) {
    test(`${field}: ${JSON.stringify(value)}`, () => {
      const options = { profiles: ['a'], [field.split('.')[0]]: value };
      assert.throws(() => handle(options), { code: 'ERR_INVALID_ARGUMENT', field: `options.${field}` });
    });
  }
});
