// A session of pi 0.49.3 as the host makes one per attempt: in memory, the account's key set at run time.
import { join } from 'node:path';

import {
  AuthStorage,
  createAgentSession,
  ModelRegistry,
  SessionManager,
  SettingsManager,
} from '@mariozechner/pi-coding-agent';

import { apiKey, model } from '../request.mjs';

/** `settings` are pi's own; `piDir` is a directory without settings, extensions or keys. */
export async function newSession({ piDir, url, token, settings = {}, modelFields }) {
  const authStorage = new AuthStorage(join(piDir, 'auth.json'));
  authStorage.setRuntimeApiKey('google-gemini-cli', apiKey(token));
  const { session } = await createAgentSession({
    cwd: piDir,
    agentDir: piDir,
    authStorage,
    modelRegistry: new ModelRegistry(authStorage),
    model: model({ baseUrl: url, ...modelFields }),
    sessionManager: SessionManager.inMemory(),
    settingsManager: SettingsManager.inMemory(settings),
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
