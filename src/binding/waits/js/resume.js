// The promises of waits. A reaction of a promise runs in the asynchronous context that it was added in.
(function linkResume(take, goOn) {
  'use strict';
  const wakers = new Map();

  return {
    wait: (key) => new Promise((resolve) => wakers.set(key, resolve)).then(() => goOn(key)),
    ring() {
      for (const key of take()) {
        wakers.get(key)?.();
        wakers.delete(key);
      }
    },
  };
});
