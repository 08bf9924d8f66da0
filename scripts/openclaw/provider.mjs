// A provider on loopback that answers each account as a case says, and keeps what it was asked.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { performance } from 'node:perf_hooks';

import { dialectOf } from './speak.mjs';

/** The accounts of every provider; all but the last fail. */
export const accounts = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6'];
export const keyOf = (provider, account) => `sk-${provider}-${account}-0123456789abcdef`;
const accountOf = (key) => /-(a\d)-/.exec(key ?? '')?.[1] ?? 'nobody';

/**
 * Starts one. `behave(request)` gives `{ text }`, `{ tool: { name, arguments } }`, `{ refuse: { status, headers,
 * message, type, code } }` or `{ hang: true }`. Beside a text, `rest` is a promise for which all but the first event waits.
 * `requests` are
 * `{ at, account, model, headers, body, open }`: `at` in milliseconds, `open` how many were being answered then, this
 * one with them.
 */
export async function startProvider(behave) {
  const provider = { requests: [], behave, strays: [] };
  let open = 0;
  const server = createServer(async (incoming, outgoing) => {
    const at = performance.now();
    const text = await read(incoming);
    const dialect = dialectOf(incoming.url);
    if (!dialect) {
      provider.strays.push(`${incoming.method} ${incoming.url}`);
      return void outgoing.writeHead(404, { 'content-type': 'application/json' }).end('{}');
    }
    const body = JSON.parse(text);
    open += 1;
    outgoing.on('close', () => (open -= 1));
    const account = accountOf(dialect.key(incoming));
    const request = { at, account, model: body.model, headers: incoming.headers, body, open };
    provider.requests.push(request);
    await send(outgoing, dialect, await provider.behave(request), body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  provider.url = `http://127.0.0.1:${server.address().port}`;
  provider.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return provider;
}

async function read(incoming) {
  const pieces = [];
  for await (const piece of incoming) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

async function send(outgoing, dialect, { refuse, hang, rest, ...content }, body) {
  if (hang) return;
  if (refuse) {
    outgoing.writeHead(refuse.status, { 'content-type': 'application/json', ...refuse.headers });
    outgoing.end(JSON.stringify(dialect.refusal(refuse)));
    return;
  }
  const { status, headers, body: events } = dialect.answer(content, body);
  const firstEnds = events.indexOf('\n\n') + 2;
  outgoing.writeHead(status, headers).write(events.slice(0, firstEnds));
  await rest;
  outgoing.end(events.slice(firstEnds));
}
