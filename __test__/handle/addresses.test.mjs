// Accounts with a baseURL of their own: what one server fails at says nothing of another.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { apiServer } from '../support/api-server.mjs';
import { chatInit } from '../support/fetching.mjs';
import { open, ownDirectory } from '../support/handles.mjs';

const path = '/v1/chat/completions';

test('a server that fails rests for the accounts that are asked there, and for no other', async (t) => {
  ownDirectory(t);
  const [down, well] = [await apiServer(t, { else: 'overloaded' }), await apiServer(t, { else: 'good' })];
  const accounts = open(
    [
      { id: 'a', apiKey: 'key-a', baseURL: `${down.url}/v1` },
      { id: 'b', apiKey: 'key-b', baseURL: `${down.url}/v1` },
      { id: 'c', apiKey: 'key-c', baseURL: `${well.url}/v1` },
    ],
    { strategy: 'priority', endpointAttempts: 1 },
  );
  const ask = async () => (await accounts.fetch(`${down.url}${path}`, chatInit())).status;
  assert.equal(await ask(), 200);
  assert.deepEqual([down.asked.length, well.asked.length], [1, 1]);
  assert.equal(await ask(), 200);
  assert.deepEqual([down.asked.length, well.asked.length], [1, 2]);
  const { profiles, endpoints } = await accounts.describe();
  assert.deepEqual(
    profiles.map(({ state }) => state),
    ['ready', 'ready', 'ready'],
  );
  assert.equal(endpoints[0].hasBaseUrl, true);
});
