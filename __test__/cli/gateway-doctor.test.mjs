// What the doctor finds with the current gateway, and the one line that it can write.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Gateway, keys } from '../support/gateway.mjs';
import { withoutSqlite } from '../support/sqlite-node.mjs';

const skip = withoutSqlite;
const codes = (gateway) => gateway.json('doctor').findings.map(({ code }) => code);
const settings = (gateway) => join(gateway.agentDir, 'settings.json');

test('two accounts of a provider and no setting are worth a warning, and it says both ways out', { skip }, (t) => {
  const gateway = new Gateway(t, { profiles: keys('a', 'b') });
  assert.deepEqual(codes(gateway), ['retries']);
  const { status, stdout } = gateway.run('doctor');
  assert.equal(status, 1);
  assert.match(stdout, /mock \(2 accounts\) is asked up to ten times/);
  assert.match(
    stdout.replaceAll(/\s+/g, ' '),
    /openclaw setup --providers mock; without it: auth-failover doctor --fix/,
  );
});

test('one account, a setting of their own, the plugin at work: nothing to say', { skip }, (t) => {
  assert.deepEqual(codes(new Gateway(t, { profiles: keys('a') })), []);
  const set = new Gateway(t, { profiles: keys('a', 'b') });
  writeFileSync(settings(set), '{"retry":{"provider":{"maxRetries":2}}}');
  assert.deepEqual(codes(set), []);
  const served = new Gateway(t, { profiles: keys('a', 'b') });
  served.plugin();
  assert.deepEqual(codes(served), []);
});

test('the fix writes that number alone, and the undo gives the very file back', { skip }, (t) => {
  const gateway = new Gateway(t, { profiles: keys('a', 'b') });
  const before = '{\n  "theme": "dark",\n  "retry": { "enabled": true }\n}\n';
  writeFileSync(settings(gateway), before);
  assert.match(gateway.run('doctor', '--fix').stdout, /retry\.provider\.maxRetries is 0/);
  assert.deepEqual(JSON.parse(readFileSync(settings(gateway), 'utf8')), {
    theme: 'dark',
    retry: { enabled: true, provider: { maxRetries: 0 } },
  });
  assert.deepEqual(codes(gateway), []);
  assert.match(gateway.run('doctor', '--undo-fix').stdout, /is not set any more/);
  assert.deepEqual(JSON.parse(readFileSync(settings(gateway), 'utf8')), JSON.parse(before));
  assert.deepEqual(codes(gateway), ['retries']);
});

test('a file that the fix has made is gone after the undo', { skip }, (t) => {
  const gateway = new Gateway(t, { profiles: keys('a', 'b') });
  assert.equal(gateway.json('doctor', '--fix').changed, true);
  assert.equal(gateway.json('doctor', '--fix').changed, false);
  assert.match(gateway.run('doctor', '--undo-fix').stdout, /^removed /);
  assert.equal(existsSync(settings(gateway)), false);
});

test('a plugin that is there and does nothing is named', { skip }, (t) => {
  const gateway = new Gateway(t, { profiles: keys('a') });
  gateway.plugin({ enabled: false });
  assert.deepEqual(codes(gateway), ['plugin-disabled']);
  gateway.plugin({ providers: [] });
  assert.deepEqual(codes(gateway), ['plugin-without-providers']);
});

test('the plugin is known with its version, state and providers', { skip }, (t) => {
  const gateway = new Gateway(t, { profiles: keys('a') });
  gateway.plugin({ version: '0.2.0' });
  const { plugin } = gateway.json('doctor').gateway;
  assert.deepEqual(plugin, { installed: true, version: '0.2.0', enabled: true, providers: ['mock'] });
});

test('the right database is named: where the accounts are', { skip }, (t) => {
  const fresh = new Gateway(t, { profiles: keys('a') });
  assert.equal(fresh.json('doctor').store, fresh.stateDatabase);
  const updated = new Gateway(t, { shared: 'legacy-main', profiles: keys('a') });
  assert.equal(updated.json('doctor').store, updated.agentDatabase);
});

test("files of an older gateway are left to the gateway's own doctor", { skip }, (t) => {
  const gateway = new Gateway(t, { shared: 'legacy-main', profiles: keys('a') });
  writeFileSync(join(gateway.agentDir, 'auth-profiles.json'), '{"version":1,"profiles":{}}', { mode: 0o600 });
  const { findings } = gateway.json('doctor');
  assert.deepEqual(
    findings.map(({ code, advice }) => [code, advice]),
    [['older-store', 'openclaw doctor --fix']],
  );
});

test('2026.7.1 asks each account once, so there is nothing to warn of', { skip }, (t) => {
  const july = { shared: 'legacy-main', stateVersion: 1, agentVersion: 1 };
  assert.deepEqual(codes(new Gateway(t, { ...july, profiles: keys('a', 'b') })), []);
});
