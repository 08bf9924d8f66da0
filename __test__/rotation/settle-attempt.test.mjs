// settleAttempt: whatever happens to a prompt and its compaction wait is an answer.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { suite, test } from 'node:test';
import { isTimeoutError, settleAttempt } from '../../index.js';

const never = new Promise(() => {});
const abortError = (text = 'This operation was aborted') => new DOMException(text, 'AbortError');
const fail = (error) => () => Promise.reject(error);
const quiet = { ok: true, value: 'v', promptError: null, aborted: false, timedOut: false, causedBy: 'none' };

/** Fails the test if anything it started rejects without being observed. */
function watchRejections(t) {
  const unhandled = [];
  const listener = (reason) => unhandled.push(reason);
  process.on('unhandledRejection', listener);
  t.after(() => process.off('unhandledRejection', listener));
  return async () => {
    // Rejections are reported after the microtasks of the turn in which they happened.
    await new Promise(setImmediate);
    assert.deepEqual(unhandled, []);
  };
}

suite('nobody interferes', () => {
  for (const [name, prompt] of [
    ['a promise', Promise.resolve('v')],
    ['a function', async () => 'v'],
    ['a function without a promise', () => 'v'],
    ['a thenable', { then: (resolve) => resolve('v') }],
  ]) {
    test(`the prompt is ${name}`, async () => {
      assert.deepEqual(await settleAttempt({ prompt }), quiet);
    });
  }

  test('the wait begins when the prompt has settled, and the answer comes after it', async () => {
    const steps = [];
    const step = (name) => async () => {
      steps.push(`${name} begins`);
      await new Promise(setImmediate);
      steps.push(`${name} ends`);
    };
    await settleAttempt({ prompt: step('prompt'), waitForCompactionRetry: step('wait') });
    assert.deepEqual(steps, ['prompt begins', 'prompt ends', 'wait begins', 'wait ends']);
  });

  test('a failed prompt is waited for too', async () => {
    let waited = false;
    const mine = new Error('429');
    const answer = await settleAttempt({
      prompt: fail(mine),
      waitForCompactionRetry: () => {
        waited = true;
      },
    });
    assert.ok(waited);
    assert.equal(answer.promptError, mine);
    assert.deepEqual({ ...answer, promptError: 0 }, { ...quiet, ok: false, value: undefined, promptError: 0 });
  });

  for (const thrown of ['a string', undefined, 0, { code: 7 }]) {
    test(`${JSON.stringify(thrown)} thrown by the prompt arrives as it is`, async () => {
      const answer = await settleAttempt({
        prompt: () => {
          throw thrown;
        },
      });
      assert.equal(answer.promptError, thrown);
      assert.equal(answer.ok, false);
    });
  }
});

suite('errors of the wait', () => {
  for (const error of [abortError(), new Error('Unsubscribed: run aborted')]) {
    test(`an abort (${error.name}: ${error.message}) becomes the prompt's error`, async () => {
      const answer = await settleAttempt({ prompt: () => 'v', waitForCompactionRetry: fail(error) });
      assert.equal(answer.promptError, error);
      assert.deepEqual({ ...answer, promptError: 0 }, { ...quiet, ok: false, promptError: 0 });
    });
  }

  test('an abort does not replace the error that the prompt has', async () => {
    const mine = new Error('429');
    const answer = await settleAttempt({ prompt: fail(mine), waitForCompactionRetry: fail(abortError()) });
    assert.equal(answer.promptError, mine);
  });

  for (const prompt of [() => 'v', fail(new Error('429'))]) {
    test('any other error is passed on as it is', async () => {
      const mine = new RangeError('broken session');
      const rejected = await settleAttempt({ prompt, waitForCompactionRetry: fail(mine) }).catch((error) => error);
      assert.equal(rejected, mine);
    });
  }
});

suite('the time is over', () => {
  test('a prompt that never settles', async () => {
    let waited = false;
    const waitForCompactionRetry = () => {
      waited = true;
      return never;
    };
    const { promptError, ...rest } = await settleAttempt({ prompt: never, waitForCompactionRetry, timeoutMs: 5 });
    assert.deepEqual(rest, { ok: false, value: undefined, aborted: true, timedOut: true, causedBy: 'timeout' });
    assert.deepEqual([promptError.name, promptError.code], ['TimeoutError', 'ERR_TIMEOUT']);
    assert.ok(isTimeoutError(promptError));
    assert.ok(waited);
  });

  test('a wait that never settles: the prompt is not forgotten', async () => {
    const answer = await settleAttempt({ prompt: () => 'v', waitForCompactionRetry: never, timeoutMs: 5 });
    assert.deepEqual([answer.value, answer.timedOut, answer.promptError.name], ['v', true, 'TimeoutError']);
    const mine = new Error('429');
    const failed = await settleAttempt({ prompt: fail(mine), waitForCompactionRetry: never, timeoutMs: 5 });
    assert.deepEqual([failed.promptError, failed.timedOut, failed.causedBy], [mine, true, 'timeout']);
  });
});

suite('the caller aborts', () => {
  const reason = { mine: true };

  for (const [name, params] of [
    ['the prompt', { prompt: never }],
    ['the wait', { prompt: () => undefined, waitForCompactionRetry: never }],
  ]) {
    test(`during ${name}: the reason is the very object, and the signal is left as it was`, async () => {
      const controller = new AbortController();
      const answer = settleAttempt({ ...params, signal: controller.signal, timeoutMs: 60_000 });
      setImmediate(() => controller.abort(reason));
      const { promptError, ...rest } = await answer;
      assert.equal(promptError, reason);
      assert.deepEqual(rest, { ok: false, value: undefined, aborted: true, timedOut: false, causedBy: 'caller' });
      assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
    });
  }

  test("a signal that times out is the caller's", async () => {
    const timeout = new DOMException('spent', 'TimeoutError');
    const controller = new AbortController();
    const answer = settleAttempt({ prompt: never, signal: controller.signal });
    controller.abort(timeout);
    const { promptError, timedOut, causedBy } = await answer;
    assert.deepEqual([promptError === timeout, timedOut, causedBy], [true, false, 'caller']);
  });

  test('before the start: no function is called', async () => {
    const answer = await settleAttempt({
      prompt: assert.fail,
      waitForCompactionRetry: assert.fail,
      signal: AbortSignal.abort(reason),
    });
    assert.deepEqual([answer.promptError === reason, answer.aborted, answer.causedBy], [true, true, 'caller']);
  });

  test('a session that ends quietly on it is still aborted', async () => {
    const controller = new AbortController();
    const prompt = () => {
      controller.abort(reason);
      return 'partial';
    };
    const answer = await settleAttempt({ prompt, signal: controller.signal });
    assert.deepEqual([answer.ok, answer.value, answer.aborted], [false, 'partial', true]);
  });

  test('an error that was there first stays', async () => {
    const mine = new Error('429');
    const controller = new AbortController();
    const prompt = () => {
      controller.abort(reason);
      throw mine;
    };
    const answer = await settleAttempt({ prompt, signal: controller.signal });
    assert.deepEqual([answer.promptError, answer.causedBy], [mine, 'caller']);
  });
});

suite('nothing is left unobserved', () => {
  test('promises that reject after the answer', async (t) => {
    const check = watchRejections(t);
    const late = [];
    const rejects = () => new Promise((_, reject) => late.push(() => reject(new Error('late'))));
    await settleAttempt({ prompt: rejects, waitForCompactionRetry: rejects, timeoutMs: 1 });
    assert.equal(late.length, 2);
    for (const reject of late) reject();
    await check();
  });

  test('promises that are passed with bad arguments', async (t) => {
    const check = watchRejections(t);
    const params = { prompt: Promise.reject(new Error('a')), waitForCompactionRetry: Promise.reject(new Error('b')) };
    await assert.rejects(settleAttempt({ ...params, timeoutMs: 0 }), { code: 'ERR_INVALID_ARGUMENT' });
    await check();
  });
});

suite('bad arguments', () => {
  for (const [field, params] of [
    ['params', null],
    ['params.prompt', {}],
    ['params.prompt', { prompt: 'text' }],
    ['params.waitForCompactionRetry', { prompt: () => {}, waitForCompactionRetry: true }],
    ['params.timeoutMs', { prompt: () => {}, timeoutMs: 0 }],
    ['params.timeoutMs', { prompt: () => {}, timeoutMs: '5' }],
    ['params.signal', { prompt: () => {}, signal: {} }],
  ]) {
    test(`${field} is named (${JSON.stringify(params)})`, async () => {
      await assert.rejects(settleAttempt(params), { name: 'TypeError', code: 'ERR_INVALID_ARGUMENT', field });
    });
  }

  test('the prompt is not called then', async () => {
    await assert.rejects(settleAttempt({ prompt: assert.fail, timeoutMs: -1 }), { field: 'params.timeoutMs' });
  });
});
