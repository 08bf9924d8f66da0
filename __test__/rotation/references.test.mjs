// Profiles that name their secret by reference, as hosts from 2026.2.26 on store them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeAuthProfiles, resolveAuthProfileOrder, runWithAuthProfiles } from '../../index.js';
import { AgentDir, storeOf } from '../support/agent-dir.mjs';

const keyRef = { source: 'env', provider: 'default', id: 'SOME_KEY' };
const tokenRef = { source: 'file', provider: 'vault', id: '/token' };
const oauthRef = { source: 'keychain', id: 'login' };
const PROFILES = {
  key: { type: 'api_key', provider: 'google-gemini-cli', keyRef },
  token: { type: 'token', provider: 'google-gemini-cli', tokenRef },
  login: { type: 'oauth', provider: 'google-gemini-cli', oauthRef },
};
const provider = 'google-gemini-cli';

test('they can be used, and keep their place in the order', async (t) => {
  const dir = new AgentDir(t, storeOf(PROFILES));
  const { profiles } = await describeAuthProfiles({ agentDir: dir.path });
  assert.deepEqual(
    profiles.map((profile) => [profile.profileId, profile.state]),
    [
      ['login', 'ready'],
      ['token', 'ready'],
      ['key', 'ready'],
    ],
  );
  assert.deepEqual(resolveAuthProfileOrder({ store: dir.json(), provider }), ['login', 'token', 'key']);
});

test('run gets the reference, and no key', async (t) => {
  const dir = new AgentDir(t, storeOf(PROFILES));
  for (const [profileId, profile] of Object.entries(PROFILES)) {
    const run = ({ credential, apiKey }) => ({ credential, apiKey });
    const params = { provider, agentDir: dir.path, preferredProfile: profileId, strategy: 'pinned' };
    const { result } = await runWithAuthProfiles({ ...params, run });
    assert.deepEqual(result, { credential: profile, apiKey: '' });
  }
});

test('a reference of another type, an empty one or none is no credential', async (t) => {
  const dir = new AgentDir(
    t,
    storeOf({
      other: { type: 'oauth', provider, keyRef },
      blank: { type: 'api_key', provider, keyRef: ' ' },
      none: { type: 'token', provider, tokenRef: null },
    }),
  );
  const { profiles } = await describeAuthProfiles({ agentDir: dir.path });
  assert.deepEqual(new Set(profiles.map((profile) => profile.problem)), new Set(['no-credential']));
});
