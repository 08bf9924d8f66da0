// Waiting for the background flush of the relaxed mode.
import { existsSync, watch } from 'node:fs';
import { dirname } from 'node:path';

export const recoveryCopy = (file) => `${file}.native-safe`;

/** Resolves when the store has no recovery copy any more. */
export async function flushed(file) {
  const watcher = watch(dirname(file));
  try {
    while (existsSync(recoveryCopy(file))) {
      await new Promise((resolve) => watcher.once('change', resolve));
    }
  } finally {
    watcher.close();
  }
}
