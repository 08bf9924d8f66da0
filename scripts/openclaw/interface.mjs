// The plugin's tests run against a stand-in of the gateway (`__test__/support/openclaw`). Here the real one is asked, by a
// probe plugin, whether it still is what the stand-in says.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import * as standIn from '../../__test__/support/openclaw/interface.mjs';
import { root } from '../addon.mjs';
import { tellsWaits, turn } from './host.mjs';
import { eventually } from './measure.mjs';
import { startProvider } from './provider.mjs';

/** Gateways before 2026.8 ask again by themselves, below a plugin, after a wait of seconds; newer ones sleep through any. */
const isOlder = ({ gateway }) => !tellsWaits(gateway);
const waitSeconds = (state) => (isOlder(state) ? 120 : 1);
const refusal = { status: 429, message: 'Rate limit reached', type: 'rate_limit_error', code: 'rate_limit' };

/** Gives `{ providers, prepare, checks }`: `prepare(state)` before the gateway starts, a check is `(running, state)`. */
export async function interfaceProbe() {
  let asked = 0;
  let wait;
  const behave = () => {
    asked += 1;
    return asked === 1 ? { refuse: { ...refusal, headers: { 'retry-after': String(wait) } } } : { text: 'answered' };
  };
  // Not one of the plugin's: the probe is to see what the plugin would.
  const provider = { id: 'probe', api: 'openai-completions', isLeftAlone: true, ...(await startProvider(behave)) };
  const check = async (running, state) => {
    const result = await turn(running, { model: 'probe/m1', session: 'probe' });
    const isWhole = (seen) => seen?.requests.length >= 2 && seen.requests.at(-1).events.at(-1) === 'done';
    const seen = await eventually(() => read(state), isWhole);
    const faults = result.text === 'answered' ? [] : [`answered ${JSON.stringify(result.body)}`];
    faults.push(...(seen ? differences(seen, state) : ['the probe was not asked']));
    return { name: 'the stand-in of the tests is as the gateway', seen: `${asked} requests`, faults };
  };
  const prepare = (state) => {
    wait = waitSeconds(state);
    addProbe(state);
  };
  return { providers: [provider], prepare, checks: [{ id: provider.id, run: check }] };
}

function addProbe({ configFile }) {
  const config = JSON.parse(readFileSync(configFile, 'utf8'));
  config.plugins.load ??= {};
  config.plugins.load.paths = [...(config.plugins.load.paths ?? []), join(root, 'scripts', 'openclaw', 'probe')];
  config.plugins.entries['interface-probe'] = { enabled: true };
  writeFileSync(configFile, JSON.stringify(config, null, 2));
}

function read({ folder }) {
  try {
    return JSON.parse(readFileSync(join(folder, 'interface.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Where the gateway is not what the stand-in says, in words. */
export function differences({ modules, api, context, requests, sessionEvents }, state) {
  const lacks = (what, there, wanted) =>
    wanted.filter((name) => !there?.includes?.(name)).map((name) => `${what} has no ${name}`);
  const faults = Object.entries(standIn.modules).flatMap(([name, { needed, optional }]) =>
    lacks(name, modules[name], [...needed, ...optional]),
  );
  faults.push(...lacks('the api', api, standIn.apiFields));
  faults.push(...lacks('the context of wrapStreamFn', context, standIn.wrapContextFields));
  const [refused] = requests;
  const answered = requests.at(-1);
  faults.push(...lacks('a request', refused.options, ['sessionId', 'signal']));
  if (refused.sessionEventsBefore === 0) faults.push(`${standIn.sessionEvent.name} does not come before the request`);
  faults.push(...lacks(standIn.sessionEvent.name, sessionEvents[0], standIn.sessionEvent.fields));
  faults.push(...wording(refused.error, state));
  const untilContent = answered.events.slice(0, answered.events.indexOf('text_delta'));
  const unknown = untilContent.filter((type) => !standIn.emptyEvents.includes(type));
  if (unknown.length > 0) faults.push(`before the first text came ${unknown.join(', ')}`);
  return faults;
}

function wording(error, state) {
  const { message, type, code } = refusal;
  const body = JSON.stringify({ error: { message, type, code, param: null } });
  const expected = standIn.refusal({ status: 429, body, retryAfterSeconds: waitSeconds(state) }, isOlder(state));
  return Object.entries(expected)
    .filter(([field, value]) => error?.[field] !== value)
    .map(([field, value]) => `a refusal's ${field} is ${JSON.stringify(error?.[field])}, not ${JSON.stringify(value)}`);
}
