// A state directory of the current gateway (openclaw 2026.9.6): its databases with their real schema, as far as accounts
// go, made and changed by a real SQLite in a process of its own, as the gateway's is.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AgentDir } from './agent-dir.mjs';
import { run, watch } from './command.mjs';
import { sqliteNode } from './sqlite-node.mjs';

const WRITER = fileURLToPath(new URL('gateway-writer.mjs', import.meta.url));

export const apiKey = (id, provider = 'mock') => ({ type: 'api_key', provider, key: `sk-secret-${id}` });

/** Accounts `ids` of one provider. */
export const keys = (...ids) => Object.fromEntries(ids.map((id) => [id, apiKey(id)]));

export class Gateway {
  /** `shared: 'state-db'` is a fresh installation, `'legacy-main'` an updated one. */
  constructor(
    test,
    { profiles = {}, usageStats = {}, shared = 'state-db', stateVersion = 18, agentVersion = 23 } = {},
  ) {
    this.test = test;
    this.state = new AgentDir(test).path;
    this.agentDir = join(this.state, 'agents', 'main', 'agent');
    this.stateDatabase = join(this.state, 'state', 'openclaw.sqlite');
    this.agentDatabase = join(this.agentDir, 'openclaw-agent.sqlite');
    this.versions = { state: stateVersion, agent: agentVersion };
    mkdirSync(join(this.state, 'state'), { mode: 0o700 });
    mkdirSync(this.agentDir, { recursive: true, mode: 0o700 });
    this.isShared = shared === 'state-db';
    this.write({ 'auth.sharedStore': this.isShared ? { location: 'state-db' } : null });
    this.accounts(profiles, usageStats);
  }

  /** Rows of the state database's settings; `null` removes one. */
  write(machine) {
    this.#change({ path: this.stateDatabase, kind: 'state', version: this.versions.state, rows: machine });
  }

  /** Who there is and what the gateway has booked. */
  accounts(profiles, usageStats = {}) {
    const [store, state] = [
      { version: 1, profiles },
      Object.keys(usageStats).length ? { version: 1, usageStats } : null,
    ];
    if (this.isShared) return this.write({ 'authProfiles.store': store, 'authProfiles.state': state });
    const rows = { store, state };
    this.#change({ path: this.agentDatabase, kind: 'agent', version: this.versions.agent, rows });
  }

  /** The gateway's record of our plugin, and its configuration. */
  plugin({ version = '0.1.0', enabled = true, providers = ['mock'] } = {}) {
    const index = { installRecords: { 'auth-failover': { source: 'npm', version } } };
    this.write({ 'plugins.installedIndex': { revision: 1, index } });
    this.configure({ plugins: { entries: { 'auth-failover': { enabled, config: { providers } } } } });
  }

  configure(config) {
    writeFileSync(join(this.state, 'openclaw.json'), `// hand-written\n${JSON.stringify(config)}`);
  }

  /** What the plugin has booked of these accounts, in its own store. */
  ours(ids, usageStats = {}) {
    const mirrored = (id) => ({ type: 'api_key', provider: 'mock', keyRef: { source: 'openclaw', id } });
    const profiles = Object.fromEntries(ids.map((id) => [id, mirrored(id)]));
    const dir = join(this.agentDir, 'auth-failover');
    mkdirSync(dir, { recursive: true });
    writeFileSync(this.ourStore, JSON.stringify({ version: 1, profiles, usageStats }), { mode: 0o600 });
  }

  get ourStore() {
    return join(this.agentDir, 'auth-failover', 'auth-profiles.json');
  }

  /** Runs our command for this agent with a Node that reads SQLite. */
  run(...args) {
    return run([...args, '--agent-dir', this.agentDir], {}, '', [sqliteNode]);
  }

  json(...args) {
    const { stdout, stderr, status } = this.run(...args, '--json');
    if (stdout === '') throw new Error(`ended with ${status}: ${stderr}`);
    return JSON.parse(stdout);
  }

  watch(...args) {
    return watch(this.test, [...args, '--agent-dir', this.agentDir], {}, sqliteNode);
  }

  #change(change) {
    const { status, stderr } = spawnSync(sqliteNode, [WRITER], { input: JSON.stringify(change), encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    for (const file of [change.path, `${change.path}-wal`]) if (existsSync(file)) chmodSync(file, 0o600);
  }
}
