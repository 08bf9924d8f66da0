// What of a renewal must be JavaScript: the call itself. What it means is decided in Rust.
(function linkRefresh() {
  'use strict';

  // JavaScript itself makes a promise of whatever happens: a value, a thenable or a throw of anything.
  function begin(refresh, credential, profileId, reason) {
    const controller = new AbortController();
    const about = { signal: controller.signal, profileId, reason };
    const promise = Promise.resolve().then(() => refresh(JSON.parse(credential), about));
    return { controller, promise };
  }

  return { begin };
});
