// A host's process that gives an agent its stream function and asks with it, once per model.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { argument } from './child.mjs';

const { folder, models, options } = argument();
const { applyExtraParamsToAgent } = await import(
  pathToFileURL(join(folder, 'dist/agents/pi-embedded-runner/extra-params.js')).href
);
const hostStream = () => ({ result: async () => ({ answeredBy: 'host' }) });

const messages = [];
for (const model of models) {
  const agent = { streamFn: hostStream };
  applyExtraParamsToAgent(agent, undefined, model.provider, model.id, { temperature: 0.25 });
  const context = { messages: [{ role: 'user', content: 'Hello', timestamp: 1 }] };
  messages.push(await (await agent.streamFn(model, context, options)).result());
}
process.send(messages);
process.disconnect();
