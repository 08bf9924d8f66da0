// One listener a signal, however many runs share it: Node warns of more than ten, and a server has one for its end.
(function linkSignals() {
  'use strict';
  const known = new WeakMap();

  function hear(signal) {
    const heard = new Set();
    const onAbort = () => {
      for (const tell of [...heard]) tell();
    };
    const entry = { heard, onAbort };
    known.set(signal, entry);
    return entry;
  }

  return {
    listen(signal, tell) {
      const { heard, onAbort } = known.get(signal) ?? hear(signal);
      if (heard.size === 0) signal.addEventListener('abort', onAbort);
      heard.add(tell);
    },
    forget(signal, tell) {
      const entry = known.get(signal);
      if (entry?.heard.delete(tell) && entry.heard.size === 0) signal.removeEventListener('abort', entry.onAbort);
    },
  };
});
