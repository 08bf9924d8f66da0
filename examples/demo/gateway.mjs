// One gateway process: each prompt goes to the next account that is free, until one answers.
import { runWithAuthProfiles, streamGoogleGeminiCli } from '../../index.js';

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

async function answer(question) {
  const began = performance.now();
  const context = { messages: [{ role: 'user', content: question, timestamp: Date.now() }] };
  let requestMs;
  const { result, profileId } = await runWithAuthProfiles({
    provider,
    model: model.id,
    agentDir,
    async run({ apiKey, signal }) {
      const asked = performance.now();
      const message = await streamGoogleGeminiCli(model, context, { apiKey, signal }).result();
      requestMs = performance.now() - asked;
      return message;
    },
    onEvent({ type, profileId, failure }) {
      if (type === 'failed') process.send({ kind: 'failed', profileId, requestMs, failure });
    },
  });
  const text = result.content.findLast((block) => block.type === 'text')?.text;
  process.send({ kind: 'answered', profileId, requestMs, tookMs: performance.now() - began, text });
}

process.send('ready');
process.once('message', async () => {
  for (let n = 1; n <= prompts; n++) await answer(`${name}, prompt ${n}: is anybody there?`);
  process.disconnect();
});
