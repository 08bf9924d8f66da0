// What a user meets: two prompts in two conversations, while five of six accounts fail.
import { describeAuthProfiles } from '../../entry/main.js';
import { accounts, startProvider } from './provider.mjs';

/** The account that answers. */
export const [healthy] = accounts.slice(-1);
export const failing = accounts.slice(0, -1);

/** A provider whose accounts but the last meet the failure. */
export const failingProvider = async (id, failure) => ({
  id,
  api: 'openai-completions',
  ...(await startProvider(({ account }) => (account === healthy ? { text: `answer of ${account}` } : failure.behave))),
});

/**
 * Both prompts. `ask(session)` runs a turn and gives `{ text }`; `readWindows()`, between them, gives until when each
 * account rests. Each prompt is `{ text, asked, after, ms, began, ended }`: the accounts in the order in which they were asked,
 * when each was, and the time from the first request to the one that was answered.
 */
export async function twoPrompts({ id, requests }, ask, readWindows = () => ({})) {
  const first = await prompt(requests, () => ask(`${id}-first`));
  const windows = await readWindows();
  const second = first.ms === undefined ? undefined : await prompt(requests, () => ask(`${id}-second`));
  return { first, second, windows };
}

async function prompt(requests, ask) {
  const [before, began] = [requests.length, Date.now()];
  const result = await ask();
  const own = requests.slice(before);
  const after = own.map(({ at }) => at - own[0].at);
  const isAnswered = typeof result.text === 'string';
  return {
    ...result,
    began,
    ended: Date.now(),
    asked: own.map(({ account }) => account),
    after,
    ms: isAnswered ? after.at(-1) : undefined,
  };
}

/** Until when each account rests by the plugin's own store; those that do not are absent. */
export async function windowsOf(storeDir, provider) {
  const { profiles } = await describeAuthProfiles({ agentDir: storeDir, provider, model: 'm1' });
  const resting = profiles.filter(({ until }) => typeof until === 'number');
  return Object.fromEntries(resting.map(({ profileId, until }) => [profileId.split(':')[1], until]));
}

/** Reads until what was read is as `isDone` wants it, at most `limitMs`; gives what was read last. */
export async function eventually(read, isDone, limitMs = 15_000) {
  const limit = Date.now() + limitMs;
  for (;;) {
    const value = await read();
    if (isDone(value) || Date.now() > limit) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
