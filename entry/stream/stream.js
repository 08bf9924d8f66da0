'use strict';
// `accounts.stream`: an async iterable that asks one account after the other until one has begun to answer.

const core = require('../../index.js');
const { Items } = require('./items.js');

/** The AI SDK's results have several streams; this one has everything, errors too. */
const iterableOf = (source) => source?.fullStream ?? source;

function iteratorOf(source) {
  const iterable = iterableOf(source);
  const open = iterable?.[Symbol.asyncIterator] ?? iterable?.[Symbol.iterator];
  if (typeof iterable !== 'object' || typeof open !== 'function') {
    throw new TypeError('what stream() calls must return an async iterable or a promise of one');
  }
  const iterator = open.call(iterable);
  return typeof iterable.done === 'function' && 'errored' in iterable ? ending(iterable, iterator) : iterator;
}

/** The helpers of `openai` and `@anthropic-ai/sdk` lose an error that comes while nobody waits for an item: ask them. */
function ending(source, iterator) {
  return {
    async next() {
      const next = await iterator.next();
      if (next.done && source.errored) await source.done();
      return next;
    },
    return: () => iterator.return?.(),
  };
}

/** The items of the first account whose answer has begun; rejects as `run` does. */
function begin(run, { run: open, ...given }, settings) {
  const idleMs = given.idleTimeoutMs ?? settings.idleTimeoutMs ?? null;
  const params = { ...given, idleTimeoutMs: null };
  const { sessionKey } = settings;
  if (typeof sessionKey === 'string') params.sessionKey ??= sessionKey;
  return new Promise((resolve, reject) => {
    const attempt = async (context) => {
      const items = new Items(iteratorOf(await open(context)), context, idleMs);
      await items.decide();
      resolve(items);
      return items.ended;
    };
    Promise.resolve(run({ ...params, run: attempt })).catch(reject);
  });
}

/** Begins with the first `next()`, like a generator. */
class FailoverStream {
  #begin;
  #items = null;
  #isClosed = false;

  constructor(run, given, settings) {
    const params = typeof given === 'function' ? { run: given } : given;
    core.checkCall('run', params);
    this.#begin = () => begin(run, params, settings);
  }

  async next() {
    if (this.#isClosed) return { done: true, value: undefined };
    if (!this.#items) {
      this.#items = this.#begin();
      (await this.#items).endWith(this);
    }
    return (await this.#items).next();
  }

  async return(value) {
    this.#isClosed = true;
    // What never began has nothing to end, and what failed has ended.
    const items = await this.#items?.catch?.(() => null);
    await items?.leave();
    return { done: true, value };
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

exports.createStream =
  (run, settings = {}) =>
  (given) =>
    new FailoverStream(run, given, settings);
