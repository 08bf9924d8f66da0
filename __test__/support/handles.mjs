// What tests of createFailover share: a directory of our own for state, and a run whose accounts behave as told.
import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createFailover } from '../../entry/main.js';
import { remove } from './agent-dir.mjs';

/** A fresh `AUTH_FAILOVER_DIR`. */
export function ownDirectory(t) {
  const before = process.env.AUTH_FAILOVER_DIR;
  const path = mkdtempSync(join(tmpdir(), 'auth-failover-own-'));
  process.env.AUTH_FAILOVER_DIR = path;
  t.after(() => {
    if (before === undefined) delete process.env.AUTH_FAILOVER_DIR;
    else process.env.AUTH_FAILOVER_DIR = before;
    remove(path);
  });
  return path;
}

/** Accounts of the provider `acme`. */
export const open = (profiles, options = {}) => createFailover({ provider: 'acme', profiles, ...options });

/** Runs once: the function behaves by key. Tells the keys that were asked. */
export async function ask(accounts, behaviour, params = {}) {
  const asked = [];
  const run = async ({ apiKey }) => {
    asked.push(apiKey);
    const outcome = behaviour[apiKey] ?? 'ok';
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  const given = accounts.run({ run, ...params });
  const error = await given.then(
    () => null,
    (thrown) => thrown,
  );
  return { asked, error, answer: error ? null : await given };
}

/** Every file below a directory, as text. */
export function filesBelow(directory) {
  return readdirSync(directory, { recursive: true })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ path, text: readFileSync(path, 'latin1') }));
}

/** The error that a function throws. */
export function thrownBy(work) {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('it did not throw');
}
