'use strict';
// Reads the items of an SDK's stream: up to the first content for us, then for the caller, one by one as he asks.

const core = require('../../index.js');
const { within } = require('../within.js');

const CONTENT = 1;
const ERROR = 2;

/** What an item is to the core: an announcement, content, an error. */
function weigh(item) {
  try {
    return core.weighItem(JSON.stringify(item) ?? 'null');
  } catch {
    // What cannot be written as JSON is the caller's own.
    return CONTENT;
  }
}

/** The error that an item stands for. */
function errorOf(item) {
  if (item.error instanceof Error) return item.error;
  return Object.assign(new Error('the stream gave an error instead of an answer'), { body: JSON.stringify(item) });
}

/** A stream that nobody holds any more is let go. */
const collected = new FinalizationRegistry((items) => items.leave());

exports.Items = class Items {
  /** `signs` are the attempt's: `progress()` and `deliver()`. */
  constructor(iterator, signs, idleMs = null) {
    this.iterator = iterator;
    this.signs = signs;
    this.idleMs = idleMs;
    this.held = [];
    this.isDone = false;
    this.value = undefined;
    /** How it ended: the attempt waits for that. */
    this.ended = new Promise((resolve, reject) => {
      this.succeed = resolve;
      this.fail = reject;
    });
    this.ended.catch(() => {});
  }

  /** Reads until the answer has begun or ended; throws what came instead. */
  async decide() {
    try {
      for (let kind = 0; kind !== CONTENT && !this.isDone; ) {
        const { done, value } = await this.read();
        this.signs.progress();
        if (done) {
          this.end(value);
        } else {
          kind = weigh(value);
          if (kind === ERROR) throw errorOf(value);
          this.held.push(value);
        }
      }
    } catch (error) {
      this.leave();
      throw error;
    }
    this.signs.deliver();
  }

  read() {
    return within(this.iterator.next(), this.idleMs, () => this.letGo());
  }

  /** The next item, as an iterator gives it. */
  async next() {
    if (this.held.length > 0) return { done: false, value: this.held.shift() };
    if (this.isDone) return { done: true, value: this.value };
    let next;
    try {
      next = await this.read();
    } catch (error) {
      this.isDone = true;
      this.fail(error);
      throw error;
    }
    this.signs.progress();
    if (next.done) this.end(next.value);
    // Some SDKs tell an error as an item: it goes to the caller as it is, and is what the answer came to.
    else if (next.value?.type === 'error') this.fail(errorOf(next.value));
    return next;
  }

  end(value) {
    this.isDone = true;
    this.value = value;
    this.succeed();
  }

  /** The caller wants no more of it. What he had was an answer. */
  leave() {
    this.isDone = true;
    this.held = [];
    this.succeed();
    return this.letGo();
  }

  async letGo() {
    try {
      await this.iterator.return?.();
    } catch {
      // Nobody reads on.
    }
  }

  /** When `holder` is collected, nobody will read on. Nothing here may hold it. */
  endWith(holder) {
    collected.register(holder, this);
  }
};
