// What a conversation is made of beside a prompt: each with accounts that fail in the midst of it.
import { failures } from './failures.mjs';
import { tellsWaits, turn } from './host.mjs';
import { interfaceProbe } from './interface.mjs';
import { eventually } from './measure.mjs';
import { accounts, startProvider } from './provider.mjs';
import { unattended } from './unattended.mjs';

const [{ behave: limited }, { behave: limitedLong }] = failures;
const text = (account) => ({ text: `answer of ${account}` });

/** Gives `{ providers, agents, prepare, checks }`; a check is `{ id, run(running, state) }`. */
export async function conversations() {
  const parts = await Promise.all([
    apis(),
    tools(),
    image(),
    compaction(),
    fallback(),
    ...unattended(),
    interfaceProbe(),
  ]);
  return {
    prepare(state) {
      for (const part of parts) part.prepare?.(state);
    },
    providers: parts.flatMap(({ providers }) => providers),
    agents: parts.flatMap(({ agents = [] }) => agents),
    checks: parts.flatMap(({ checks }) => checks),
  };
}

const start = async (id, behave, api = 'openai-completions') => ({ id, api, ...(await startProvider(behave)) });
const askedOf = ({ requests }) => requests.map(({ account }) => account);
const expectAsked = (provider, wanted) => {
  const asked = askedOf(provider);
  return asked.join() === wanted.join() ? [] : [`asked ${asked.join(', ') || 'nobody'}, not ${wanted.join(', ')}`];
};

/** The kinds of provider: all accounts but the last are limited, and the credential is that of the account. */
async function apis() {
  const kinds = [
    ['anthropic', 'anthropic-messages', "anthropic-messages, the gateway's own `anthropic`"],
    ['claude', 'anthropic-messages', 'anthropic-messages, from the configuration'],
    ['responses', 'openai-responses', 'openai-responses'],
    ['generate', 'google-generative-ai', 'google-generative-ai'],
  ];
  const behave = ({ account }) => (account === accounts.at(-1) ? text(account) : limited);
  const providers = await Promise.all(kinds.map(([id, api]) => start(id, behave, api)));
  const check = (provider, name) => async (running) => {
    const result = await turn(running, { model: `${provider.id}/m1`, session: provider.id });
    const faults = expectAsked(provider, accounts);
    if (result.text !== `answer of ${accounts.at(-1)}`) faults.push(`answered ${JSON.stringify(result.body)}`);
    return { name, seen: took(provider), faults };
  };
  const checks = kinds.map(([id, , name], index) => ({ id, run: check(providers[index], name) }));
  return { providers, checks };
}

const took = ({ requests }) =>
  `${requests.map(({ account }) => account).join(', ')}; ${Math.round(requests.at(-1)?.at - requests[0]?.at)} ms`;

/** The first account calls a tool and is limited when it gets the result. */
async function tools() {
  const calls = { tool: { name: 'session_status', arguments: {} } };
  const answered = new Set();
  const provider = await start('tools', ({ account, body }) => {
    const hasResult = body.messages.some(({ role }) => role === 'tool');
    if (hasResult && answered.has(account)) return limited;
    answered.add(account);
    return hasResult ? text(account) : calls;
  });
  const check = async (running) => {
    const result = await turn(running, { model: 'tools/m1', session: 'tools' });
    const faults = expectAsked(provider, ['a1', 'a1', 'a2']);
    if (result.text !== 'answer of a2') faults.push(`answered ${JSON.stringify(result.body)}`);
    const offered = (provider.requests[0]?.body.tools ?? []).map((each) => each.function.name);
    if (!offered.includes('session_status')) faults.push(`the gateway offers ${offered.join(', ')}`);
    return { name: 'a tool call, limited at its result', seen: took(provider), faults };
  };
  return { providers: [provider], checks: [{ id: provider.id, run: check }] };
}

/** A PNG of one pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

async function image() {
  const provider = await start('images', ({ account }) => (account === 'a1' ? limited : text(account)));
  const check = async (running) => {
    const content = [
      { type: 'text', text: 'what is it?' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}` } },
    ];
    const result = await turn(running, { model: 'images/m1', session: 'images', content });
    const faults = expectAsked(provider, ['a1', 'a2']);
    if (result.text !== 'answer of a2') faults.push(`answered ${JSON.stringify(result.body)}`);
    if (!provider.requests.every(({ body }) => JSON.stringify(body).includes('"image_url"')))
      faults.push('no image came');
    return { name: 'an image', seen: took(provider), faults };
  };
  return { providers: [provider], checks: [{ id: provider.id, run: check }] };
}

/** The conversation fills its window; the account that is to sum it up is limited. */
async function compaction() {
  let first;
  const isSummary = ({ messages }) => JSON.stringify(messages[0]).includes('context summarization assistant');
  const provider = await start('compacts', ({ account, body }) => {
    if (!isSummary(body)) return { ...text(account), promptTokens: 195_000 };
    first ??= account;
    return account === first ? limited : { text: SUMMARY };
  });
  const check = async (running) => {
    const summaries = () => provider.requests.filter(({ body }) => isSummary(body));
    const words = 'a word and another '.repeat(4000);
    for (const number of ['one', 'two', 'three', 'four']) {
      if (summaries().length > 0) break;
      await turn(running, { model: 'compacts/m1', session: 'compacts', content: `${number}: ${words}` });
    }
    await eventually(
      () => summaries().length,
      (count) => count >= 2,
      60_000,
    );
    const asked = summaries().map(({ account }) => account);
    const isOther = asked.length >= 2 && asked.lastIndexOf(asked[0]) === 0;
    const faults = isOther ? [] : [`asked ${asked.join(', ') || 'nobody'}: no other after the first`];
    return { name: 'a compaction', seen: `the summary was asked of ${asked.join(', ')}`, faults };
  };
  return { providers: [provider], checks: [{ id: provider.id, run: check }] };
}

/** With the headings that the gateway wants. */
const SUMMARY = ['Decisions', 'Open TODOs', 'Constraints/Rules', 'Pending user asks', 'Exact identifiers']
  .map((heading) => `## ${heading}\nNone.`)
  .join('\n\n');

/**
 * The line of a gateway that asks the same account once more after a wait. How long its own steps take on the way to the
 * next model depends on the machine, and is told.
 */
const waits = (running, { id }) => new RegExp(`transient same-model retry \\S+ for ${id}/m1`).test(running.log());

const WAITED = 'the gateway waited before it went on to the next model';

/**
 * When all accounts of a model rest, the gateway's own next model answers, at once. Where nobody hears of the server's
 * wait the first request may be at fault, and not the accounts; the second one clears that up.
 */
async function fallback() {
  const dry = await start('dry', () => limitedLong);
  const spare = await start('spare', ({ account }) => text(account));
  const agent = { id: 'careful', model: 'dry/m1', fallbacks: ['spare/m1'] };
  const check = async (running, { gateway }) => {
    const first = await turn(running, { agent: 'careful', session: 'first' });
    const faults = expectAsked(dry, accounts);
    if (first.text !== 'answer of a1') faults.push(`answered ${JSON.stringify(first.body)}`);
    const ms = spare.requests[0]?.at - dry.requests[0]?.at;
    if (waits(running, dry)) faults.push(WAITED);
    const second = await turn(running, { agent: 'careful', session: 'second' });
    if (second.text === undefined) faults.push(`the second prompt was answered ${JSON.stringify(second.body)}`);
    faults.push(...expectAsked(dry, tellsWaits(gateway) ? accounts : [...accounts, ...accounts]));
    return {
      name: 'all accounts rest: the next model',
      seen: `${took(dry)}; spare after ${Math.round(ms)} ms`,
      faults,
    };
  };
  return { providers: [dry, spare], agents: [agent], checks: [{ id: 'fallback', run: check }] };
}
