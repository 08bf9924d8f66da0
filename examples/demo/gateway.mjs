// One gateway process: for each prompt, the accounts in their order until one answers.
import {
  isProfileInCooldown,
  markAuthProfileFailure,
  markAuthProfileSuccess,
  readAuthProfileStore,
  resolveAuthProfileOrder,
  streamGoogleGeminiCli,
} from '../../index.js';

const { name, agentDir, baseUrl, provider, prompts } = JSON.parse(process.argv[2]);
const model = {
  id: 'gemini-3-pro-preview',
  name: 'Gemini 3 Pro',
  api: 'google-gemini-cli',
  provider,
  baseUrl,
  reasoning: true,
  input: ['text'],
  cost: { input: 2, output: 12, cacheRead: 0.2, cacheWrite: 0 },
  contextWindow: 1_000_000,
  maxTokens: 64_000,
};

/** Asks one account and returns the final message, a failed one included. */
function ask(credential, question) {
  const apiKey = JSON.stringify({ token: credential.access, projectId: credential.projectId });
  const context = { messages: [{ role: 'user', content: question, timestamp: Date.now() }] };
  return streamGoogleGeminiCli(model, context, { apiKey }).result();
}

async function answer(question) {
  const began = performance.now();
  const store = await readAuthProfileStore({ agentDir });
  for (const profileId of resolveAuthProfileOrder({ store, provider, forModel: model.id })) {
    if (isProfileInCooldown(store, profileId, null, model.id)) continue;
    const asked = performance.now();
    const startedAt = Date.now();
    const message = await ask(store.profiles[profileId], question);
    const requestMs = performance.now() - asked;
    const mark = { store, profileId, agentDir, modelId: model.id, startedAt, policy: 'safe' };
    if (message.stopReason === 'error') {
      const { failure } = message;
      await markAuthProfileFailure({ ...mark, failure });
      process.send({ kind: 'failed', profileId, requestMs, failure });
      if (!failure.rotate) return;
    } else {
      await markAuthProfileSuccess({ ...mark, provider });
      const text = message.content.findLast((block) => block.type === 'text')?.text;
      process.send({ kind: 'answered', profileId, requestMs, tookMs: performance.now() - began, text });
      return;
    }
  }
}

process.send('ready');
process.once('message', async () => {
  for (let n = 1; n <= prompts; n++) await answer(`${name}, prompt ${n}: is anybody there?`);
  process.disconnect();
});
