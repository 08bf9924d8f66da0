// What becomes of a login's refreshes is told to people: `why` and `doctor`, never a token.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { runWithAuthProfiles, settled } from '../../index.js';
import { start } from '../support/child.mjs';
import { run as runCommand } from '../support/command.mjs';
import { idOf, logins } from '../support/logins.mjs';

const past = () => Date.now() - 1_000;

/** What the commands say of login `a`. */
function told({ dir, stored }) {
  const at = ['--agent-dir', dir.path];
  const why = runCommand(['why', idOf('a'), ...at]).stdout.replace(/\s+/g, ' ');
  const json = JSON.parse(runCommand(['why', idOf('a'), '--json', ...at]).stdout);
  const doctor = JSON.parse(runCommand(['doctor', '--json', ...at]).stdout);
  const codes = doctor.findings.map(({ code }) => code);
  const shown = JSON.stringify([why, json, doctor]);
  for (const secret of [stored('a').access, stored('a').refresh]) assert.ok(!shown.includes(secret));
  return { why, json, codes };
}

test('when it was refreshed, by whom, and when it ends', async (t) => {
  const setting = await logins(t, { a: { expires: past() } });
  await runWithAuthProfiles(setting.params);
  await settled();
  const { why, json, codes } = told(setting);
  assert.match(why, new RegExp(`Login refreshed .* by process ${process.pid}; its access token ends in (59 min|1 h) `));
  const { state, pid, expires } = json.login;
  assert.deepEqual([state, pid, expires], ['refreshed', process.pid, setting.stored('a').expires]);
  assert.ok(!codes.includes('refresh-unknown') && !codes.includes('login-over'));
});

test('a login that nobody has refreshed says nothing', async (t) => {
  assert.equal(told(await logins(t, { a: {} })).json.login, null);
});

test('a token whose fate is unknown is named by both', async (t) => {
  let release;
  const isReleased = new Promise((resolve) => (release = resolve));
  const setting = await logins(t, { a: { expires: past() } }, { answer: () => isReleased });
  const { server, params } = setting;
  const { tokenUrl, apiUrl } = server;
  const victim = start(t, 'login-asker.mjs', { agentDir: params.agentDir, tokenUrl, apiUrl });
  await victim.next();
  victim.send({ requests: 1 });
  while (server.refreshes.length === 0) await new Promise(setImmediate);
  assert.equal(told(setting).json.login.state, 'refreshing');
  victim.kill();
  await victim.exited;
  const { why, json, codes } = told(setting);
  assert.match(why, new RegExp(`may be spent: process ${victim.pid} was refreshing it`));
  assert.equal(json.login.state, 'unknown');
  assert.ok(codes.includes('refresh-unknown'));
  release('answered');
});

test('a login that is over is a problem until there is a new one', async (t) => {
  const setting = await logins(t, { a: { expires: past() } });
  const { params, stored } = setting;
  await params.refresh(stored('a'));
  await assert.rejects(runWithAuthProfiles(params));
  await settled();
  const { why, json, codes } = told(setting);
  assert.match(why, /only a new login helps/);
  assert.equal(json.login.state, 'refused');
  assert.ok(codes.includes('login-over'));
});
