'use strict';

/**
 * The promise, or a `TimeoutError` if it takes longer than `ms`; `null`: it may. The limit counts while somebody waits for
 * the server, and not while the caller takes his time, so it is set anew for each wait.
 */
exports.within = (promise, ms, onTimeout) => {
  if (ms === null) return promise;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const error = new DOMException(`the server sent nothing for ${ms} ms (idleTimeoutMs)`, 'TimeoutError');
      reject(error);
      onTimeout(error);
    }, ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
};
