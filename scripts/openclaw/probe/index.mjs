// A plugin that changes nothing and notes what the gateway gives it, in `interface.json` of the state directory: names of
// exports and fields, never a value that could be a secret.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

// Written out one by one: the gateway's loader sees literal names only.
const imports = {
  'openclaw/plugin-sdk/agent-runtime': () => import('openclaw/plugin-sdk/agent-runtime'),
  'openclaw/plugin-sdk/llm': () => import('openclaw/plugin-sdk/llm'),
  'openclaw/plugin-sdk/provider-stream-shared': () => import('openclaw/plugin-sdk/provider-stream-shared'),
  'openclaw/plugin-sdk/session-store-runtime': () => import('openclaw/plugin-sdk/session-store-runtime'),
  'openclaw/plugin-sdk/provider-catalog-runtime': () => import('openclaw/plugin-sdk/provider-catalog-runtime'),
  'openclaw/plugin-sdk/provider-auth': () => import('openclaw/plugin-sdk/provider-auth'),
};

// A gateway may load a plugin anew between two requests.
globalThis[Symbol.for('interface-probe')] ??= { modules: {}, api: [], context: [], requests: [], sessionEvents: [] };
const seen = globalThis[Symbol.for('interface-probe')];
const note = () => writeFileSync(join(process.env.OPENCLAW_STATE_DIR, 'interface.json'), JSON.stringify(seen));
const namesOf = (object) => Object.keys(object).filter((name) => object[name] !== undefined);

async function loadModules() {
  for (const [name, load] of Object.entries(imports)) {
    seen.modules[name] ??= await load().then(Object.keys, (error) => ({ error: error.message }));
  }
  return imports['openclaw/plugin-sdk/llm']();
}

export default {
  id: 'interface-probe',
  name: 'interface-probe',
  description: 'Notes what the gateway gives a plugin',
  register(api) {
    seen.api = namesOf(api);
    api.on?.('model_call_started', (event) => seen.sessionEvents.push(namesOf(event)));
    api.registerProvider({ id: 'probe', label: 'probe', auth: [], wrapStreamFn: wrap });
  },
};

function wrap(context) {
  seen.context = namesOf(context);
  return async (model, messages, options) => {
    const { createAssistantMessageEventStream } = await loadModules();
    const request = { options: namesOf(options), sessionEventsBefore: seen.sessionEvents.length, events: [] };
    seen.requests.push(request);
    const out = createAssistantMessageEventStream();
    forward(await context.streamFn(model, messages, options), out, request).finally(note);
    return out;
  };
}

async function forward(inner, out, request) {
  for await (const event of inner) {
    request.events.push(event.type);
    if (event.type === 'error') {
      const { errorMessage, errorCode, errorType, errorBody, stopReason } = event.error;
      request.error = { errorMessage, errorCode, errorType, errorBody, stopReason };
    }
    out.push(event);
  }
}
