// What tests of runWithAuthProfiles share: a store with accounts, errors as providers throw them, and a log of a run.
import { runWithAuthProfiles, settled } from '../../index.js';
import { AgentDir, oauth, storeOf } from './agent-dir.mjs';

export const PROVIDER = 'google-gemini-cli';

/** An agent directory with OAuth accounts of these names. */
export function accounts(t, names, rest = {}) {
  const profile = (name) => [name, oauth(PROVIDER, { access: `access-${name}`, projectId: `project-${name}` })];
  return new AgentDir(t, storeOf(Object.fromEntries(names.map(profile)), rest));
}

/** A 429 with the server's own wait. */
export function rateLimited(seconds = 60) {
  const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${seconds}s` }];
  const error = { code: 429, message: `Please retry in ${seconds}s.`, status: 'RESOURCE_EXHAUSTED', details };
  return Object.assign(new Error('Cloud Code Assist API error (429)'), {
    status: 429,
    body: JSON.stringify({ error }),
  });
}

/** A 429 that says nothing of the account. */
export const bareRefusal = () => Object.assign(new Error('Too many requests'), { status: 429, body: '{}' });

/** An assistant message that ended in an error, as pi-ai's providers return it. */
export const errorMessage = (text, rest = {}) => ({
  role: 'assistant',
  content: [],
  stopReason: 'error',
  errorMessage: text,
  ...rest,
});

/**
 * Runs with accounts that behave as told: by name, a value to return, an error to throw, or a function.
 *
 * `given` is what the caller gets, and `answer` the same once the books are in the file.
 */
export function run(dir, behaviour, options = {}) {
  const asked = [];
  const events = [];
  const given = runWithAuthProfiles({
    provider: PROVIDER,
    agentDir: dir.path,
    onEvent: (event) => events.push(event),
    run: async (context) => {
      asked.push(context.profileId);
      const act = behaviour[context.profileId] ?? behaviour.else;
      const outcome = typeof act === 'function' ? await act(context) : act;
      if (outcome instanceof Error) throw outcome;
      return outcome;
    },
    ...options,
  });
  const answer = given.finally(settled);
  // A test that looks at one of them leaves the other alone.
  for (const promise of [given, answer]) promise.catch(() => {});
  return { given, answer, asked, events };
}

/** The error a promise rejects with. */
export const errorOf = (promise) =>
  promise.then(
    () => {
      throw new Error('it resolved');
    },
    (error) => error,
  );
