// fromEnv: keys from environment variables. Its rules are tested in Rust; here it is the real environment and real files.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { createFailover, fromEnv } from '../../entry/main.js';
import { ownDirectory, thrownBy } from '../support/handles.mjs';

function environment(t, variables) {
  Object.assign(process.env, variables);
  t.after(() => {
    for (const name of Object.keys(variables)) delete process.env[name];
  });
}

test('keys come from the variable, its numbers and its files, in order, each once', (t) => {
  const path = join(ownDirectory(t), 'keys');
  writeFileSync(path, 'k5\nk1\n');
  environment(t, { T_KEY: 'k1, k2', T_KEY_2: 'k4', T_KEY_1: 'k3', T_KEY_FILE: path, T_KEY_OLD: 'no' });
  assert.deepEqual(fromEnv('T_KEY'), ['k1', 'k2', 'k5', 'k3', 'k4']);
  assert.deepEqual(fromEnv('T_KEY_*').includes('no'), true);
});

test('they are profiles', async (t) => {
  ownDirectory(t);
  environment(t, { T_KEY: 'k1' });
  const accounts = createFailover({ provider: 'acme', profiles: fromEnv('T_KEY') });
  assert.equal((await accounts.run(({ apiKey }) => apiKey)).result, 'k1');
});

test('none is an error that names what was looked for', () => {
  const error = thrownBy(() => fromEnv('T_NONE'));
  assert.deepEqual([error.code, error.field], ['ERR_INVALID_ARGUMENT', 'name']);
  assert.match(error.message, /T_NONE, T_NONE_FILE, T_NONE_1/);
});

test('a variable that is set to nothing is refused', (t) => {
  environment(t, { T_KEY: '', T_KEY_1: 'k1' });
  assert.match(thrownBy(() => fromEnv('T_KEY')).message, /T_KEY set to nothing/);
});
