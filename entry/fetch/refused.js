'use strict';
// Refusals: an error instead of an answer as the loop judges it, and what the caller gets when nobody is left.

const core = require('../../index.js');

/** An answer with a good status that was none: `status`, `headers` and `body` are what the core judges it by. */
class RefusedAnswer extends Error {
  /** `ending` is what the core says of the body; `chunks` are what has come of it. */
  constructor(response, { failure, error }, chunks) {
    super(failure?.text ?? 'the answer was an error');
    this.status = response.status;
    this.headers = response.headers;
    if (failure) this.failure = failure;
    // Not shown: a body may quote the request.
    Object.defineProperty(this, 'body', { value: error ?? '', enumerable: false });
    Object.defineProperty(this, 'asItCame', { value: { response, chunks }, enumerable: false });
  }
}
exports.RefusedAnswer = RefusedAnswer;

const isResponse = (value) => typeof value?.status === 'number' && typeof value.headers?.get === 'function';

/** What the server said last, as `{ response, body }`. */
function lastRefusal(error) {
  for (const value of [error, error?.result, error?.cause]) {
    if (value instanceof RefusedAnswer) {
      const { response, chunks } = value.asItCame;
      return { response, body: new Blob(chunks).stream() };
    }
    if (isResponse(value)) return { response: value, body: value.body };
  }
  return null;
}

/** The response for a run that has failed; `null` if it must fail with the error itself. */
exports.responseFor = (error, request) => {
  const last = lastRefusal(error);
  const isOurs = typeof error?.code === 'string' && error.code.startsWith('ERR_') && 'attempts' in Object(error);
  if (!last && !isOurs) return null;
  const { code = '', failure, message = '', retryAfterMs } = isOurs ? error : {};
  const shaped = core.shapedRefusal(
    request.url,
    request.telling,
    code,
    failure?.class,
    message,
    retryAfterMs ?? undefined,
  );
  if (!last) {
    return new Response(shaped.body, { status: shaped.status, headers: ownHeaders(shaped.headers) });
  }
  const { response, body } = last;
  const headers = new Headers(response.headers);
  // A body that can be sent once only is the SDK's to send again.
  if (!request.isOnce) for (const [name, value] of pairs(shaped.headers)) headers.set(name, value);
  return copyOf(response, body, headers);
};

function* pairs(flat) {
  for (let at = 0; at < flat.length; at += 2) yield [flat[at], flat[at + 1]];
}

const ownHeaders = (flat) => [['content-type', 'application/json'], ...pairs(flat)];

/** A response may be received with a status that none can be made with. */
const madeWith = (status) => (status >= 200 && status <= 599 ? status : 502);

/** A response like this one, with another body. */
function copyOf(response, body, headers = response.headers) {
  const { status, statusText, url, redirected } = response;
  const copy = new Response(body, { status: madeWith(status), statusText, headers });
  return Object.defineProperties(copy, { url: { value: url }, redirected: { value: redirected } });
}
exports.copyOf = copyOf;
