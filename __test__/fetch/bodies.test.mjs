// accounts.fetch: the body of an answer keeps its account for as long as somebody reads it, and no longer.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { suite, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { frames } from '../support/api-server.mjs';
import { chatInit, fetching } from '../support/fetching.mjs';

const path = '/v1/chat/completions';
const ask = (fetch, url, init) => fetch(`${url}${path}`, chatInit({ stream: true }, init));
/** How the run has ended, or `open`. */
const now = (run) =>
  Promise.race([
    run.then(
      () => 'ended',
      () => 'failed',
    ),
    wait(0, 'open'),
  ]);

/** Streams without end, and tells how much it could write, and when its reader has gone. */
function fountain() {
  const told = { written: 0, gone: null };
  const act = (response, { api }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(frames(api.start, api.content));
    told.gone = once(response, 'close');
    const chunk = `: ${'x'.repeat(16_384)}\n\n`;
    const pour = () => {
      while (!response.destroyed && response.write(chunk)) told.written += chunk.length;
      told.written += chunk.length;
      if (!response.destroyed) response.once('drain', pour);
    };
    pour();
  };
  return { told, act };
}

test('a run lasts until its body is read', async (t) => {
  const { fetch, url, runs } = await fetching(t, { a: 'silentAfter' });
  const response = await ask(fetch, url);
  assert.equal(await now(runs[0]), 'open');
  await response.body.cancel();
  assert.equal((await runs[0]).profileId, 'acme:a');
});

test('the caller may look away in the middle: the server sees it, and the account has answered', async (t) => {
  const { told, act } = fountain();
  const { fetch, url, runs } = await fetching(t, { a: act });
  const response = await ask(fetch, url);
  for await (const _ of response.body) break;
  await told.gone;
  assert.equal((await runs[0]).result.kind, 'left');
});

test('a caller who reads slowly slows the server down', async (t) => {
  const { told, act } = fountain();
  const { fetch, url } = await fetching(t, { a: act });
  const response = await ask(fetch, url);
  let before = -1;
  // The buffers of two sockets, and of the client, fill up; then it stops.
  while (told.written !== before) {
    before = told.written;
    await wait(100);
  }
  assert.ok(before < 64 * 1024 * 1024, `${before}`);
  const reader = response.body.getReader();
  for (let read = 0; read < before; ) read += (await reader.read()).value.length;
  await wait(20);
  assert.ok(told.written > before);
  await reader.cancel();
});

test('a body that nobody holds any more ends its run', async (t) => {
  const { fetch, url, runs } = await fetching(t, { a: 'silentAfter' });
  await (async () => {
    assert.equal((await ask(fetch, url)).status, 200);
  })();
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc');
  while ((await now(runs[0])) === 'open') {
    gc();
    await wait(10);
  }
  assert.equal((await runs[0]).profileId, 'acme:a');
});

test('a body that is held but not read lets its account go after a minute, and can be read then', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  let end;
  const halfway = (response, { api }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(frames(api.start, api.content));
    end = () => response.end(frames(api.end));
  };
  const { fetch, url, runs } = await fetching(t, { a: halfway });
  const response = await ask(fetch, url);
  t.mock.timers.tick(60_000);
  assert.equal((await runs[0]).result.kind, 'unread');
  end();
  assert.match(await response.text(), /DONE/);
});

suite('an answer that says it is over', () => {
  test('ends its run though the connection stays', async (t) => {
    const stays = (response, { api }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(frames(api.start, api.content, api.end));
    };
    const { fetch, url, runs } = await fetching(t, { a: stays });
    const response = await ask(fetch, url);
    const reader = response.body.getReader();
    await reader.read();
    assert.equal((await runs[0]).result.kind, 'complete');
    await reader.cancel();
  });
});

test('a copy can be read beside the body', async (t) => {
  const { fetch, url, runs } = await fetching(t, { a: 'good' });
  const response = await ask(fetch, url);
  const copy = response.clone();
  const [one, other] = await Promise.all([response.text(), copy.text()]);
  assert.equal(one, other);
  assert.equal((await runs[0]).result.kind, 'complete');
});

suite('a limit of silence', () => {
  test('counts while the server is waited for', async (t) => {
    const { fetch, url, booked } = await fetching(t, { a: 'silentAfter' }, { idleTimeoutMs: 50 });
    const response = await ask(fetch, url);
    await assert.rejects(response.text(), { name: 'TimeoutError' });
    assert.equal((await booked()).reason.name, 'TimeoutError');
  });

  test('and not while the caller takes his time', async (t) => {
    const { fetch, url, runs } = await fetching(t, { a: 'good' }, { idleTimeoutMs: 50 });
    const response = await ask(fetch, url);
    await wait(120);
    assert.match(await response.text(), /DONE/);
    assert.equal((await runs[0]).result.kind, 'complete');
  });

  test('before the first content sends the request to the next account', async (t) => {
    const { fetch, url, asked } = await fetching(t, { a: 'silentBefore', b: 'good' }, { idleTimeoutMs: 50 });
    assert.match(await (await ask(fetch, url)).text(), /DONE/);
    assert.deepEqual(asked, ['a', 'b']);
  });
});
