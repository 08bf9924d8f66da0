// Every SDK with its default settings and our `fetch`: one request to each account that is limited, one good answer, and
// nothing on top. Each also runs with the network's own `fetch`, where it must fail: so it is our wrapper that is tested.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { TEXT } from '../support/api-server.mjs';
import { sdks } from '../support/fetch-sdks.mjs';
import { fetching } from '../support/fetching.mjs';

const FOUR_OF_FIVE = { a: 'limited', b: 'limited', c: 'limited', d: 'limited', e: 'good' };
const KEYS = Object.keys(FOUR_OF_FIVE);
const ALL = Object.fromEntries(KEYS.map((key) => [key, 'limited']));
/** An SDK that is refused waits as long as it is told, and at times for a minute. */
const refuseAtOnce = { unused: (response) => response.writeHead(401).end('{"error":{"message":"no key"}}') };

for (const [name, { open, error, retries }] of Object.entries(sdks)) {
  describe(name, () => {
    test('four of five accounts are limited: five requests, one answer', async (t) => {
      const { fetch, url, asked } = await fetching(t, FOUR_OF_FIVE);
      assert.equal(await open(url, fetch).ask(), TEXT);
      assert.deepEqual(asked, KEYS);
    });

    test('without the wrapper it is refused', async (t) => {
      const { url, asked } = await fetching(t, { ...FOUR_OF_FIVE, ...refuseAtOnce, hf_unused: refuseAtOnce.unused });
      await assert.rejects(open(url, fetch).ask());
      assert.match(asked[0], /unused$/);
    });

    const { stream } = open('http://127.0.0.1:9', fetch);
    if (stream) {
      for (const act of ['limited', 'lateError']) {
        test(`a stream (${act}): five requests, one answer`, async (t) => {
          const conduct = Object.fromEntries(KEYS.map((key) => [key, key === 'e' ? 'good' : act]));
          const { fetch, url, asked } = await fetching(t, conduct);
          assert.equal(await open(url, fetch).stream(), TEXT);
          assert.deepEqual(asked, KEYS);
        });
      }
    }

    for (const maxRetries of open.length > 2 ? [0, 5] : []) {
      test(`the same with maxRetries ${maxRetries}, one at a time and a stream`, async (t) => {
        const { fetch, url, asked } = await fetching(t, FOUR_OF_FIVE);
        const client = open(url, fetch, { maxRetries });
        assert.equal(await client.ask(), TEXT);
        assert.equal(await client.stream(), TEXT);
        assert.deepEqual(asked, [...KEYS, 'e']);
      });
    }

    if (retries) return;
    test('all are limited: five requests, and its own error at once', async (t) => {
      const { fetch, url, asked } = await fetching(t, ALL);
      await assert.rejects(open(url, fetch).ask(), error);
      assert.deepEqual(asked, KEYS);
      // The second time nobody is asked: all rest.
      await assert.rejects(open(url, fetch).ask(), error);
      assert.deepEqual(asked, KEYS);
    });
  });
}

describe('an SDK that retries whatever the response says', () => {
  const model = sdks['ai 6, @ai-sdk/openai'];
  test('asks no account that rests: five requests, however often it comes back', async (t) => {
    const { fetch, url, asked, runs } = await fetching(t, ALL);
    await assert.rejects(model.open(url, fetch).ask(), model.error);
    assert.deepEqual([asked, runs.length], [KEYS, 3]);
  });
});
