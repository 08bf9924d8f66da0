'use strict';

/** In milliseconds: in a pause, the event loop goes through its events once more; after a long absence there are many. */
const SHORTEST_PAUSE = 5;
const LONGEST_PAUSE = 250;

/**
 * The promise, or a `TimeoutError` if it takes longer than `ms`; `null`: it may. The limit counts while somebody waits for
 * the server, and not while the caller takes his time, so it is set anew for each wait.
 *
 * Trap: timers come before sockets. A process that was busy hears of the limit first, and of what the server sent meanwhile
 * a moment later.
 */
exports.within = (promise, ms, onTimeout) => {
  if (ms === null) return promise;
  return new Promise((resolve, reject) => {
    const end = performance.now() + ms;
    const giveUp = () => {
      const error = new DOMException(`the server sent nothing for ${ms} ms (idleTimeoutMs)`, 'TimeoutError');
      reject(error);
      onTimeout(error);
    };
    const lookAgain = () => {
      const late = performance.now() - end;
      timer = setTimeout(giveUp, Math.min(Math.max(late, SHORTEST_PAUSE), LONGEST_PAUSE));
    };
    let timer = setTimeout(lookAgain, ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
};
