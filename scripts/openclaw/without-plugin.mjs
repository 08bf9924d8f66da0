// The same gateway as it comes. It waits for minutes, in one case for two hours: what is observed ends at a limit, and the
// table says "not before" then.
import { failures } from './failures.mjs';
import { startGateway, turn } from './host.mjs';
import { failingProvider, twoPrompts } from './measure.mjs';
import { startProvider } from './provider.mjs';
import { makeState } from './state.mjs';

/** Longer than a bare 429 takes. */
const LIMIT_MS = 300_000;

/** Gives rows; all failures at once, each with accounts of its own. */
export async function withoutPlugin(gateway) {
  const cases = await Promise.all(
    failures.map(async (failure) => ({ failure, provider: await failingProvider(failure.id, failure) })),
  );
  const warm = { id: 'warm', api: 'openai-completions', ...(await startProvider(() => ({ text: 'warm' }))) };
  const providers = [warm, ...cases.map(({ provider }) => provider)];
  try {
    const running = await startGateway(await makeState(gateway, 'without', { providers }));
    try {
      await turn(running, {});
      return await Promise.all(cases.map((each) => row(running, each)));
    } finally {
      await running.stop();
    }
  } finally {
    for (const { close } of providers) close();
  }
}

async function row(running, { failure, provider }) {
  const ask = (session) => turn(running, { model: `${provider.id}/m1`, session, limitMs: LIMIT_MS });
  return { name: failure.name, limitMs: LIMIT_MS, ...(await twoPrompts(provider, ask)) };
}
