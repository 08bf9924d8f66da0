// Waiting for what others do: for what another thread or process writes, and for what nothing tells.
import { once } from 'node:events';
import { watch } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

/** A wait that takes so long is in vain: the test fails instead of hanging. */
export const VAIN_WAIT_MS = 60_000;

/** Resolves when `fits` answers true; it is asked now and at each change in the directory. */
export async function changed(directory, fits) {
  const signal = AbortSignal.timeout(VAIN_WAIT_MS);
  const watcher = watch(directory);
  try {
    while (!fits()) await once(watcher, 'change', { signal });
  } finally {
    watcher.close();
  }
}

/** Resolves when `fits` answers true; it is asked at each turn of the event loop, for nothing announces it. */
export async function eventually(fits) {
  const signal = AbortSignal.timeout(VAIN_WAIT_MS);
  while (!fits()) await setImmediate(undefined, { signal });
}
