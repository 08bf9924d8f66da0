// Six accounts, five of them out of quota, two processes: how long until a prompt is answered?
//
// Everything is real: a Code Assist server on loopback, an auth-profiles.json in a temporary agent directory, two
// processes that share it. Run with `npm run demo`.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeAuthProfiles } from '../index.js';
import { finish, rateLimited, sse, startCodeAssistServer, text, thought } from './demo/code-assist-server.mjs';
import { accountTable, bold, dim, duration, milliseconds, timelineRow } from './demo/print.mjs';

const PROVIDER = 'google-gemini-cli';
const SPENT = {
  'anna@example.com': { resetAfter: '19h14m47s', retryDelay: '69287s', reason: 'QUOTA_EXHAUSTED' },
  'ben@example.com': { resetAfter: '12m10s' },
  'cleo@example.com': { resetAfter: '39s', retryDelay: '38.412s' },
  'dan@example.com': { resetAfter: '3h28m20s', reason: 'QUOTA_EXHAUSTED' },
  'eve@example.com': { resetAfter: '1h50m21s', reason: 'QUOTA_EXHAUSTED' },
};
const ACCOUNTS = [...Object.keys(SPENT), 'finn@example.com'];
const nameOf = (profileId) => profileId.replace(`${PROVIDER}:`, '');

/** Each account's token is its name, so the server knows who asks. */
function answer({ token, body }) {
  if (SPENT[token]) return rateLimited({ ...SPENT[token], model: body.model });
  const question = body.request.contents.at(-1).parts[0].text;
  return sse(thought('Somebody can still answer.'), text(`“${question}” `), text('Yes: here I am.'), finish('STOP'));
}

function writeStore(agentDir) {
  const profile = (name) => ({
    type: 'oauth',
    provider: PROVIDER,
    access: name,
    refresh: `refresh-${name}`,
    expires: Date.now() + 3_600_000,
    projectId: 'demo-project',
  });
  const profiles = Object.fromEntries(ACCOUNTS.map((name) => [`${PROVIDER}:${name}`, profile(name)]));
  const store = JSON.stringify({ version: 1, profiles }, null, 2);
  writeFileSync(join(agentDir, 'auth-profiles.json'), `${store}\n`, { mode: 0o600 });
}

/** One gateway process; its steps go to `onStep`. */
async function startGateway(name, settings, onStep) {
  const child = fork(fileURLToPath(new URL('./demo/gateway.mjs', import.meta.url)), [
    JSON.stringify({ name, ...settings }),
  ]);
  await once(child, 'message');
  const exited = once(child, 'exit');
  child.on('message', (step) => onStep({ name, ...step }));
  return { go: () => child.send('go'), exited };
}

const agentDir = mkdtempSync(join(tmpdir(), 'auth-failover-demo-'));
writeStore(agentDir);
const server = await startCodeAssistServer({ answer });
try {
  console.log(bold('\n6 accounts, 5 of them out of quota, 2 gateway processes, 3 prompts each\n'));
  const answers = [];
  let started = 0;
  const settings = { agentDir, baseUrl: server.url, provider: PROVIDER, prompts: 3 };
  const onStep = (step) => {
    if (step.kind === 'answered') answers.push(step);
    console.log(timelineRow({ ...step, atMs: performance.now() - started, account: nameOf(step.profileId) }));
  };
  const gateways = await Promise.all(['gateway 1', 'gateway 2'].map((name) => startGateway(name, settings, onStep)));
  started = performance.now();
  for (const gateway of gateways) gateway.go();
  await Promise.all(gateways.map((gateway) => gateway.exited));
  const tookMs = performance.now() - started;

  const { profiles } = await describeAuthProfiles({ agentDir, model: 'gemini-3-pro-preview' });
  console.log(bold('\nWhere the accounts stand now, in the order in which they would be asked\n'));
  console.log(accountTable(profiles.map((profile) => ({ ...profile, account: nameOf(profile.profileId) }))));
  const isFirst = (step) => answers.find((other) => other.name === step.name) === step;
  const times = (steps) => steps.map((step) => milliseconds(step.tookMs)).join(', ');
  console.log(
    `\n${bold(`${answers.length} of 6 prompts answered.`)} The first of each gateway, past five spent accounts: ` +
      `${bold(times(answers.filter(isFirst)))}; the others: ${times(answers.filter((step) => !isFirst(step)))}.`,
  );
  const mostAsked = Math.max(...Object.keys(SPENT).map(server.countFor));
  console.log(
    `${server.requests.length} requests in ${milliseconds(tookMs)}; no spent account was asked more than ` +
      `${mostAsked === 1 ? 'once, by whichever process came first' : `${mostAsked} times`}.`,
  );
  const soonest = Math.min(
    ...profiles.filter((profile) => profile.until !== null).map((profile) => profile.remainingMs),
  );
  console.log(
    dim(`Sleeping until an account's own reset, as patched providers do: ${duration(soonest)} at best.
`),
  );
} finally {
  await server.close();
  rmSync(agentDir, { recursive: true, force: true });
}
