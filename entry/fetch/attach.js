'use strict';
// What a handle offers besides its loop: `fetch`, `stream`, `withSession`.

const core = require('../../index.js');
const { createStream } = require('../stream/stream.js');
const { createFetch } = require('./fetch.js');

/** The options that are fetch's own, and the rest, which is the loop's. */
exports.splitOptions = (options) => {
  core.checkFetchOptions(options);
  const { fetch, credential, maxReplayBytes, sessionKey, ...rest } = options;
  return { own: { fetch, credential, maxReplayBytes, sessionKey }, rest };
};

/** `run(params)` is the handle's loop. */
exports.attached = (run, { own, rest }) => {
  const settings = {
    ...own,
    baseURL: rest.baseUrl ?? undefined,
    idleTimeoutMs: rest.idleTimeoutMs ?? null,
    onEvent: rest.onEvent ?? undefined,
  };
  const offer = (more) => ({
    fetch: createFetch(run, { ...settings, ...more }),
    stream: createStream(run, { ...settings, ...more }),
  });
  return {
    ...offer({}),
    withSession(sessionKey) {
      core.checkFetchOptions({ sessionKey });
      return offer({ sessionKey });
    },
  };
};
