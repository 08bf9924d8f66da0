// examples/any-gateway: providers over plain fetch, end to end against a loopback server.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AgentDir, storeOf } from '../support/agent-dir.mjs';

const ASK = fileURLToPath(new URL('../../examples/any-gateway/ask.mjs', import.meta.url));

/** Answers by the key it is asked with, in both providers' forms. */
async function serve(t, behaviour) {
  const asked = [];
  const server = createServer((request, response) => {
    const key = request.headers['x-api-key'] ?? request.headers.authorization?.replace('Bearer ', '');
    const name = key.replace('key-of-', '');
    asked.push(name);
    const [status, headers, body] = behaviour[name];
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
    request.resume();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { asked, url: `http://127.0.0.1:${server.address().port}` };
}

const keys = (provider, names) =>
  storeOf(
    Object.fromEntries(names.map((key) => [`${provider}:${key}`, { type: 'api_key', provider, key: `key-of-${key}` }])),
  );

const ask = (dir, provider, url) =>
  promisify(execFile)(process.execPath, [ASK, dir.path, provider, 'some-model', 'Hello'], {
    env: { ...process.env, BASE_URLS: JSON.stringify({ [provider]: url }) },
  });

const limited = [
  429,
  { 'retry-after': '120' },
  { error: { type: 'rate_limit_error', message: 'Number of request tokens has exceeded your rate limit' } },
];

for (const [provider, answer] of [
  ['anthropic', { content: [{ type: 'text', text: 'Good day' }] }],
  ['openai', { choices: [{ message: { content: 'Good day' } }] }],
]) {
  test(`${provider}: past a limited and a refused account, the third answers, and a second process asks it first`, async (t) => {
    const refused = [401, {}, { error: { type: 'authentication_error', message: 'invalid x-api-key' } }];
    const { asked, url } = await serve(t, { one: limited, two: refused, three: [200, {}, answer] });
    const dir = new AgentDir(t, keys(provider, ['one', 'two', 'three']));
    assert.equal((await ask(dir, provider, url)).stdout, 'Good day\n');
    assert.deepEqual(asked, ['one', 'two', 'three']);
    await ask(dir, provider, url);
    assert.deepEqual(asked.slice(3), ['three']);
  });
}

test('with nobody free it says who is next, and shows no key', async (t) => {
  const { url } = await serve(t, { one: limited, two: limited });
  const dir = new AgentDir(t, keys('anthropic', ['one', 'two']));
  const error = await ask(dir, 'anthropic', url).catch((error) => error);
  assert.equal(error.code, 1);
  assert.match(error.stderr, /anthropic:(one|two) is free next, in (120 s|2 min|3 min)/);
  assert.doesNotMatch(error.stderr + error.stdout, /key-of-/);
});
