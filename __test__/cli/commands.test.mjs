// What each command answers, asked as an operator asks it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeAuthProfiles } from '../../index.js';
import { AgentDir, HOUR, MINUTE, oauth, storeOf } from '../support/agent-dir.mjs';
import { run } from '../support/command.mjs';

const P = 'google-gemini-cli';

function agent(t) {
  const now = Date.now();
  const usageStats = {
    ready: { lastUsed: now - HOUR, errorCount: 0 },
    cooling: {
      lastUsed: now - 3 * HOUR,
      errorCount: 2,
      cooldownUntil: now + 40 * MINUTE,
      cooldownReason: 'rate_limit',
      lastFailureAt: now - 20 * MINUTE,
      failureCounts: { rate_limit: 2 },
      failover: { source: 'retry-info' },
    },
    other: { disabledUntil: now + 5 * HOUR, disabledReason: 'billing' },
  };
  const profiles = { ready: oauth(P), cooling: oauth(P, { note: 1e21 }), other: oauth('zai') };
  const dir = new AgentDir(t, storeOf(profiles, { usageStats }));
  return { dir, at: ['--agent-dir', dir.path] };
}

test('status is a table of all profiles', (t) => {
  const { at } = agent(t);
  const { status, stdout, stderr } = run(['status', ...at]);
  assert.equal(stderr, '');
  assert.equal(status, 0);
  assert.match(stdout, /^google-gemini-cli {2}1 of 2 ready\n/);
  assert.match(stdout, /▸ ready +ready +1 h ago +0\n/);
  assert.match(stdout, /cooling +cooling +█+\S* +40 min +rate limit \(retry-info\) +3 h ago +2\n/);
  assert.match(stdout, /\nzai {2}none of 1 ready, the first in 5 h\n/);
});

test('status --json is what describeAuthProfiles answers', async (t) => {
  const { dir, at } = agent(t);
  const before = Date.now();
  const { status, stdout } = run(['status', '--json', ...at]);
  assert.equal(status, 0);
  const answer = JSON.parse(stdout);
  // One is ready: free since the command looked.
  const now = answer.nextFreeAt;
  assert.ok(before <= now && now <= Date.now(), `${now}`);
  assert.deepEqual(answer, JSON.parse(JSON.stringify(await describeAuthProfiles({ agentDir: dir.path, now }))));
});

test('status shows only the asked provider', (t) => {
  const { at } = agent(t);
  const { stdout } = run(['status', '--provider', ' ZAI', '--json', ...at]);
  assert.deepEqual(
    JSON.parse(stdout).profiles.map((p) => p.profileId),
    ['other'],
  );
});

test('status judges by the asked model', (t) => {
  const until = Date.now() + HOUR;
  const usageStats = { a: { cooldownUntil: until, cooldownModel: 'm1' } };
  const dir = new AgentDir(t, storeOf({ a: oauth() }, { usageStats }));
  const state = (model) =>
    JSON.parse(run(['status', '--json', '--model', model, '--agent-dir', dir.path]).stdout).profiles[0].state;
  assert.deepEqual([state('m1'), state('m2')], ['cooling', 'ready']);
});

test('without --agent-dir the host variables say where the store is', (t) => {
  const { dir } = agent(t);
  const { status, stdout } = run(['status', '--json'], { OPENCLAW_AGENT_DIR: dir.path });
  assert.equal(status, 0);
  assert.equal(JSON.parse(stdout).profiles.length, 3);
});

test('why tells everything about one profile', (t) => {
  const { at } = agent(t);
  const { status, stdout } = run(['why', 'cooling', ...at]);
  assert.equal(status, 0);
  assert.match(stdout, /^cooling {2}cooling\nIt rests for another 40 min, until .* UTC, because of: rate limit\./);
  assert.match(stdout, /Meanwhile +ready is asked/);
  assert.match(stdout, /`auth-failover clear cooling`/);
  const json = JSON.parse(run(['why', 'cooling', '--json', ...at]).stdout);
  assert.equal(json.profileId, 'cooling');
  assert.match(json.explanation, /^It rests/);
});

test('an id that holds a terminal sequence is asked for by what was shown', (t) => {
  const dir = new AgentDir(t, storeOf({ 'a\x1b[2J\u009b1m': oauth() }));
  const at = ['--agent-dir', dir.path];
  const { stdout } = run(['status', ...at]);
  assert.match(stdout, /a\\u\{1b\}\[2J\\u\{9b\}1m/);
  assert.doesNotMatch(stdout, /[\x1b\u009b]/);
  assert.doesNotMatch(run(['status', '--json', ...at]).stdout, /[\x1b\u009b]/);
  assert.equal(run(['why', 'a\\u{1b}[2J\\u{9b}1m', ...at]).status, 0);
});

test('clear changes one entry and nothing else', (t) => {
  const { dir, at } = agent(t);
  const before = dir.json();
  const { status, stdout } = run(['clear', 'cooling', ...at]);
  assert.equal(status, 0);
  assert.equal(stdout, 'cleared  cooling\n');
  const { cooldownUntil, cooldownReason, failureCounts, failover, ...kept } = before.usageStats.cooling;
  before.usageStats.cooling = { ...kept, errorCount: 0 };
  assert.deepEqual(dir.json(), before);
  assert.match(dir.text(), /"note": 1e\+21/);
});

test('clear --all clears what there is, of the asked provider', (t) => {
  const { dir, at } = agent(t);
  const { stdout } = run(['clear', '--all', '--provider', P, '--json', ...at]);
  assert.deepEqual(JSON.parse(stdout), { cleared: ['cooling'], unchanged: ['ready'] });
  assert.equal(dir.stats('other').disabledReason, 'billing');
  assert.deepEqual(JSON.parse(run(['clear', '--all', '--json', ...at]).stdout).cleared, ['other']);
  assert.equal(dir.stats('other').disabledReason, undefined);
});

test('clear says when there is nothing to do, and writes nothing', (t) => {
  const { dir, at } = agent(t);
  const before = dir.text();
  const { status, stdout } = run(['clear', 'ready', ...at]);
  assert.deepEqual([status, stdout], [0, 'nothing to clear in ready\n']);
  assert.equal(dir.text(), before);
});

test('a profile may be named without its provider if only one is called so', (t) => {
  const dir = new AgentDir(t, storeOf({ 'p:a': oauth('p'), 'p:b': oauth('p'), 'q:b': oauth('q') }));
  const status = (id) => run(['why', id, '--agent-dir', dir.path]).status;
  assert.deepEqual([status('a'), status('p:b'), status('b')], [0, 0, 3]);
});
