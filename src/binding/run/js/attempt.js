// What of an attempt must be JavaScript: the call itself, and the reading of a body. What they mean is decided in Rust.
(function linkAttempts(sign) {
  'use strict';

  // Looks up what the profile names by reference. A secret that comes when the attempt is over is not used.
  async function lookUp(attempt, context, { resolve, field, provider }) {
    attempt.isLookingUp = true;
    const { profileId, signal } = context;
    const secret = await resolve(context.credential[field], { profileId, provider, signal });
    signal.throwIfAborted();
    if (typeof secret !== 'string' || secret.trim() === '') {
      attempt.isEmpty = true;
      throw undefined;
    }
    attempt.secret = secret;
    attempt.isLookingUp = false;
    context.apiKey = secret;
  }

  // The very value, or the very thing that was thrown.
  function settle(work, isFulfilled, value) {
    work.isFulfilled = isFulfilled;
    work.value = value;
    work.isSettled = true;
    work.wake?.();
  }

  // Calls the function in a turn of its own. JavaScript itself makes a promise of whatever happens: a value, a thenable
  // or a throw of anything. The functions of the context may be called without it, and after the attempt.
  function begin(run, profileId, credential, apiKey, number, key, secret) {
    const controller = new AbortController();
    const context = {
      profileId,
      credential: JSON.parse(credential),
      apiKey,
      attempt: number,
      signal: controller.signal,
      progress: () => sign(key, false),
      deliver: () => sign(key, true),
    };
    const attempt = {
      controller,
      context,
      isSettled: false,
      isFulfilled: false,
      value: undefined,
      wake: undefined,
      isPromised: false,
      isLookingUp: false,
      isEmpty: false,
      secret: '',
    };
    const call = () => {
      const value = run(context);
      attempt.isPromised = typeof value?.then === 'function';
      return value;
    };
    const ready = Promise.resolve();
    const answer = (secret ? ready.then(() => lookUp(attempt, context, secret)) : ready).then(call);
    answer.then(
      (value) => settle(attempt, true, value),
      (error) => settle(attempt, false, error),
    );
    return attempt;
  }

  // Reads a copy of a response's body, so that the caller can still read his own: at most so many bytes, and until
  // `take` is called. A body that was read, or is being read, cannot be copied.
  function read(response, mostBytes) {
    const chunks = [];
    let missing = mostBytes;
    let stop = () => {};

    function add(chunk) {
      const bytes = typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
      chunks.push(bytes.subarray(0, missing));
      missing -= chunks.at(-1).length;
    }

    async function readAll() {
      if (response.bodyUsed || response.body?.locked || typeof response.clone !== 'function') return;
      const { body } = response.clone();
      // Web streams; node-fetch has a stream of Node's.
      const reader = body?.getReader?.();
      const chunksOfBody = reader ? undefined : body?.[Symbol.asyncIterator]();
      stop = () => (reader ? reader.cancel().catch(() => {}) : body?.destroy?.());
      while (missing > 0) {
        const { done, value } = await (reader ? reader.read() : chunksOfBody.next());
        if (done) return;
        add(value);
      }
    }

    const reading = {
      isSettled: false,
      wake: undefined,
      take() {
        missing = 0;
        stop();
        const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
        let end = 0;
        for (const chunk of chunks) {
          whole.set(chunk, end);
          end += chunk.length;
        }
        return whole;
      },
    };
    // Also when the body breaks off: what has arrived counts.
    const end = () => settle(reading, true);
    readAll().then(end, end);
    return reading;
  }

  return { begin, read };
});
