// A session of pi 0.49.3 as the host makes one per attempt: in memory, the account's key set at run time.
import { join } from 'node:path';

import { apiKey, gate, model } from './request.mjs';

/** `pi` is the package; `settings` are pi's own; `agentDir` is an empty directory. */
export async function newSession(pi, { agentDir, url, token, settings = {}, modelFields = {} }) {
  const authStorage = new pi.AuthStorage(join(agentDir, 'auth.json'));
  authStorage.setRuntimeApiKey('google-gemini-cli', apiKey(token));
  const { session } = await pi.createAgentSession({
    cwd: agentDir,
    agentDir,
    authStorage,
    modelRegistry: new pi.ModelRegistry(authStorage),
    model: model({ baseUrl: url, ...modelFields }),
    sessionManager: pi.SessionManager.inMemory(),
    settingsManager: pi.SettingsManager.inMemory(settings),
    systemPrompt: 'Answer.',
    tools: [],
    extensions: [],
    skills: [],
    contextFiles: [],
    promptTemplates: [],
  });
  return session;
}

/** The last thing the assistant said, a failure included. */
export const lastAnswer = (session) => session.messages.findLast((message) => message.role === 'assistant');

export const textOf = (message) => message?.content.find((block) => block.type === 'text')?.text;

/**
 * The host's wait: a promise that is there from the start of a compaction to its end, or, where the session asks again
 * by itself, to the end of that run.
 */
export function compactionWait(session) {
  let retries = 0;
  let current;
  const settle = () => {
    current?.open();
    current = undefined;
  };
  const unsubscribe = session.subscribe((event) => {
    if (event.type === 'auto_compaction_start') {
      current ??= gate();
    } else if (event.type === 'auto_compaction_end') {
      if (event.willRetry) retries += 1;
      else settle();
    } else if (event.type === 'agent_end' && retries > 0) {
      retries -= 1;
      settle();
    }
  });
  return { wait: () => current?.opened, unsubscribe };
}
