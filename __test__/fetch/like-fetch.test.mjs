// accounts.fetch: what `fetch` itself refuses is refused as it does, at once, and no account or server is at fault.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { chatBody, chatInit, fetching } from '../support/fetching.mjs';

const path = '/v1/chat/completions';
const stream = (pull) => new ReadableStream({ pull }, { highWaterMark: 0 });

/** Nobody rests, the server included: the next request is answered. */
async function isUnharmed({ fetch, url, dir, booked }) {
  await booked();
  assert.equal(dir.stats('acme:a')?.cooldownUntil, undefined);
  assert.equal((await fetch(`${url}${path}`, chatInit())).status, 200);
}

test('a status that no Response can be made with ends as 502, with its body', async (t) => {
  const odd = (response) => response.socket.end('HTTP/1.1 999 Odd\r\ncontent-length: 4\r\n\r\nnope');
  const { fetch, url } = await fetching(t, { a: odd, b: odd });
  const response = await fetch(`${url}${path}`, chatInit());
  assert.deepEqual([response.status, await response.text()], [502, 'nope']);
});

test('a Request whose body was used is refused, and sends nothing', async (t) => {
  const { fetch, url, requests } = await fetching(t, { a: 'good', b: 'good' });
  const request = new Request(`${url}${path}`, chatInit());
  assert.equal((await fetch(request.clone())).status, 200);
  assert.equal((await fetch(request)).status, 200);
  await assert.rejects(fetch(request), TypeError);
  assert.deepEqual(
    requests.map(({ body }) => body),
    [chatBody(), chatBody()],
  );
  assert.equal((await fetch(request, { body: chatBody() })).status, 200);
});

for (const [how, use] of [
  ['being read', (body) => body.getReader()],
  [
    'read already',
    async (body) => {
      const reader = body.getReader();
      await reader.read();
      reader.releaseLock();
    },
  ],
]) {
  test(`a stream that is ${how} is refused as a body`, async (t) => {
    const { fetch, url, asked } = await fetching(t, { a: 'good' });
    const body = new Blob([chatBody()]).stream();
    await use(body);
    await assert.rejects(fetch(`${url}${path}`, chatInit({}, { body, duplex: 'half' })), TypeError);
    assert.deepEqual(asked, []);
  });
}

test('the caller’s signal ends the reading of a body that stalls', async (t) => {
  const { fetch, url, asked } = await fetching(t, { a: 'good' });
  const [controller, reason] = [new AbortController(), new Error('mine')];
  const body = stream(() => {
    controller.abort(reason);
    return new Promise(() => {});
  });
  const init = chatInit({}, { body, duplex: 'half', signal: controller.signal });
  await assert.rejects(fetch(`${url}${path}`, init), reason);
  assert.deepEqual(asked, []);
});

const redirecting =
  (location) =>
  (response, { request }) =>
    response.writeHead(307, { location: location ?? request.url }).end();

test('a redirect that the request forbids is its own fault', async (t) => {
  const used = await fetching(t, { a: redirecting('/elsewhere'), b: 'good' });
  const init = chatInit({}, { redirect: 'error' });
  await assert.rejects(used.fetch(`${used.url}${path}`, init), { message: 'fetch failed' });
  assert.deepEqual(used.asked, ['a']);
  used.asked.length = 0;
  const { fetch, url, booked, dir } = used;
  await booked();
  assert.equal(dir.stats('acme:a')?.cooldownUntil, undefined);
  assert.equal(await fetch(`${url}${path}`, init).catch(({ message }) => message), 'fetch failed');
  assert.deepEqual(used.asked, ['a']);
});

test('so is an address that redirects for ever', async (t) => {
  let turns = 0;
  const loop = (response, about) => {
    turns += 1;
    if (turns > 21) response.end('{"choices":[{"message":{"content":"x"}}]}');
    else redirecting()(response, about);
  };
  const used = await fetching(t, { a: loop, b: loop });
  await assert.rejects(used.fetch(`${used.url}${path}`, chatInit()), { message: 'fetch failed' });
  assert.equal(turns, 21);
  await isUnharmed(used);
});
