// Started with --import: the original provider's pauses (1, 2 and 4 seconds, no setting) last a moment. Longer timers are
// left alone; they bound something.
const { setTimeout } = globalThis;
globalThis.setTimeout = (callback, delay, ...rest) =>
  setTimeout(callback, delay >= 1000 && delay <= 4000 ? 1 : delay, ...rest);
