// The current gateway's accounts in our commands: its databases are read, the plugin's books beside them, and no database is
// ever written.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HOUR } from '../support/agent-dir.mjs';
import { run } from '../support/command.mjs';
import { Gateway, keys } from '../support/gateway.mjs';
import { sqliteNode, withoutSqlite } from '../support/sqlite-node.mjs';

const skip = withoutSqlite;
const states = ({ profiles }) => Object.fromEntries(profiles.map(({ profileId, state }) => [profileId, state]));
const cooling = (ms = HOUR) => ({ cooldownUntil: Date.now() + ms, cooldownReason: 'rate_limit', errorCount: 1 });

test('accounts are found where the gateway has them, in both kinds of installation', { skip }, (t) => {
  for (const shared of ['state-db', 'legacy-main']) {
    const gateway = new Gateway(t, { shared, profiles: keys('a', 'b'), usageStats: { a: cooling() } });
    const described = gateway.json('status');
    assert.deepEqual(states(described), { b: 'ready', a: 'cooling' }, shared);
    assert.equal(described.gateway.sharedStore, shared === 'state-db' ? 'state-db' : 'main-agent');
    assert.match(
      gateway.run('status').stdout,
      /^openclaw 2026\.9\.6, shared accounts in .*\nplugin auth-failover: not installed\n/,
    );
  }
});

test("whom the plugin serves is shown by the plugin's books, with the gateway's beside them", { skip }, (t) => {
  const gateway = new Gateway(t, { profiles: keys('a', 'b', 'c'), usageStats: { a: cooling(20_000), c: cooling() } });
  gateway.plugin();
  gateway.ours(['a', 'b'], { b: cooling() });
  const { profiles } = gateway.json('status');
  const of = (id) => profiles.find(({ profileId }) => profileId === id);
  assert.deepEqual([of('a').state, of('a').books, of('a').gateway.state], ['ready', 'plugin', 'cooling']);
  assert.deepEqual([of('b').state, of('b').gateway.state], ['cooling', 'ready']);
  assert.deepEqual([of('c').state, of('c').books, of('c').gateway], ['cooling', 'gateway', null]);
  const { stdout } = gateway.run('status');
  assert.match(stdout, /GATEWAY/);
  assert.match(stdout, /plugin auth-failover 0\.1\.0: enabled, serves mock/);
  assert.match(stdout, /▸ a +ready .*cooling \d+ s/);
});

test('why tells both books', { skip }, (t) => {
  const gateway = new Gateway(t, { profiles: keys('a', 'b'), usageStats: { a: cooling(), b: cooling() } });
  gateway.ours(['a']);
  assert.match(gateway.run('why', 'a').stdout, /its own books say cooling, rate limit/);
  assert.match(gateway.run('why', 'b').stdout, /the plugin does not serve it/);
  // What is advised can be done: only the gateway ends what is in its own books.
  assert.doesNotMatch(gateway.run('why', 'b').stdout, /auth-failover clear/);
  assert.match(gateway.run('why', 'b').stdout, /no command to clear it/);
});

test("a pause goes into the plugin's store, and the gateway's accounts are not ours to pause", { skip }, (t) => {
  const gateway = new Gateway(t, { profiles: keys('a', 'b') });
  gateway.ours(['a']);
  assert.equal(gateway.run('pause', 'a').stdout, 'paused  a\n');
  assert.equal(states(gateway.json('status')).a, 'paused');
  assert.match(gateway.run('why', 'a').stdout, /It is paused: somebody has said so/);
  assert.equal(gateway.run('resume', 'a').stdout, 'resumed  a\n');
  assert.equal(states(gateway.json('status')).a, 'ready');
  const refused = gateway.run('pause', 'b');
  assert.equal(refused.status, 3);
  assert.match(refused.stderr, /openclaw setup --providers mock.*openclaw models auth order set --provider mock a/s);
});

test("clear frees an account in the plugin's books and says what the gateway's still hold", { skip }, (t) => {
  const gateway = new Gateway(t, { profiles: keys('a', 'b'), usageStats: { a: cooling(), b: cooling() } });
  gateway.ours(['a', 'b'], { a: cooling() });
  const { stdout } = gateway.run('clear', 'a');
  assert.match(stdout, /^cleared {2}a\n/);
  assert.match(stdout, /the gateway's own books rest a for .*no command/s);
  assert.equal(states(gateway.json('status')).a, 'ready');
  assert.deepEqual(gateway.json('clear', '--all').gateway, ['a', 'b']);
});

test('clear without a plugin says that there is nothing of ours', { skip }, (t) => {
  const gateway = new Gateway(t, { profiles: keys('a'), usageStats: { a: cooling() } });
  const { stdout, status } = gateway.run('clear', 'a');
  assert.equal(status, 0);
  assert.match(stdout, /^nothing to clear in a\n.*own books rest a/s);
});

test('watch tells what the gateway books and what the plugin books, as it happens', { skip }, async (t) => {
  const gateway = new Gateway(t, { profiles: keys('a', 'b') });
  gateway.ours(['a']);
  const { json } = gateway.watch('--json');
  assert.deepEqual([(await json()).profileId, (await json()).profileId], ['a', 'b']);
  gateway.accounts(keys('a', 'b'), { b: cooling() });
  const booked = await json();
  assert.deepEqual([booked.profileId, booked.event, booked.state], ['b', 'state', 'cooling']);
  gateway.accounts(keys('a', 'b'), { a: cooling(), b: cooling() });
  const beside = await json();
  assert.deepEqual([beside.profileId, beside.event, beside.gateway.state], ['a', 'gateway', 'cooling']);
});

test('looking changes no byte of a database and leaves nothing behind', { skip }, (t) => {
  const gateway = new Gateway(t, { shared: 'legacy-main', profiles: keys('a', 'b') });
  const hash = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');
  const files = [gateway.stateDatabase, gateway.agentDatabase];
  const before = files.map(hash);
  for (const command of ['status', 'doctor']) gateway.run(command);
  assert.deepEqual(files.map(hash), before);
  const own = (name) => name !== 'openclaw-agent.sqlite-wal' && name !== 'openclaw-agent.sqlite-shm';
  assert.deepEqual(readdirSync(gateway.agentDir).filter(own), ['openclaw-agent.sqlite']);
});

test('an unknown schema is refused by its name', { skip }, (t) => {
  const gateway = new Gateway(t, { stateVersion: 19 });
  const { status, stderr } = gateway.run('status');
  assert.equal(status, 3);
  assert.match(
    stderr,
    /openclaw\.sqlite has schema 19, and only 1 \(openclaw 2026\.7\.1\) and 18 \(openclaw 2026\.9\.6\) are known/,
  );
  const { findings } = gateway.json('doctor');
  assert.deepEqual(
    findings.map(({ code }) => code),
    ['unknown-schema'],
  );
});

test('what is no database is named, and not moved', { skip }, (t) => {
  const gateway = new Gateway(t, { profiles: keys('a') });
  writeFileSync(gateway.agentDatabase, 'no database at all, and much too long for an empty one'.repeat(100), {
    mode: 0o600,
  });
  const { stdout } = gateway.run('doctor');
  assert.match(stdout, /unreadable-database/);
  assert.match(stdout, /leave the file where it is/);
});

test('no secret of a database is in any output', { skip }, (t) => {
  const gateway = new Gateway(t, { profiles: keys('a', 'b'), usageStats: { a: cooling() } });
  gateway.ours(['a']);
  for (const args of [
    ['status'],
    ['status', '--json'],
    ['why', 'a'],
    ['doctor'],
    ['doctor', '--json'],
    ['clear', '--all'],
  ]) {
    const { stdout, stderr } = gateway.run(...args);
    assert.ok(!`${stdout}${stderr}`.includes('sk-secret'), args.join(' '));
  }
});

test('a Node without node:sqlite is told what it lacks', (t) => {
  if (!sqliteNode) return t.skip(withoutSqlite);
  const gateway = new Gateway(t, { profiles: keys('a') });
  const node = sqliteNode === process.execPath ? [sqliteNode, '--no-experimental-sqlite'] : [process.execPath];
  const { status, stderr } = run(['status', '--agent-dir', gateway.agentDir], {}, '', node);
  assert.equal(status, 3);
  assert.match(stderr, /which Node reads since 22\.13, and this is Node \d/);
  const { stdout } = run(['doctor', '--json', '--agent-dir', gateway.agentDir], {}, '', node);
  assert.deepEqual(
    JSON.parse(stdout).findings.map(({ code }) => code),
    ['no-sqlite'],
  );
});

test('an account that shares its state with nobody else is shown where only the state database is', { skip }, (t) => {
  const gateway = new Gateway(t, { profiles: keys('a') });
  const env = { OPENCLAW_AGENT_DIR: undefined, OPENCLAW_STATE_DIR: gateway.state };
  const { stdout } = run(['status', '--json'], env, '', [sqliteNode]);
  assert.deepEqual(states(JSON.parse(stdout)), { a: 'ready' });
  const elsewhere = run(['status', '--agent-dir', join(gateway.state, 'mistyped')], env, '', [sqliteNode]);
  assert.match(elsewhere.stderr, /mistyped.auth-profiles\.json does not exist/);
});
