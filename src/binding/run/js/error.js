// What an error of a run can do for programs that answer HTTP.
(function linkErrors() {
  'use strict';

  const WORDS = {
    401: 'the credentials for the model provider were refused',
    402: 'the accounts for the model provider have no credit left',
    403: 'the accounts may not do this at the model provider',
    429: 'the accounts for the model provider are at their limits',
    503: 'the model provider is not available now',
    504: 'the model provider did not answer in time',
  };

  // Without the error's own words: those name accounts.
  function toResponse() {
    const { status, code, retryAfterMs } = this;
    const message = WORDS[status] ?? 'the model provider did not answer';
    const headers = { 'content-type': 'application/json', 'x-should-retry': 'false' };
    if (typeof retryAfterMs === 'number') {
      headers['retry-after'] = String(Math.ceil(retryAfterMs / 1000));
      headers['retry-after-ms'] = String(Math.ceil(retryAfterMs));
    }
    const type = status === 429 ? 'rate_limit_error' : 'api_error';
    return new Response(JSON.stringify({ error: { message, type, code } }), { status, headers });
  }

  return { toResponse };
});
