// A temporary agent directory with a store, removed when the test ends.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const T0 = 1_770_000_000_000;
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export const oauth = (provider = 'google-gemini-cli', extra = {}) => ({
  type: 'oauth',
  provider,
  access: 'access-secret',
  refresh: 'refresh-secret',
  expires: T0 + HOUR,
  ...extra,
});

/** A store as a host writes it. */
export const hostText = (store) => `${JSON.stringify(store, null, 2)}\n`;

export const storeOf = (profiles, rest = {}) => ({ version: 1, profiles, ...rest });

/**
 * Removes a directory into which a thread may still write: a run that has ended gives its reservation back in the
 * background. What appears while Node removes is not seen by its own retries.
 */
export function remove(directory) {
  for (;;) {
    try {
      // Windows does not remove what is open for a moment.
      rmSync(directory, { recursive: true, force: true, maxRetries: process.platform === 'win32' ? 10 : 0 });
      return;
    } catch (error) {
      if (error.code !== 'ENOTEMPTY') throw error;
    }
  }
}

export class AgentDir {
  constructor(test, content) {
    this.path = mkdtempSync(join(tmpdir(), 'auth-failover-test-'));
    this.file = join(this.path, 'auth-profiles.json');
    /** What a test must undo before the directory can be removed. */
    this.undo = [];
    test.after(() => {
      for (const undo of this.undo) undo();
      chmodSync(this.path, 0o755);
      remove(this.path);
    });
    if (content !== undefined) this.write(content);
  }

  /** Writes text as it is and objects as a host would. */
  write(content) {
    mkdirSync(this.path, { recursive: true });
    writeFileSync(this.file, typeof content === 'string' ? content : hostText(content), { mode: 0o600 });
  }

  text() {
    return readFileSync(this.file, 'utf8');
  }

  json() {
    return JSON.parse(this.text());
  }

  stats(profileId) {
    return this.json().usageStats?.[profileId];
  }
}

/** Sets the clock that marks read. */
export function freeze(test, now = T0) {
  const clock = { now };
  test.mock.method(Date, 'now', () => clock.now);
  return clock;
}
