// A Code Assist server on loopback: real HTTP, the real wire format, answers by script.
//
//   const server = await startCodeAssistServer({
//     answer(request) {
//       return request.token === 'spent' ? rateLimited({ resetAfter: '12m10s' }) : sse(text('Hello'), finish('STOP'));
//     },
//   });
//   server.url               // for model.baseUrl
//   server.requests          // what came in: { token, project, model, body, headers, path, closed }
//   server.countFor('spent') // requests of one account
//   await server.close();    // also cuts connections that are still open
//
// An answer is `{ status = 200, headers, steps }` or an array of steps. A step is a string or bytes (written as one
// piece), `wait(promise)`, `stall` (leaves the connection open), `reset` (cuts it hard). Without `stall` or `reset` the
// response ends after the last step. `inPieces(n, answer)` cuts what is written into pieces of n bytes.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

/** Leaves the connection open after what was written so far. */
export const stall = Symbol('stall');
/** Cuts the connection without an end. */
export const reset = Symbol('reset');

/** A step that holds the response back until `promise` is settled. */
export const wait = (promise) => ({ wait: promise });

/** Starts the server. `answer(request, index)` may be async; `tls` are the options of `https.createServer`. */
export async function startCodeAssistServer({ answer, tls }) {
  const requests = [];
  const listener = async (incoming, response) => {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const body = text === '' ? undefined : JSON.parse(text);
    const request = {
      token: incoming.headers.authorization?.replace(/^Bearer /, ''),
      project: body?.project,
      model: body?.model,
      body,
      text,
      headers: incoming.headers,
      path: incoming.url,
      method: incoming.method,
      port: incoming.socket.remotePort,
      closed: once(response, 'close').then(() => response.writableFinished),
    };
    requests.push(request);
    await write(response, await answer(request, requests.length - 1));
  };
  const guarded = (incoming, response) => listener(incoming, response).catch(() => response.destroy());
  const server = tls ? createTlsServer(tls, guarded) : createServer(guarded);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    requests,
    countFor: (token) => requests.filter((request) => request.token === token).length,
    close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      return closed;
    },
  };
}

async function write(response, answer) {
  const { status = 200, headers = {}, steps = [] } = Array.isArray(answer) ? { steps: answer } : answer;
  const type = status === 200 ? 'text/event-stream' : 'application/json; charset=UTF-8';
  response.writeHead(status, { 'content-type': type, ...headers });
  response.flushHeaders();
  const closed = once(response, 'close');
  for (const step of steps) {
    if (step === stall) return;
    if (step === reset) {
      response.socket?.resetAndDestroy();
      return;
    }
    if (step.wait) await step.wait;
    else if (!response.write(step)) await Promise.race([drained(response), closed]);
    if (response.destroyed) return;
  }
  response.end();
}

const drained = (response) => new Promise((resolve) => response.once('drain', resolve));

/** One chunk of an answer, as one event. Arguments are what `text`, `thought`, `call`, `finish`, `usage` make. */
export function chunk(...pieces) {
  const parts = pieces.flatMap((piece) => piece.parts ?? []);
  const response = Object.assign({}, ...pieces.map((piece) => piece.response ?? {}));
  const candidate = Object.assign({}, ...pieces.map((piece) => piece.candidate ?? {}));
  if (parts.length > 0) candidate.content = { role: 'model', parts };
  if (Object.keys(candidate).length > 0) response.candidates = [candidate];
  return frame({ response, traceId: 'trace' });
}

/** Any JSON as one event. */
export const frame = (value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\r\n\r\n`;

/** A whole answer: each piece is a chunk of its own; a string is written as it is. */
export const sse = (...pieces) => ({
  steps: pieces.map((piece) => (piece?.parts || piece?.response || piece?.candidate ? chunk(piece) : piece)),
});

export const text = (words, extra) => ({ parts: [{ text: words, ...extra }] });
export const thought = (words, extra) => ({ parts: [{ thought: true, text: words, ...extra }] });
export const call = (name, args, extra) => ({
  parts: [{ functionCall: { name, args, ...extra?.call }, ...extra?.part }],
});
export const responseId = (id) => ({ response: { responseId: id } });

/** The reason why the model stopped, with token counts unless `counts` is `null`. */
export const finish = (reason, counts = {}) => ({
  candidate: { finishReason: reason },
  ...(counts && usage(counts)),
});

export const usage = ({ prompt = 10, cached = 0, candidates = 5, thoughts = 0, total = 15 }) => ({
  response: {
    usageMetadata: {
      promptTokenCount: prompt,
      cachedContentTokenCount: cached,
      candidatesTokenCount: candidates,
      thoughtsTokenCount: thoughts,
      totalTokenCount: total,
    },
  },
});

/** Cuts everything that is written into pieces of `size` bytes. */
export const inPieces = (size, { steps, ...rest }) => ({
  ...rest,
  steps: steps.flatMap((step) => {
    if (typeof step !== 'string') return [step];
    const bytes = Buffer.from(step);
    return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
  }),
});

/** An error response: `error` is the inside of the body's `error`. */
export const failing = (status, error, headers) => ({
  status,
  headers,
  steps: [typeof error === 'string' ? error : JSON.stringify({ error: { code: status, ...error } }, null, 2)],
});

/** A 429 in the server's own words. `resetAfter` as the server writes it (`39s`, `12m10s`, `19h14m47s`). */
export function rateLimited({
  resetAfter,
  retryDelay,
  reason = 'RATE_LIMIT_EXCEEDED',
  model = 'gemini-3-pro-preview',
}) {
  const details = [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason,
      domain: 'cloudcode-pa.googleapis.com',
      metadata: { uiMessage: 'true', model, ...(resetAfter && { quotaResetDelay: resetAfter }) },
    },
  ];
  if (retryDelay) details.push({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay });
  const after = resetAfter ? ` Your quota will reset after ${resetAfter}.` : '';
  const message = `You have exhausted your capacity on this model.${after}`;
  return failing(429, { message, status: 'RESOURCE_EXHAUSTED', details });
}
