// A mark that names a reason and nothing else takes the wait that our own request has just been told, as the January
// host's call of markAuthProfileFailure does after our request.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markAuthProfileFailure } from '../../index.js';
import { AgentDir, freeze, MINUTE, oauth, storeOf, T0 } from '../support/agent-dir.mjs';
import { failing, finish, rateLimited, sse, text } from '../support/code-assist-server.mjs';
import { apiKey, ask, server } from '../support/request.mjs';

/** A store with the profiles `a` and `b`, and what is booked of them. */
function setUp(t, name) {
  freeze(t);
  const login = (id) => oauth('google-gemini-cli', { access: `${name}-${id}` });
  const dir = new AgentDir(t, storeOf({ a: login('a'), b: login('b') }));
  const mark = async (profileId, extra = {}) => {
    const params = { store: dir.json(), profileId, agentDir: dir.path, reason: 'rate_limit', ...extra };
    await markAuthProfileFailure(params);
    return dir.stats(profileId);
  };
  const key = (id) => ({ apiKey: apiKey(`${name}-${id}`), retry: 'none' });
  return { mark, key };
}

const twoHours = () => rateLimited({ resetAfter: '1h50m' });
const near = (actual, expected) => assert.ok(Math.abs(actual - expected) <= 5_000, `${actual - expected} ms off`);

test('its window and its source are those of the refusal', async (t) => {
  const { mark, key } = setUp(t, 'window');
  await ask(await server(twoHours), key('a'));
  const stats = await mark('a');
  near(stats.cooldownUntil, T0 + 110 * MINUTE);
  assert.equal(Object.values(stats.failover.models)[0].source, 'quota-reset-delay');
});

test("another profile's mark, and one for another reason, take nothing of it", async (t) => {
  const { mark, key } = setUp(t, 'others');
  await ask(await server(twoHours), key('a'));
  assert.equal((await mark('b')).cooldownUntil, T0 + MINUTE);
  assert.equal((await mark('a', { reason: 'timeout' })).cooldownUntil, T0 + MINUTE);
});

test('what the caller states goes first', async (t) => {
  const { mark, key } = setUp(t, 'stated');
  await ask(await server(twoHours), key('a'));
  assert.equal((await mark('a', { retryAfterMs: 7_000 })).cooldownUntil, T0 + 7_000);
});

test('an answer since, or a refusal without a wait, leaves the ladder', async (t) => {
  const { mark, key } = setUp(t, 'since');
  const answers = [twoHours, () => sse(text('Hi'), finish('STOP'))];
  const recovered = await server((_, index) => answers[index]());
  await ask(recovered, key('a'));
  await ask(recovered, key('a'));
  assert.equal((await mark('a')).cooldownUntil, T0 + MINUTE);
  await ask(await server(() => failing(429, { message: 'Too many requests', status: 'UNAVAILABLE' })), key('b'));
  assert.equal((await mark('b')).cooldownUntil, T0 + MINUTE);
});

test('with the safe policy too', async (t) => {
  const { mark, key } = setUp(t, 'safe');
  await ask(await server(twoHours), key('a'));
  near((await mark('a', { policy: 'safe' })).cooldownUntil, T0 + 110 * MINUTE);
});
