// The package's own command puts the plugin into a gateway and takes it out again.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { configure, ours } from './plugin.mjs';

const read = ({ configFile }) => JSON.parse(readFileSync(configFile, 'utf8'));

/**
 * Sets it up for all providers; that it serves them is seen by what follows, unless it fails. `extra` is configured beside them.
 */
export async function checkSetup(project, state, providers, extra) {
  const ids = providers.filter(({ isLeftAlone }) => !isLeftAlone).map(({ id }) => id);
  // Older gateways grant nothing and do not know the option.
  const grant = state.gateway.version >= '2026.9' ? ['--accept-capabilities'] : [];
  const args = ['setup', '--providers', ids.join(','), ...grant];
  const { status, stdout, stderr } = await ours(project, state, args);
  const name = 'setup from the packed package';
  if (status !== 0) {
    const [said] = `${stdout}${stderr}`
      .trim()
      .split('\n')
      .filter((line) => /^(auth-failover:|--|OpenClaw)/.test(line));
    return { name, seen: '', faults: [`setup ended with ${status}: ${said}`] };
  }
  const faults = [];
  const entry = read(state).plugins?.entries?.['auth-failover'];
  if (!entry?.enabled) faults.push('setup left the plugin disabled');
  if (!/undo/.test(stdout)) faults.push('setup does not say how to undo');
  configure(state, extra);
  return { name, seen: 'installed and enabled, says how to undo', faults };
}

/** Takes it out. The gateway's own `plugins uninstall` leaves an entry that says "disabled", and nothing else. */
export async function checkUndo(project, state) {
  const { status, stdout, stderr } = await ours(project, state, ['undo']);
  const faults = status === 0 ? [] : [`undo ended with ${status}: ${`${stdout}${stderr}`.trim().slice(-300)}`];
  const { entries, load } = read(state).plugins;
  if (entries['auth-failover']?.enabled) faults.push('undo left the plugin enabled');
  if (load?.paths?.some((path) => path.includes('auth-failover-plugin'))) faults.push('undo left its path');
  if (existsSync(join(state.folder, 'auth-failover-plugin'))) faults.push('undo left its folder');
  return { name: 'undo', seen: 'disabled; its path and folder are gone', faults };
}
