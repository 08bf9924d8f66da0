// examples/start/oauth.mjs, as its reader runs it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { idOf, logins } from '../support/logins.mjs';

test('a login that has ended is refreshed, saved and used', async (t) => {
  const { server, dir, stored } = await logins(t, { a: { expires: Date.now() - 1_000 } });
  const example = fileURLToPath(new URL('../../examples/start/oauth.mjs', import.meta.url));
  const env = { ...process.env, TOKEN_URL: server.tokenUrl, CLIENT_ID: 'mine', API_URL: server.apiUrl };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [example, dir.path], { env });
  assert.deepEqual(JSON.parse(stdout), { family: 'a' });
  assert.match(stderr, new RegExp(`^${idOf('a')} is good until 20`));
  assert.ok(server.isCurrent(stored('a').refresh));
});
