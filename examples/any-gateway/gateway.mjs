// A gateway in thirty lines: several accounts per provider, plain fetch, and an answer at once when one is limited.
import { runWithAuthProfiles } from 'auth-failover';
import { providers } from './providers.mjs';

/** `agentDir` holds auth-profiles.json; `baseUrls` replaces the providers' own addresses. */
export function createGateway({ agentDir, baseUrls = {}, log = () => {} }) {
  return {
    /** Resolves with the text and who gave it. */
    async ask({ provider, model, messages, sessionKey, signal }) {
      const { ask, baseUrl } = providers[provider];
      const { result, profileId, attempts } = await runWithAuthProfiles({
        provider,
        model,
        agentDir,
        sessionKey,
        signal,
        timeoutMs: 120_000,
        run: ({ apiKey, signal }) => ask({ baseUrl: baseUrls[provider] ?? baseUrl, apiKey, model, messages, signal }),
        onEvent: ({ type, profileId, failure, until }) =>
          log([type, profileId, failure?.class, until && new Date(until).toISOString()].filter(Boolean).join(' ')),
      });
      return { text: result, profileId, attempts: attempts.length };
    },
  };
}
