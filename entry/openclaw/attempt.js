'use strict';
// One attempt: the transport's stream for one account, read inside the loop. Its events wait until there is one that
// matters; then they go out as they come, and nobody else is asked.

const { withCredential } = require('./credential.js');
const { thrownOf } = require('./evidence.js');

/** Events of which nothing has reached a reader yet. */
const EMPTY = new Set(['start', 'text_start', 'thinking_start']);

/**
 * `seen.last`: the last message of a transport that ended in an error. `seen.answers`: is told who answers, before anything
 * goes out.
 */
async function ask({ inner, model, context, options, host }, attempt, out, seen) {
  const { signal, progress, deliver } = attempt;
  const stop = host.onActivity?.(signal, () => {
    progress();
    if (options.signal) host.notifyActivity?.(options.signal);
  });
  let held = [];
  try {
    const headers = withCredential(options.headers, model.api, attempt.apiKey);
    const stream = await inner(model, context, { ...options, signal, headers });
    for await (const event of stream) {
      if (event.type === 'error') {
        seen.last = event.error;
        throw Object.assign(thrownOf(event.error), { eventsDelivered: held ? 0 : 1 });
      }
      if (held && EMPTY.has(event.type)) {
        held.push(event);
        continue;
      }
      // What is on its way when the attempt's time is over belongs to nobody.
      signal.throwIfAborted();
      deliver();
      if (held) seen.answers(attempt.profileId);
      for (const early of held ?? []) out.push(early);
      held = null;
      out.push(event);
      if (event.type === 'done') return event.message;
    }
    const cut = new Error('the stream ended without a last event');
    throw Object.assign(cut, { code: 'ECONNRESET', eventsDelivered: held ? 0 : 1 });
  } finally {
    stop?.();
  }
}

module.exports = { ask };
