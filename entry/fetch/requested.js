'use strict';
// What `fetch` was called with, read once, and sent as often as it takes.

const { isDisturbed } = require('node:stream');

const core = require('../../index.js');

const SESSION = 'x-auth-failover-session';
const TELLING = core.tellingHeaders();
/** Whoever asks for one of these gets a record, not an answer of a model: nothing in it is judged. */
const UNJUDGED = new Set(['GET', 'HEAD', 'OPTIONS', 'DELETE']);

const isRequest = (input) => typeof input === 'object' && input !== null && 'url' in input && 'method' in input;
const isStream = (body) => typeof body?.getReader === 'function' || typeof body?.[Symbol.asyncIterator] === 'function';
/** Blobs and form data can be iterated, or streamed, as often as one likes. */
const isReplayable = (body) =>
  typeof body === 'string' || ArrayBuffer.isView(body) || !isStream(body) || typeof body.arrayBuffer === 'function';

/** `{ url, base, init, headers, method, model, session, signal, isOnce, isJudged, telling }`; waits for a streamed body. */
exports.read = async (input, init, settings) => {
  const base = isRequest(input) ? input : null;
  const url = base ? base.url : String(input);
  const headers = new Headers(init?.headers ?? base?.headers);
  const method = (init?.method ?? base?.method ?? 'GET').toUpperCase();
  const signal = init?.signal === undefined ? base?.signal : init.signal;
  const given = init?.body ?? base?.body ?? null;
  refuseUsed(given, init?.body ? null : base);
  const { body, isOnce, tail } =
    given === null || isReplayable(given)
      ? { body: given, isOnce: false, tail: null }
      : await collected(given, settings.maxReplayBytes, signal);
  const session = headers.get(SESSION);
  headers.delete(SESSION);
  const telling = TELLING.flatMap((name) => (headers.has(name) ? [name, headers.get(name)] : []));
  return {
    url,
    base,
    init,
    headers,
    method,
    signal: signal ?? null,
    body,
    /** What follows `body` of a stream that is too long to be kept. */
    tail,
    isOnce,
    isJudged: !UNJUDGED.has(method),
    telling,
    model: core.askedModel(url, textOf(body) ?? undefined) ?? null,
    session,
  };
};

/** As `fetch` does: a body that somebody has read, or is reading, would be sent empty. */
function refuseUsed(body, base) {
  if (base?.bodyUsed) throw new TypeError('the body of this Request was used already; give fetch a clone of it');
  if (isStream(body) && (body.locked || (body instanceof ReadableStream && isDisturbed(body)))) {
    throw new TypeError('the stream that is to be the body was read already, or is being read');
  }
}

/** What of a body can be read for the model without waiting. */
function textOf(body) {
  if (typeof body === 'string') return body;
  if (ArrayBuffer.isView(body) || body instanceof ArrayBuffer) return new TextDecoder().decode(body);
  const model = typeof body?.get === 'function' ? body.get('model') : null;
  return typeof model === 'string' ? JSON.stringify({ model }) : null;
}

/** The next part of a stream; its source may be slow, and the caller wants no more of it. */
async function unlessAborted(iterator, signal) {
  if (!signal) return iterator.next();
  signal.throwIfAborted();
  let stop;
  const aborted = new Promise((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([iterator.next(), aborted]);
  } catch (error) {
    // Not awaited: it may hang as its stream does.
    Promise.resolve(iterator.return?.()).catch(() => {});
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The bytes of a stream, or its beginning and the rest of it. */
async function collected(stream, mostBytes, signal) {
  const chunks = [];
  let length = 0;
  const iterator = stream[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await unlessAborted(iterator, signal);
    if (done) break;
    const chunk = typeof value === 'string' ? Buffer.from(value) : value;
    chunks.push(chunk);
    length += chunk.byteLength;
    if (length > mostBytes) return { body: Buffer.concat(chunks), isOnce: true, tail: iterator };
  }
  return { body: Buffer.concat(chunks), isOnce: false, tail: null };
}

/** Bytes, then what follows them. */
async function* joined(bytes, tail) {
  yield bytes;
  yield* { [Symbol.asyncIterator]: () => tail };
}

/**
 * A request cannot be asked for its dispatcher, and keeps its address. Where Node has it in a symbol it is found; in later
 * versions it is private, and goes with the request as long as the address stays.
 */
function dispatcherOf(request) {
  const symbol = Object.getOwnPropertySymbols(request).find(({ description }) => description === 'dispatcher');
  return symbol && request[symbol];
}

/** The arguments of one call of the network's `fetch`. */
exports.argumentsFor = (request, url, headers, signal) => {
  const { base, init, method, tail } = request;
  const body = tail ? ReadableStream.from(joined(request.body, tail)) : request.body;
  const own = { ...init, method, headers, signal };
  if (body !== null) own.body = body;
  if (tail) own.duplex = 'half';
  if (!base) return [url, own];
  // A request keeps settings that cannot be read, its dispatcher among them, as long as its address stays.
  if (url === base.url) return [new base.constructor(base, own), init?.dispatcher && { dispatcher: init.dispatcher }];
  own.dispatcher ??= dispatcherOf(base);
  const { redirect, credentials, cache, mode, referrer, referrerPolicy, integrity, keepalive } = base;
  const rest = { redirect, credentials, cache, mode, referrer, referrerPolicy, integrity, keepalive };
  return [url, { ...rest, ...own }];
};
