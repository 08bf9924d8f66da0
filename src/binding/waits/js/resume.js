// The promises of waits. A reaction of a promise runs in the asynchronous context that it was added in.
(function linkResume(take, goOn) {
  'use strict';
  const wakers = new Map();
  const wake = (key) => wakers.get(key)?.();

  return {
    // `work` may end the wait: it has `isSettled`, and calls its `wake` when that comes true.
    wait(key, work) {
      const waking = new Promise((resolve) => {
        wakers.set(key, resolve);
        if (work?.isSettled) resolve();
        else if (work) work.wake = resolve;
      });
      return waking.then(() => {
        wakers.delete(key);
        return goOn(key);
      });
    },
    ring: () => take().forEach(wake),
  };
});
