// A gateway with the plugin: set up from the packed package by its own command, measured, and undone.
import { join } from 'node:path';

import { missed, missedAtOnce, seconds } from './bar.mjs';
import { conversations } from './conversations.mjs';
import { failures } from './failures.mjs';
import { localTurn, startGateway, tellsWaits, turn } from './host.mjs';
import { eventually, failing, failingProvider, twoPrompts, windowsOf } from './measure.mjs';
import { accounts, startProvider } from './provider.mjs';
import { checkSetup, checkUndo } from './setup.mjs';
import { agentDir, makeState } from './state.mjs';
import { checkStatus } from './status.mjs';

/** The limit of the plugin for an account that hangs, here; its default is a minute. */
export const hangLimitMs = 5000;
const AT_ONCE = 4;

/**
 * Gives `{ rows, checks }`: `twoPrompts` of each failure, and `{ name, seen, faults }` of what else is looked at.
 * `isWanted(id)` chooses.
 */
export async function withPlugin(gateway, project, isWanted = () => true) {
  const cases = await startCases();
  const parts = await conversations();
  const warm = { id: 'warm', api: 'openai-completions', ...(await startProvider(() => ({ text: 'warm' }))) };
  const four = { id: 'four', api: 'openai-completions', ...(await startProvider(untilAllHaveBegun(AT_ONCE))) };
  const providers = [...cases.map(({ provider }) => provider), warm, four, ...parts.providers];
  try {
    const state = await makeState(gateway, 'with', { providers, agents: parts.agents });
    const setUp = say(await checkSetup(project, state, providers, { firstByteTimeoutMs: hangLimitMs }));
    if (setUp.faults.length > 0) return { rows: [], checks: [setUp] };
    parts.prepare(state);
    const [local, ...others] = cases.filter(({ failure }) => failure.isLocal || isWanted(failure.id));
    const checks = [{ id: 'four', run: (running) => fourAtOnce(running, four) }, ...parts.checks];
    const wanted = checks.filter(({ id }) => isWanted(id));
    const report = await throughGateway(state, others, wanted);
    if (isWanted('local429')) report.rows.push(say(await localRow(state, local)));
    const long = report.rows.find(({ id }) => id === 'long429');
    if (long && tellsWaits(gateway)) report.checks.push(say(await checkStatus(state, long.id, long.windows)));
    report.checks = [setUp, ...report.checks, say(await checkUndo(project, state))];
    return report;
  } finally {
    for (const { close } of providers) close();
  }
}

async function throughGateway(state, cases, wanted) {
  const running = await startGateway(state);
  const [rows, checks] = [[], []];
  try {
    // What a gateway loads at its first turn is no part of a rotation.
    await turn(running, { model: 'warm/m1' });
    for (const each of cases) rows.push(say(await row(each, state, ask(running, each.provider))));
    for (const { run } of wanted) checks.push(say(await run(running, state)));
    return { rows, checks };
  } finally {
    await running.stop();
  }
}

const localRow = (state, local) => row(local, state, (session) => localTurn(state, { session, message: 'hi' }));

function say(result) {
  const { name, faults, first, seen } = result;
  const told = seen ?? `${first.asked.join(', ')}; ${first.ms === undefined ? first.status : seconds(first.ms)}`;
  console.error(`  ${faults.length === 0 ? 'ok  ' : 'MISS'} ${name}: ${[told, ...faults].join('; ')}`);
  return result;
}

/** The first is for `agent --local`, whose default model it is; the others are asked through a gateway. */
async function startCases() {
  const local = { ...failures[0], id: 'local429', name: `${failures[0].name}, \`agent --local\``, isLocal: true };
  const kinds = [local, ...failures];
  return Promise.all(kinds.map(async (failure) => ({ failure, provider: await failingProvider(failure.id, failure) })));
}

const ask =
  (running, { id }) =>
  (session) =>
    turn(running, { model: `${id}/m1`, session });

async function row({ failure, provider }, state, prompt) {
  const storeDir = join(agentDir(state, 'main'), 'auth-failover');
  const read = () => windowsOf(storeDir, provider.id).catch(() => ({}));
  // Bookings follow the answer.
  const isBooked = (windows) => failing.every((account) => account in windows);
  const windows = () => (failure.restsMs ? eventually(read, isBooked) : read());
  const prompts = await twoPrompts(provider, prompt, windows);
  const expected = tellsWaits(state.gateway) ? failure : { ...failure, restsMs: undefined };
  return { id: provider.id, name: failure.name, ...prompts, faults: missed(expected, prompts, hangLimitMs) };
}

/** Answers that begin at once and end when so many have begun: all are in flight together. */
function untilAllHaveBegun(count) {
  const waiting = [];
  return ({ account }) => {
    const rest = new Promise((resolve) => {
      waiting.push(resolve);
      const release = () => {
        for (const each of waiting) each();
      };
      if (waiting.length === count) release();
      else setTimeout(release, 120_000).unref();
    });
    return { text: `answer of ${account}`, rest };
  };
}

async function fourAtOnce(running, { requests }) {
  const sessions = accounts.slice(0, AT_ONCE).map((_, index) => `at-once-${index}`);
  await Promise.all(sessions.map((session) => turn(running, { model: 'four/m1', session })));
  const asked = requests.map(({ account }) => account);
  return { name: `${AT_ONCE} turns at once`, seen: `${asked.join(', ')}`, faults: missedAtOnce(asked, AT_ONCE) };
}
