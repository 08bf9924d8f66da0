// A host's process: its own functions on a real store, one after the other, with the clock standing still between.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { HOUR, MINUTE, T0 } from './agent-dir.mjs';
import { argument } from './child.mjs';

const { folder, agentDir } = argument();
const warnings = [];
process.on('warning', ({ code }) => warnings.push(code));
const clock = { now: T0 };
Date.now = () => clock.now;

const host = await import(pathToFileURL(join(folder, 'dist/agents/auth-profiles.js')).href);
const isNative = () => {
  try {
    return (
      createRequire(join(folder, 'package.json'))('auth-failover').markAuthProfileUsed === host.markAuthProfileUsed
    );
  } catch {
    return false;
  }
};

const provider = 'google-gemini-cli';
const cfg = { auth: { cooldowns: { billingBackoffHours: 2, billingMaxHours: 8 } } };
const store = host.ensureAuthProfileStore(agentDir);
const ids = Object.keys(store.profiles);
const answers = [];
const look = () =>
  answers.push({
    order: host.resolveAuthProfileOrder({ cfg, store, provider }),
    cooling: ids.map((id) => host.isProfileInCooldown(store, id)),
    until: ids.map((id) => host.resolveProfileUnusableUntilForDisplay(store, id)),
  });

look();
const [first, second, third] = answers[0].order;
await host.markAuthProfileFailure({ store, profileId: first, reason: 'rate_limit', cfg, agentDir });
await host.markAuthProfileFailure({ store, profileId: first, reason: 'rate_limit', cfg, agentDir });
look();
clock.now += MINUTE;
await host.markAuthProfileFailure({ store, profileId: second, reason: 'billing', cfg, agentDir });
await host.markAuthProfileCooldown({ store, profileId: third, agentDir });
look();
clock.now += HOUR;
look();
await host.markAuthProfileGood({ store, provider, profileId: first, agentDir });
await host.markAuthProfileUsed({ store, profileId: first, agentDir });
// Not on one that has failures: ours forgets their counts too, as the hosts do from 2026.2.21 on.
await host.clearAuthProfileCooldown({ store, profileId: first, agentDir });
await host.markAuthProfileUsed({ store, profileId: 'nobody', agentDir });
look();
answers.push(await host.setAuthProfileOrder({ agentDir, provider, order: [third, ` ${first} `, third] }));
// The host's own, before and after the swap: what both write must live together in one file.
host.upsertAuthProfile({ profileId: 'zai:new', credential: { type: 'api_key', provider: 'z.ai', key: 'k' }, agentDir });
await host.markAuthProfileFailure({ store, profileId: first, reason: 'auth', agentDir });
answers.push(host.listProfilesForProvider(host.ensureAuthProfileStore(agentDir), 'ZAI'));
answers.push([1, 2, 3, 9].map(host.calculateAuthProfileCooldownMs));

const file = readFileSync(join(agentDir, 'auth-profiles.json'), 'utf8');
process.send({ native: isNative(), warnings, answers, store, file });
process.disconnect();
