// A token server as real ones are: it rotates refresh tokens, notices one that is spent twice and then revokes the whole
// family, and can be told to delay, to fail and to lie. It also serves the API that its access tokens are for.
import { createServer } from 'node:http';

/** Reads a request's body. */
async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const json = (response, status, value, headers = {}) => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(value));
};

/**
 * Starts one; closed with the test. `lifetimeMs`: how long an access token is good. `says(lifetime in seconds)`: what
 * `expires_in` says. `answer`: a function that may answer a refresh itself, or return a promise to wait for.
 */
export async function startTokenServer(t, options = {}) {
  const families = new Map();
  const tokens = new Map();
  const access = new Map();
  const state = {
    lifetimeMs: 3_600_000,
    rotates: true,
    says: (seconds) => seconds,
    answer: undefined,
    /** What comes after the tokens are exchanged, and before the answer. */
    beforeAnswer: undefined,
    ...options,
  };
  /** Every refresh that arrived: `{ family, at, outcome, form, headers }`. */
  const refreshes = [];
  let serial = 0;

  function issue(family) {
    serial += 1;
    const pair = { refresh: `refresh-${family}-${serial}-secret`, access: `access-${family}-${serial}-secret` };
    const login = families.get(family);
    login.current = pair.refresh;
    tokens.set(pair.refresh, family);
    access.set(pair.access, { family, until: Date.now() + state.lifetimeMs });
    return pair;
  }

  async function exchange(request, response) {
    const text = await bodyOf(request);
    const isJson = request.headers['content-type']?.includes('json');
    const form = isJson ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text));
    const family = tokens.get(form.refresh_token);
    const seen = { family, at: Date.now(), form, headers: request.headers, outcome: 'under way' };
    refreshes.push(seen);
    if ((await state.answer?.(seen, response)) === 'answered') {
      seen.outcome = 'answered';
      return;
    }
    const login = families.get(family);
    const refuse = (outcome) => {
      seen.outcome = outcome;
      json(response, 400, { error: 'invalid_grant', error_description: `the refresh token is ${outcome}` });
    };
    if (!login) return refuse('unknown');
    if (login.isRevoked) return refuse('revoked');
    if (state.rotates && login.current !== form.refresh_token) {
      login.isRevoked = true;
      return refuse('reused');
    }
    const pair = issue(family);
    if (!state.rotates) login.current = form.refresh_token;
    seen.outcome = 'renewed';
    await state.beforeAnswer?.(seen);
    json(response, 200, {
      access_token: pair.access,
      ...(state.rotates ? { refresh_token: pair.refresh } : {}),
      expires_in: state.says(state.lifetimeMs / 1_000),
      token_type: 'Bearer',
    });
  }

  function serve(request, response) {
    const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
    const known = access.get(token);
    const isGood = known && !known.isRefused && Date.now() < known.until;
    if (!isGood) return json(response, 401, { error: { message: 'invalid token', code: 'unauthorized' } });
    json(response, 200, { family: known.family });
  }

  const server = createServer((request, response) => {
    if (request.url.startsWith('/token')) {
      exchange(request, response).catch((error) => response.destroy(error));
    } else {
      request.resume();
      request.on('end', () => serve(request, response));
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${server.address().port}`;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  t?.after(close);
  return {
    base,
    tokenUrl: `${base}/token`,
    apiUrl: `${base}/v1`,
    state,
    refreshes,
    close,
    /** A new login: its first tokens, as a credential. */
    login(family, { provider = 'acme', expires = Date.now() + state.lifetimeMs, ...fields } = {}) {
      families.set(family, { current: undefined, isRevoked: false });
      const pair = issue(family);
      return { type: 'oauth', provider, ...pair, expires, ...fields };
    },
    isRevoked: (family) => families.get(family).isRevoked,
    isCurrent: (refresh) => families.get(tokens.get(refresh))?.current === refresh,
    /** The API no longer takes an access token, whatever its time. */
    refuse(token) {
      access.get(token).isRefused = true;
    },
    count: (outcome) => refreshes.filter((it) => it.outcome === outcome).length,
  };
}
