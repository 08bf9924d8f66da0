// The host's rotation loop, step by step as hosts of January 2026 run it: the order once, a new session for each
// attempt, the prompt and its compaction wait settled together, the failure read from the assistant's error text, and
// the next account chosen by what the marks left in the passed store. Departures: an abort books nothing, and a success
// is booked for an answer only (the host also books one for the last failure, openclaw issue 84457).
//
// Also a program: `start(test, 'host-gateway.mjs', { agentDir, url, order })` answers each { prompt } it is sent.
import { pathToFileURL } from 'node:url';

import {
  classifyFailoverReason,
  isProfileInCooldown,
  markAuthProfileFailure,
  markAuthProfileGood,
  markAuthProfileUsed,
  readAuthProfileStore,
  resolveAuthProfileOrder,
  settleAttempt,
} from '../../index.js';
import { argument } from './child.mjs';
import { compactionWait, lastAnswer, newSession, textOf } from './pi-session.mjs';
import { pi } from './swapped-pi.mjs';

const provider = 'google-gemini-cli';

/**
 * Runs one prompt. `order` is the configuration's. By profile id: `timeoutMs` bounds an attempt, and `waitOf` replaces
 * its compaction wait.
 */
export async function runPrompt({ prompt, agentDir, order, ...attemptParams }) {
  const store = await readAuthProfileStore({ agentDir });
  const cfg = order && { auth: { order: { [provider]: order } } };
  const candidates = resolveAuthProfileOrder({ cfg, store, provider });
  const attempts = [];
  for (const profileId of candidates) {
    if (isProfileInCooldown(store, profileId)) continue;
    const mark = { store, profileId, agentDir };
    const token = store.profiles[profileId].access;
    const { settled, message } = await attempt({ ...attemptParams, profileId, agentDir, token, prompt });
    const { causedBy, promptError } = settled;
    const attempted = { profileId, causedBy, promptError };
    attempts.push(attempted);
    if (causedBy === 'caller') return { attempts, aborted: true };
    attempted.reason = failureOf(settled, message);
    if (attempted.reason === undefined) {
      await markAuthProfileGood({ ...mark, provider });
      await markAuthProfileUsed(mark);
      return { attempts, profileId, text: textOf(message) };
    }
    if (attempted.reason === null) return { attempts, error: promptError?.message ?? message.errorMessage };
    await markAuthProfileFailure({ ...mark, reason: attempted.reason });
  }
  return { attempts };
}

/** `undefined` for an answer, `null` for a failure that is no reason to rotate. */
function failureOf({ timedOut, promptError }, message) {
  if (timedOut) return 'timeout';
  if (promptError) return classifyFailoverReason(promptError.message);
  return message?.stopReason === 'error' ? classifyFailoverReason(message.errorMessage) : undefined;
}

async function attempt({ profileId, agentDir, url, token, prompt, signal, timeoutMs, piSettings, waitOf }) {
  const session = await newSession(pi, { agentDir, url, token, settings: piSettings });
  const compaction = compactionWait(session);
  const settled = await settleAttempt({
    prompt: () => session.prompt(prompt),
    waitForCompactionRetry: waitOf?.[profileId] ?? compaction.wait,
    signal,
    timeoutMs: timeoutMs?.[profileId],
  });
  // What was cut short still runs in the session.
  if (settled.aborted) {
    session.abortCompaction();
    await session.abort();
  }
  compaction.unsubscribe();
  session.dispose();
  return { settled, message: lastAnswer(session) };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const shared = argument();
  process.on('message', async (message) => process.send(await runPrompt({ ...shared, ...message })));
  process.send('ready');
}
