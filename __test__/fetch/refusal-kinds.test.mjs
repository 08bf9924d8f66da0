// Every refusal of the classifier's table, as its API sends it, through the SDK of that API with its default settings: where
// another account may answer it does, in two requests; else the SDK's own error comes after one, and it does not retry.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';

import { acts, TEXT } from '../support/api-server.mjs';
import { sdks } from '../support/fetch-sdks.mjs';
import { fetching } from '../support/fetching.mjs';

const { fixtures } = JSON.parse(readFileSync(new URL('../fixtures/errors/index.json', import.meta.url), 'utf8'));
const SDK_OF = {
  openai: 'openai',
  anthropic: '@anthropic-ai/sdk',
  google: '@google/genai',
  gemini: '@google/genai',
  groq: 'groq-sdk',
  mistral: '@mistralai/mistralai',
};
/** What the network adds itself, or Node refuses to send. */
const NOT_SENT = new Set(['content-length', 'transfer-encoding', 'connection', 'content-encoding']);

/** Something of an answer comes first, or it is one: that goes to the caller. `streams.test.mjs` has these. */
const ANSWERED = new Set([
  'anthropic/200-rate-limit-event',
  'google/200-error-after-chunks',
  'google/200-output-speaks-of-errors',
]);

const isEvents = ({ headers }) => /event-stream/.test(headers['Content-Type'] ?? headers['content-type'] ?? '');
const isRefusal = ({ id, status }) => status >= 200 && !ANSWERED.has(id);

/** `a` refuses as the fixture says. The moment of a fixture is not now, so dates in it say nothing here. */
function refusing({ status, headers, body }) {
  const sent = Object.entries(headers).filter(([name]) => !NOT_SENT.has(name.toLowerCase()));
  return (response) => response.writeHead(status, Object.fromEntries(sent)).end(body);
}

for (const [provider, sdk] of Object.entries(SDK_OF)) {
  const own = fixtures.filter((it) => it.provider === provider && isRefusal(it));
  const kinds = new Set(own.map(({ means }) => `${means.class} ${means.scope}`));
  suite(`${sdk}, ${own.length} refusals of ${provider}, ${kinds.size} kinds`, () => {
    test('there are some', () => assert.ok(own.length > 0));
    for (const fixture of own) {
      test(fixture.id, async (t) => {
        const { fetch, url, asked } = await fetching(t, { a: refusing(fixture), b: acts.good });
        const client = sdks[sdk].open(url, fetch);
        const answer = isEvents(fixture) && client.stream ? client.stream() : client.ask();
        const text = await answer.catch((error) => assert.ok(error instanceof Error));
        // Some may be read either way; then the answer tells which.
        const mayRotate = [fixture.means.rotate].flat();
        assert.ok(mayRotate.includes(text === TEXT), `${text}`);
        assert.deepEqual(asked, text === TEXT ? ['a', 'b'] : ['a']);
      });
    }
  });
}
