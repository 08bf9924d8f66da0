// A minimal gateway: installs the package beside a stand-in of the gateway's SDK, loads the plugin as the real one does,
// and asks a real loopback server through it.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { root } from '../../../scripts/addon.mjs';
import { remove } from '../agent-dir.mjs';
import { endsRetries, refusal } from './interface.mjs';

const PARTS = ['entry', 'index.js', 'package.json', 'openclaw.plugin.json'];

/** An installation that `import` can load: the package, and the gateway that it runs in. */
export function install(test) {
  const home = mkdtempSync(join(tmpdir(), 'auth-failover-openclaw-'));
  test.after(() => remove(home));
  const modules = join(home, 'node_modules');
  const packageDir = join(modules, 'auth-failover');
  mkdirSync(packageDir, { recursive: true });
  for (const part of PARTS) cpSync(join(root, part), join(packageDir, part), { recursive: true });
  const addons = readdirSync(root).filter((name) => name.endsWith('.node'));
  for (const addon of addons) symlinkSync(join(root, addon), join(packageDir, addon));
  cpSync(fileURLToPath(new URL('standin', import.meta.url)), join(modules, 'openclaw'), { recursive: true });
  return { home, packageDir, agentDir: join(home, 'agent') };
}

/** Loads the plugin by its manifest, with this configuration, and gives what it registered. */
export async function start({ packageDir, agentDir }, pluginConfig, { api: parts = {} } = {}) {
  const load = (path) => import(pathToFileURL(path).href);
  const { extensions } = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8')).openclaw;
  const { default: plugin } = await load(join(packageDir, extensions[0]));
  const { state } = await load(join(packageDir, '../openclaw/state.mjs'));
  const { createAssistantMessageEventStream } = await load(join(packageDir, '../openclaw/plugin-sdk/llm.mjs'));
  const { notifyLlmRequestActivity } = await load(
    join(packageDir, '../openclaw/plugin-sdk/provider-stream-shared.mjs'),
  );
  const providers = new Map();
  const hooks = new Map();
  const lines = [];
  const say = (level) => (text) => lines.push(`${level}: ${text}`);
  const logger = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
  const api = {
    pluginConfig,
    logger,
    registerProvider: (provider) => providers.set(provider.id, provider),
    on: (name, hook) => hooks.set(name, hook),
    ...parts,
  };
  plugin.register(api);
  const transport = completions(createAssistantMessageEventStream, notifyLlmRequestActivity);
  return { agentDir, state, providers, hooks, lines, transport };
}

/** The gateway's transport for `openai-completions`, as far as a plugin can see it. */
const completions = (createStream, notifyActivity) => (ownKey) => (model, context, options) => {
  const out = createStream();
  const message = { role: 'assistant', content: [], api: model.api, provider: model.provider, model: model.id };
  const fail = (fields) => out.push({ type: 'error', reason: fields.stopReason, error: { ...message, ...fields } });
  (async () => {
    const response = await fetch(`${model.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${ownKey}`, ...options.headers },
      body: JSON.stringify({ model: model.id, messages: context.messages, stream: true }),
      signal: options.signal,
    });
    if (!response.ok) {
      const wait = response.headers.get('retry-after');
      const body = await response.text();
      const retryAfterSeconds = wait === null ? undefined : Number(wait);
      return fail({ stopReason: 'error', ...refusal({ status: response.status, body, retryAfterSeconds }) });
    }
    out.push({ type: 'start', partial: message });
    let text = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      for (const [, data] of chunk.matchAll(/^data: (\{.*\})$/gm)) {
        notifyActivity(options.signal);
        const delta = JSON.parse(data).choices[0].delta.content;
        if (!delta) continue;
        if (text === '') out.push({ type: 'text_start', contentIndex: 0, partial: message });
        text += delta;
        message.content = [{ type: 'text', text }];
        out.push({ type: 'text_delta', contentIndex: 0, delta, partial: message });
      }
    }
    out.push({ type: 'done', reason: 'stop', message: { ...message, stopReason: 'stop' } });
  })().catch((error) =>
    fail({
      stopReason: options.signal?.aborted ? 'aborted' : 'error',
      errorMessage: error.cause?.code ?? error.message,
    }),
  );
  return out;
};

/**
 * One request of a turn as the gateway sends it: through the wrapper that the plugin gave, with its own choice's key below
 * it. Resolves with the last message, every event, and whether the gateway would ask the same account again.
 */
export async function ask(
  gateway,
  { provider = 'mock', baseUrl, session = 'session-1', signal, config = {}, api = 'openai-completions' },
) {
  const { state, hooks, providers, agentDir, transport } = gateway;
  const model = { id: 'm1', provider, api, baseUrl };
  const own = Object.values(state.store.profiles).find((profile) => profile.provider === provider);
  const streamFn = transport(own.key);
  const context = { config, agentDir, agentId: 'main', provider, modelId: model.id, model, streamFn };
  const wrapped = providers.get(provider)?.wrapStreamFn(context) ?? streamFn;
  hooks.get('model_call_started')?.({ sessionId: session, sessionKey: `agent:main:${session}` });
  const stream = await wrapped(model, { messages: [{ role: 'user', content: 'hi' }] }, { sessionId: session, signal });
  const events = [];
  for await (const event of stream) events.push(event);
  const message = await stream.result();
  const isRetried = /^(?:429|5\d\d)\b/.test(message.errorMessage) && !endsRetries.test(message.errorMessage);
  return { message, events, text: message.content[0]?.text, isRetried };
}
