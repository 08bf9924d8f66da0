// runWithAuthProfiles: how long an attempt may be silent, at its begin and between two signs of life.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';

import { isTimeoutError, runWithAuthProfiles } from '../../index.js';
import { accounts, errorOf, run } from '../support/runs.mjs';
import { chat, provider } from '../support/streaming-provider.mjs';

const never = () => new Promise(() => {});
/** Until so much time is over; calls `each` all the while. */
async function passing(ms, each = () => {}) {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    each();
    await setImmediate();
  }
}
/** Keeps the thread from everything else. */
function keepBusy(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
/** Far longer than this process is ever kept from running. */
const PATIENCE = 500;

suite('the first byte', () => {
  test('that does not come in time: the next account is asked, and the error says which limit it was', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    let reason;
    const hang = ({ signal }) => {
      signal.addEventListener('abort', () => (reason = signal.reason));
      return never();
    };
    const { answer, asked } = run(dir, { a: hang, b: 'ok' }, { firstByteTimeoutMs: 20 });
    assert.equal((await answer).profileId, 'b');
    assert.deepEqual(asked, ['a', 'b']);
    assert.ok(isTimeoutError(reason));
    assert.deepEqual([reason.name, reason.code, reason.limit], ['TimeoutError', 'ERR_TIMEOUT', 'firstByteTimeoutMs']);
    assert.match(reason.message, /first byte .* 20 ms \(firstByteTimeoutMs\)/);
    assert.deepEqual(dir.stats('a'), { failureCounts: { timeout: 1 } });
  });

  for (const sign of ['progress', 'deliver']) {
    test(`has come with ${sign}()`, async (t) => {
      const dir = accounts(t, ['a']);
      const slow = async (context) => {
        context[sign]();
        await passing(60);
        return 'ok';
      };
      assert.equal((await run(dir, { a: slow }, { firstByteTimeoutMs: 20 }).answer).result, 'ok');
    });
  }

  test('may be the end of the attempt', async (t) => {
    const { answer } = run(accounts(t, ['a']), { a: () => setImmediate('ok') }, { firstByteTimeoutMs: PATIENCE });
    assert.equal((await answer).result, 'ok');
  });

  test('of a real server that sends headers and nothing else', async (t) => {
    const { url, dir, asked } = await provider(t, { a: chat([], 'silence'), b: chat(['Once']) });
    const { profileId } = await runWithAuthProfiles({
      provider: 'acme',
      agentDir: dir.path,
      firstByteTimeoutMs: PATIENCE,
      run: async ({ apiKey, signal, progress }) => {
        const response = await fetch(url, { headers: { authorization: `Bearer ${apiKey}` }, signal });
        for await (const _ of response.body) progress();
      },
    });
    assert.deepEqual([profileId, asked], ['acme:b', ['a', 'b']]);
  });
});

suite('silence after a sign of life', () => {
  const goSilent = (sign) => (context) => {
    context[sign]();
    return never();
  };

  test('of which nothing went out: the next account is asked', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const { answer, asked } = run(dir, { a: goSilent('progress'), b: 'ok' }, { idleTimeoutMs: 20 });
    const { attempts } = await answer;
    assert.deepEqual([asked, attempts[0].failure.class], [['a', 'b'], 'timeout']);
  });

  test('after deliver(): the run ends with the timeout, and nobody else is asked', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    let reason;
    const hang = ({ signal, deliver }) => {
      signal.addEventListener('abort', () => (reason = signal.reason));
      deliver();
      return never();
    };
    const { answer, asked } = run(dir, { a: hang, b: 'ok' }, { idleTimeoutMs: 20 });
    const error = await errorOf(answer);
    assert.deepEqual([error.name, error.limit, asked], ['TimeoutError', 'idleTimeoutMs', ['a']]);
    assert.equal(error, reason);
    assert.equal(dir.stats('a').cooldownUntil, undefined);
  });

  test('is cut in time, however patient the other limits are', async (t) => {
    const dir = accounts(t, ['a', 'b']);
    const limits = { idleTimeoutMs: 20, firstByteTimeoutMs: 3_600_000, timeoutMs: 3_600_000 };
    const { answer } = run(dir, { a: goSilent('progress'), b: 'ok' }, limits);
    assert.equal((await answer).profileId, 'b');
  });

  test('is no matter before the first sign', async (t) => {
    const slow = async () => {
      await passing(60);
      return 'ok';
    };
    assert.equal((await run(accounts(t, ['a']), { a: slow }, { idleTimeoutMs: 20 }).answer).result, 'ok');
  });

  for (const sign of ['progress', 'deliver']) {
    test(`does not exist in a stream that goes on calling ${sign}(), however long it is`, async (t) => {
      const long = async (context) => {
        await passing(2 * PATIENCE, context[sign]);
        return 'ok';
      };
      const limits = { idleTimeoutMs: PATIENCE, firstByteTimeoutMs: PATIENCE };
      assert.equal((await run(accounts(t, ['a']), { a: long }, limits).answer).result, 'ok');
    });
  }

  test('that only this process was to blame for is none: a sign that came meanwhile counts', async (t) => {
    const busy = async ({ progress }) => {
      progress();
      keepBusy(PATIENCE + 50);
      await passing(30, progress);
      return 'ok';
    };
    assert.equal((await run(accounts(t, ['a']), { a: busy }, { idleTimeoutMs: PATIENCE }).answer).result, 'ok');
  });

  test('is none either if this process hears of the limit before it hears of the server', async (t) => {
    const busy = async ({ progress }) => {
      progress();
      // Limits are told between two of these turns.
      await setImmediate();
      keepBusy(60);
      await setImmediate();
      progress();
      return 'ok';
    };
    const dir = accounts(t, ['a']);
    assert.equal((await run(dir, { a: busy }, { idleTimeoutMs: 20 }).answer).result, 'ok');
    assert.equal(dir.stats('a')?.failureCounts, undefined);
  });
});

test('no sign of life extends the limit of the whole attempt', async (t) => {
  const dir = accounts(t, ['a', 'b']);
  let isOver = false;
  const endless = async ({ signal, progress }) => {
    signal.addEventListener('abort', () => (isOver = true));
    while (!isOver) {
      progress();
      await setImmediate();
    }
    return 'late';
  };
  const { answer } = run(dir, { a: endless, b: 'ok' }, { timeoutMs: 40, idleTimeoutMs: PATIENCE });
  const { result, attempts } = await answer;
  assert.deepEqual([result, attempts[0].failure.text.includes('timeoutMs')], ['ok', true]);
});
