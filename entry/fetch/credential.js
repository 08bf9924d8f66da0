'use strict';
// Puts an account's credential where the request has its own.

const core = require('../../index.js');

/** `bearer`, `header:name`, `query:name`; or nothing, and the core finds the place. */
function fixed(credential) {
  if (credential === undefined || credential === null) return undefined;
  if (typeof credential === 'string') return credential;
  return 'header' in credential ? `header:${credential.header}` : `query:${credential.query}`;
}

/** `[url, headers]` of a request as this profile sends it. */
exports.placed = (request, profile, settings) => {
  const headers = new Headers(request.headers);
  const { baseURL, headers: own, apiKey } = profile;
  let url = baseURL ? core.rebasedUrl(request.url, baseURL, settings.baseURL ?? undefined) : request.url;
  if (typeof settings.credential === 'function') {
    settings.credential(headers, profile);
  } else {
    const places = core.credentialPlaces(request.url, request.telling, fixed(settings.credential));
    for (let at = 0; at < places.length; at += 3) {
      const [kind, name, scheme] = places.slice(at, at + 3);
      if (kind === 'header') headers.set(name, scheme ? `${scheme} ${apiKey}` : apiKey);
      else url = withQuery(url, name, apiKey);
    }
  }
  // Last: an account's organization, project or version is its own.
  for (const [name, value] of own ? Object.entries(own) : []) {
    if (value === null || value === undefined) headers.delete(name);
    else headers.set(name, value);
  }
  return [url, headers];
};

function withQuery(address, name, value) {
  const url = new URL(address);
  url.searchParams.set(name, value);
  return url.href;
}
