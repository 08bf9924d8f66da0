// A store with one Gemini CLI login per name; the name is the token that the server sees.
import { HOUR, oauth, storeOf } from './agent-dir.mjs';

export const accountsOf = (...tokens) =>
  storeOf(
    Object.fromEntries(
      tokens.map((token) => [
        token,
        oauth('google-gemini-cli', { access: token, projectId: 'project-1', expires: Date.now() + HOUR }),
      ]),
    ),
  );
