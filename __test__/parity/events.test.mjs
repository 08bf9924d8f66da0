// Events and final messages, compared with the original's for answers that a generator thinks of.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { answer } from '../support/arbitraries.mjs';
import { frame, inPieces, rateLimited, sse } from '../support/code-assist-server.mjs';
import { both } from '../support/pi.mjs';
import { context, model, server } from '../support/request.mjs';

test('a complete answer gives the same events and the same message', async () => {
  let script;
  const at = await server(() => script);
  const sizes = fc.constantFrom(1, 7, 100, 1 << 20);
  await fc.assert(
    fc.asyncProperty(answer, sizes, async (responses, size) => {
      script = inPieces(size, sse(...responses.map((response) => frame({ response, traceId: 't' }))));
      const { ours, theirs } = await both(model({ baseUrl: at.url }), context(), {});
      assert.deepEqual(ours, theirs);
    }),
    { numRuns: 300 },
  );
});

test('onResponse sees the same head, refusal or not', async () => {
  const at = await server(({ model: asked }) =>
    asked === 'refused' ? { ...rateLimited({}), status: 400 } : sse(frame({ response: { candidates: [] } })),
  );
  for (const id of ['refused', 'gemini-2.5-pro']) {
    const heads = [];
    const onResponse = ({ status, headers: { date, ...headers } }, { id: asked }) => {
      heads.push(JSON.stringify([status, Object.entries(headers).sort(), asked]));
      throw Object.assign(new Error('enough'), { name: 'AbortError' });
    };
    await both(model({ id, baseUrl: at.url }), context(), { onResponse });
    assert.equal(heads.length, 2);
    assert.equal(heads[0], heads[1]);
  }
});

for (const [name, key] of [
  ['absent', undefined],
  ['no JSON', 'x'],
  ['null', 'null'],
  ['incomplete', '{}'],
]) {
  test(`an apiKey that is ${name} has the original's words`, async () => {
    const { streamGoogleGeminiCli } = await import('../../index.js');
    const { piStream } = await import('../support/pi.mjs');
    const results = [streamGoogleGeminiCli, piStream].map((ask) => ask(model(), context(), { apiKey: key }).result());
    const [ours, theirs] = await Promise.all(results);
    assert.equal(ours.errorMessage, theirs.errorMessage);
    assert.equal(ours.stopReason, theirs.stopReason);
  });
}
