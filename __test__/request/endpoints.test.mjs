// The provider with several endpoints: the next one at once where one forbids, none after a rate limit.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { failing, finish, rateLimited, sse, text } from '../support/code-assist-server.mjs';
import { startProxy } from '../support/proxy.mjs';
import { ask, server } from '../support/request.mjs';

const file = (name) => fileURLToPath(new URL(`../support/tls/${name}`, import.meta.url));
const tls = { key: readFileSync(file('server.key')), cert: readFileSync(file('server.pem')) };
process.env.NODE_EXTRA_CA_CERTS = file('ca.pem');

// The real names, each ending at the server of this test.
let answer;
const at = await server((request) => answer(request.headers.host.split('.')[0]), { tls });
const proxy = await startProxy({ leadTo: at.port });
after(() => proxy.stop());
beforeEach(() => at.requests.splice(0));

const good = () => sse(text('Hi'), finish('STOP'));
const antigravity = { model: { provider: 'google-antigravity', baseUrl: undefined } };
const options = { proxy: `http://127.0.0.1:${proxy.http}`, retryDelayMs: 1 };
const asked = () => at.requests.map(({ headers }) => headers.host.split('.')[0]);
const DAILY = 'daily-cloudcode-pa';
const AUTOPUSH = 'autopush-cloudcode-pa';
const PRODUCTION = 'cloudcode-pa';

for (const status of [403, 404]) {
  test(`after a ${status} the next endpoint is asked at once`, async () => {
    answer = (host) => (host === PRODUCTION ? good() : failing(status, { message: 'Not here.', status: 'X' }));
    // A pause of an hour would be noticed.
    const { message } = await ask('', { ...options, retryDelayMs: 3_600_000 }, antigravity);
    assert.equal(message.stopReason, 'stop');
    assert.deepEqual(asked(), [DAILY, AUTOPUSH, PRODUCTION]);
  });
}

test('a refusal of the last endpoint is final', async () => {
  answer = () => failing(403, { message: 'No.', status: 'PERMISSION_DENIED' });
  const { message } = await ask('', options, antigravity);
  assert.deepEqual(asked(), [DAILY, AUTOPUSH, PRODUCTION]);
  assert.equal(message.failure.requests, 3);
});

test('a server fault moves on too, and stays at the last', async () => {
  answer = () => failing(503, { message: 'Down.', status: 'UNAVAILABLE' });
  await ask('', options, antigravity);
  assert.deepEqual(asked(), [DAILY, AUTOPUSH, PRODUCTION, PRODUCTION]);
});

test('a 429 is not taken to another endpoint', async () => {
  answer = () => rateLimited({ resetAfter: '39s' });
  await ask('', options, antigravity);
  assert.deepEqual(asked(), [DAILY]);
});

test('retry "none" asks one endpoint', async () => {
  answer = () => failing(404, { message: 'Not here.', status: 'NOT_FOUND' });
  await ask('', { ...options, retry: 'none' }, antigravity);
  assert.deepEqual(asked(), [DAILY]);
});

test('the other provider has one endpoint', async () => {
  answer = () => failing(404, { message: 'Not here.', status: 'NOT_FOUND' });
  await ask('', options);
  assert.deepEqual(asked(), [PRODUCTION]);
});
