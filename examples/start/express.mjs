// OPENAI_API_KEY_1=… OPENAI_API_KEY_2=… PORT=8787 node express.mjs
// Then any client of OpenAI's API may use http://127.0.0.1:8787/v1, without a key of its own.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { createFailover, fromEnv } from 'auth-failover';
import express from 'express';

const accounts = createFailover({ provider: 'openai', profiles: fromEnv('OPENAI_API_KEY') });
const base = process.env.OPENAI_BASE_URL ?? 'https://api.openai.com/v1';
/** Of the answer's: how it was packed on its way here says nothing of its way on. */
const DROPPED = new Set(['content-encoding', 'content-length', 'transfer-encoding', 'connection']);

const app = express();
app.use(express.raw({ type: () => true, limit: '32mb' }));
app.use('/v1', async (request, response) => {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const hasBody = !['GET', 'HEAD'].includes(request.method);
  const answer = await accounts.fetch(`${base}${request.url}`, {
    method: request.method,
    headers: { 'content-type': request.get('content-type') ?? 'application/json' },
    body: hasBody ? request.body : undefined,
    signal: gone.signal,
  });
  response.status(answer.status);
  for (const [name, value] of answer.headers) if (!DROPPED.has(name)) response.set(name, value);
  if (answer.body) await pipeline(Readable.fromWeb(answer.body), response);
  else response.end();
});
app.use((error, _request, response, next) => {
  // A client that has gone needs no answer.
  if (response.headersSent || response.destroyed) return next(error);
  response.status(500).json({ error: { message: error.message } });
});
const server = app.listen(Number(process.env.PORT ?? 8787), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/v1`);
});
