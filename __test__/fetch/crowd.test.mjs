// accounts.fetch: 50 streams at once in each of two processes, over one store whose accounts are partly limited.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { TEXT } from '../support/api-server.mjs';
import { start } from '../support/child.mjs';
import { fetching } from '../support/fetching.mjs';

test('every one gets its answer, and every request that the server saw is in the books of a run', async (t) => {
  const conduct = { a: 'limited', b: 'lateError', c: 'good', d: 'cutBefore', e: 'good' };
  const { url, asked, dir } = await fetching(t, conduct);
  const children = [0, 1].map(() => start(t, 'fetch-crowd.mjs', { url, agentDir: dir.path, count: 50 }));
  const told = await Promise.all(children.map((child) => child.next()));
  for (const { texts } of told) assert.deepEqual(texts, Array(50).fill(TEXT));
  const attempts = told.flatMap(({ attempts }) => attempts);
  assert.equal(attempts.filter(([, failure]) => failure === null).length, 100);
  const count = (list) =>
    Object.fromEntries(Object.keys(conduct).map((key) => [key, list.filter((it) => it === key).length]));
  assert.deepEqual(count(attempts.map(([id]) => id.replace('acme:', ''))), count(asked));
  const now = Date.now();
  for (const key of ['a', 'b']) assert.ok(dir.stats(`acme:${key}`).cooldownUntil > now, key);
  for (const key of ['c', 'd', 'e']) assert.equal(dir.stats(`acme:${key}`)?.cooldownUntil, undefined, key);
});
