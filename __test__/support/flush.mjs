// Waiting for the background flush of the relaxed mode.
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { changed } from './changed.mjs';

export const recoveryCopy = (file) => `${file}.native-safe`;

/** Resolves when the store has no recovery copy any more. */
export const flushed = (file) =>
  changed(dirname(file), () => !existsSync(recoveryCopy(file)) && !existsSync(`${file}.lock`));
