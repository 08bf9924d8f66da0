// State directories of gateways: providers on loopback, each with six accounts.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { mustSucceed } from './host.mjs';
import { cache, node } from './install.mjs';
import { accounts, keyOf } from './provider.mjs';

const idle = [
  'browser',
  'canvas',
  'cua-computer',
  'device-pair',
  'file-transfer',
  'geolocation',
  'github',
  'linux-node',
];
idle.push('memory-core', 'ollama', 'talk-voice', 'xai');

/** `call` goes through it. */
const needed = { 'admin-http-rpc': { enabled: true } };

const here = dirname(fileURLToPath(import.meta.url));

/**
 * Makes `target/openclaw/states/<name>-<version>` anew. `providers` are `{ id, api, url }`, `agents`
 * `{ id, model, fallbacks }` beside `main`, `extra` more of openclaw.json.
 */
export async function makeState(gateway, name, { providers, agents = [], extra = {} }) {
  const template = await templateOf(gateway);
  const folder = join(cache, 'states', `${name}-${gateway.version}`);
  rmSync(folder, { recursive: true, force: true });
  cpSync(template, folder, { recursive: true });
  putOnPath(gateway, folder);
  const state = { gateway, folder, configFile: join(folder, 'openclaw.json') };
  writeFileSync(state.configFile, JSON.stringify(config(folder, providers, agents, extra), null, 2));
  const rows = providers.flatMap(({ id }) =>
    accounts.map((account) => ({ provider: id, id: `${id}:${account}`, key: keyOf(id, account) })),
  );
  execFileSync(node, ['--no-warnings', join(here, 'accounts.mjs'), folder], { input: JSON.stringify(rows) });
  return state;
}

/** `openclaw`, as a user has it. */
function putOnPath({ folder: packageFolder }, folder) {
  mkdirSync(join(folder, 'bin'));
  const program = `#!/bin/sh\nexec "${node}" "${join(packageFolder, 'openclaw.mjs')}" "$@"\n`;
  writeFileSync(join(folder, 'bin', 'openclaw'), program, { mode: 0o755 });
}

export const agentDir = ({ folder }, agent) => join(folder, 'agents', agent, 'agent');

/** A state directory in which the gateway's own command has saved one account. Made once. */
async function templateOf(gateway) {
  const template = join(cache, `template-${gateway.version}`);
  if (existsSync(template)) return template;
  console.error(`openclaw ${gateway.version} saves its first account (once) …`);
  const folder = join(cache, `making-${process.pid}`);
  rmSync(folder, { recursive: true, force: true });
  for (const part of ['home', 'tmp']) mkdirSync(join(folder, part), { recursive: true });
  const provider = { id: 'first', api: 'openai-completions', url: 'http://127.0.0.1:9' };
  writeFileSync(join(folder, 'openclaw.json'), JSON.stringify(config(folder, [provider], [], {})));
  const args = ['models', 'auth', 'paste-api-key', '--provider', 'first', '--profile-id', 'first:a1'];
  await mustSucceed({ gateway, folder }, args, { input: `${keyOf('first', 'a1')}\n` });
  rmSync(join(folder, 'tmp'), { recursive: true });
  mkdirSync(join(folder, 'tmp'));
  renameSync(folder, template);
  return template;
}

function config(folder, providers, others, extra) {
  const agents = [{ id: 'main', default: true, model: `${providers[0].id}/m1` }, ...others];
  const workspace = join(folder, 'workspace');
  return {
    gateway: { mode: 'local', http: { endpoints: { chatCompletions: { enabled: true } } } },
    models: { mode: 'merge', providers: Object.fromEntries(providers.map((each) => [each.id, providerConfig(each)])) },
    agents: {
      defaults: { workspace, skipBootstrap: true },
      list: agents.map(({ id, model, fallbacks = [], ...more }) => ({
        id,
        model: { primary: model, fallbacks },
        ...more,
      })),
    },
    // Few tools and few bundled plugins: starting all of them takes longer than what is tested.
    // A model on loopback calls tools by their own names.
    tools: { profile: 'minimal', toolSearch: false },
    plugins: { entries: { ...Object.fromEntries(idle.map((id) => [id, { enabled: false }])), ...needed } },
    ...extra,
  };
}

const suffixes = { 'anthropic-messages': '', 'google-generative-ai': '/v1beta' };

const providerConfig = ({ api, url }) => ({
  baseUrl: `${url}${suffixes[api] ?? '/v1'}`,
  api,
  models: [
    {
      id: 'm1',
      name: 'm1',
      reasoning: false,
      input: ['text', 'image'],
      cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
      contextWindow: 200_000,
      maxTokens: 4096,
    },
  ],
});
