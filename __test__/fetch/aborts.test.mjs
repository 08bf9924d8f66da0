// accounts.fetch: the caller's signal ends a request at every stage, with the caller's own reason, and nobody rests for it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import { acts } from '../support/api-server.mjs';
import { chatInit, fetching } from '../support/fetching.mjs';

const path = '/v1/chat/completions';
const reason = new Error('mine');

/** Calls `then` once the server has done what `act` does. */
const after = (act, then) => (response, about) => {
  acts[act](response, about);
  then(response);
};

test('before it begins', async (t) => {
  const { fetch, url, asked } = await fetching(t, { a: 'good' });
  const signal = AbortSignal.abort(reason);
  await assert.rejects(fetch(`${url}${path}`, chatInit({}, { signal })), reason);
  assert.deepEqual(asked, []);
});

for (const [stage, act] of [
  ['before the server has said anything', 'mute'],
  ['after its headers', 'silent'],
  ['once an answer is announced', 'silentBefore'],
]) {
  test(`${stage}`, async (t) => {
    const controller = new AbortController();
    let closed;
    const conduct = after(act, (response) => {
      closed = once(response, 'close');
      setImmediate(() => controller.abort(reason));
    });
    const { fetch, url, dir, booked } = await fetching(t, { a: conduct, b: 'good' });
    const { signal } = controller;
    await assert.rejects(fetch(`${url}${path}`, chatInit({ stream: true }, { signal })), reason);
    await closed;
    await booked();
    assert.deepEqual([dir.stats('acme:a')?.cooldownUntil, dir.stats('acme:a')?.errorCount ?? 0], [undefined, 0]);
  });
}

test('in the middle of the answer', async (t) => {
  const controller = new AbortController();
  let closed;
  const conduct = after('silentAfter', (response) => {
    closed = once(response, 'close');
  });
  const { fetch, url, dir, booked } = await fetching(t, { a: conduct, b: 'good' });
  const response = await fetch(`${url}${path}`, chatInit({ stream: true }, { signal: controller.signal }));
  const reading = response.text();
  controller.abort(reason);
  await assert.rejects(reading, reason);
  await closed;
  await booked();
  assert.equal(dir.stats('acme:a')?.cooldownUntil, undefined);
});

test('in the middle of what a GET asked for', async (t) => {
  const controller = new AbortController();
  const half = (response) => response.writeHead(200, { 'content-type': 'text/plain' }).write('half');
  const { fetch, url } = await fetching(t, { a: half });
  const headers = { authorization: 'Bearer unused' };
  const response = await fetch(`${url}/v1/files/1`, { headers, signal: controller.signal });
  const reading = response.text();
  controller.abort(reason);
  await assert.rejects(reading, reason);
});

test('of a Request counts like that of the options', async (t) => {
  const controller = new AbortController();
  const conduct = after('mute', () => controller.abort(reason));
  const { fetch, url } = await fetching(t, { a: conduct });
  await assert.rejects(fetch(new Request(`${url}${path}`, chatInit({}, { signal: controller.signal }))), reason);
});

test('after the end changes nothing', async (t) => {
  const controller = new AbortController();
  const { fetch, url, booked } = await fetching(t, { a: 'good' });
  const response = await fetch(`${url}${path}`, chatInit({}, { signal: controller.signal }));
  await response.text();
  controller.abort(reason);
  assert.equal((await booked()).value.result.kind, 'complete');
});
