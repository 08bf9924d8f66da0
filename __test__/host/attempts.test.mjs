// The host's loop when an attempt is cut short: what the store then says of the account, and who answers.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { accountsOf } from '../support/accounts.mjs';
import { AgentDir } from '../support/agent-dir.mjs';
import { finish, sse, stall, text } from '../support/code-assist-server.mjs';
import { runPrompt } from '../support/host-gateway.mjs';
import { server } from '../support/request.mjs';

const answer = (counts) => sse(text('Hello'), finish('STOP', counts));
/** After an answer of that many tokens, pi's session compacts by itself: its next request is the summary. */
const fullContext = { prompt: 999_000, total: 999_999 };
const piSettings = { compaction: { enabled: true, reserveTokens: 100, keepRecentTokens: 1 } };
const isSummary = ({ text: body }) => body.includes('<conversation>');
const never = () => new Promise(() => {});
const abortError = () => Promise.reject(new DOMException('Unsubscribed during compaction wait', 'AbortError'));

/** Asks `first`, then `second`, which always answers. */
async function run(t, first, params) {
  const agentDir = new AgentDir(t, accountsOf('first', 'second'));
  const started = await server((request) => (request.token === 'first' ? first(request) : answer()));
  const result = await runPrompt({
    prompt: 'Hello',
    agentDir: agentDir.path,
    url: started.url,
    order: ['first', 'second'],
    piSettings,
    ...params,
  });
  return { result, started, stats: (id) => agentDir.stats(id), text: agentDir.text() };
}

/** The attempt's end is also the end of its connections. */
const closed = ({ started }) =>
  Promise.all(started.requests.filter(({ token }) => token === 'first').map((request) => request.closed));

function assertRotated({ result, stats }, errorName = 'TimeoutError') {
  assert.deepEqual(
    result.attempts.map(({ profileId, causedBy, reason }) => [profileId, causedBy, reason]),
    [
      ['first', 'timeout', 'timeout'],
      ['second', 'none', undefined],
    ],
  );
  assert.deepEqual([result.profileId, result.text], ['second', 'Hello']);
  assert.equal(result.attempts[0].promptError.name, errorName);
  const first = stats('first');
  assert.deepEqual([first.errorCount, first.failureCounts], [1, { timeout: 1 }]);
  assert.ok(first.cooldownUntil > Date.now());
  assert.equal(first.lastUsed, undefined);
  const { lastUsed, ...second } = stats('second');
  assert.ok(lastUsed > 0);
  assert.deepEqual(second, { errorCount: 0 });
}

suite('the time is over: the account is booked as timed out and the next one answers', () => {
  test('during the prompt', async (t) => {
    const ran = await run(t, () => [stall], { timeoutMs: { first: 300 } });
    assertRotated(ran);
    await closed(ran);
  });

  test('in the middle of an answer', async (t) => {
    const { steps } = sse(text('Hel'));
    const ran = await run(t, () => [...steps, stall], { timeoutMs: { first: 300 } });
    assertRotated(ran);
    await closed(ran);
  });

  test("during the compaction wait, while pi's session asks for the summary", async (t) => {
    const script = (request) => (isSummary(request) ? [stall] : answer(fullContext));
    const ran = await run(t, script, { timeoutMs: { first: 3000 } });
    assertRotated(ran);
    assert.deepEqual(
      ran.started.requests.map((request) => [request.token, isSummary(request)]),
      [
        ['first', false],
        ['first', true],
        ['second', false],
      ],
    );
    await closed(ran);
  });

  test('a wait that never settles', async (t) => {
    assertRotated(await run(t, () => answer(), { timeoutMs: { first: 300 }, waitOf: { first: never } }));
  });

  test('a wait that is aborted in its turn does not keep the loop from rotating', async (t) => {
    const ran = await run(t, () => [stall], { timeoutMs: { first: 300 }, waitOf: { first: abortError } });
    assertRotated(ran, 'AbortError');
  });
});

suite('the user aborts: no account is booked and no other one is asked', () => {
  const reason = { by: 'user' };

  function assertAborted({ result, started, text: left }) {
    assert.equal(result.aborted, true);
    assert.deepEqual(
      result.attempts.map(({ profileId, causedBy }) => [profileId, causedBy]),
      [['first', 'caller']],
    );
    assert.equal(result.attempts[0].promptError, reason);
    assert.equal(started.countFor('second'), 0);
    assert.equal(JSON.parse(left).usageStats, undefined);
  }

  for (const [name, aborting] of [
    ['during the prompt', () => true],
    ["during the compaction wait, while pi's session asks for the summary", isSummary],
  ]) {
    test(name, async (t) => {
      const controller = new AbortController();
      const script = (request) => {
        if (!aborting(request)) return answer(fullContext);
        controller.abort(reason);
        return [stall];
      };
      const ran = await run(t, script, { signal: controller.signal });
      assertAborted(ran);
      await closed(ran);
    });
  }

  test('while a wait never settles', async (t) => {
    const controller = new AbortController();
    const waiting = () => {
      setImmediate(() => controller.abort(reason));
      return never();
    };
    assertAborted(await run(t, () => answer(), { signal: controller.signal, waitOf: { first: waiting } }));
  });
});

test('an account that answers and then compacts in peace is a success', async (t) => {
  const script = (request) => (isSummary(request) ? sse(text('Summary'), finish('STOP')) : answer(fullContext));
  const { result, started, stats } = await run(t, script);
  assert.deepEqual([result.profileId, result.text], ['first', 'Hello']);
  assert.deepEqual([started.countFor('first'), started.countFor('second')], [2, 0]);
  assert.equal(stats('first').errorCount, 0);
});
