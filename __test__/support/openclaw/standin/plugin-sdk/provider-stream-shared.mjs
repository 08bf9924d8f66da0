const listeners = new WeakMap();

export function onLlmRequestActivity(signal, listener) {
  const of = listeners.get(signal) ?? new Set();
  listeners.set(signal, of.add(listener));
  return () => of.delete(listener);
}

export function notifyLlmRequestActivity(signal) {
  for (const listener of listeners.get(signal) ?? []) listener();
}
