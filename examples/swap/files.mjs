// Changes of files that survive a kill at any moment. Nothing is written in place: package managers share one file
// between installations, and a running host must see the old text or the new one.
import { constants, copyFileSync, linkSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';

/** Keeps the original beside it: the same file under a second name where the file system can, else a copy. */
export function keepOriginal(file, backup) {
  rmSync(backup, { force: true });
  try {
    linkSync(file, backup);
  } catch {
    copyFileSync(file, backup, constants.COPYFILE_EXCL);
    const { atime, mtime } = statSync(file);
    utimesSync(backup, atime, mtime);
  }
}

/** The new text under the old name and mode, in one step. */
export function replaceFile(file, text) {
  const fresh = `${file}.auth-failover-new`;
  try {
    writeFileSync(fresh, text, { mode: statSync(file).mode, flush: true });
    renameSync(fresh, file);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}
