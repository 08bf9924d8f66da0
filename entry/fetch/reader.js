'use strict';
// Reads the body of one answer: up to the verdict for us, then for the caller, chunk by chunk as he asks for them.

const core = require('../../index.js');
const { within } = require('../within.js');

// The core's words for how an answer stands.
const UNDECIDED = 0;
const FAILED = 2;
const VERDICT = 3;
const IS_OVER = 4;
/** Nobody has read for so long: the account is free for others, and the body can still be read. */
const UNREAD_MS = 60_000;

/** A body that nobody holds any more is let go. */
const collected = new FinalizationRegistry((reader) => reader.leave());

exports.Reader = class Reader {
  /** `signs` are the attempt's: `progress()` and `deliver()`. */
  constructor(body, contentType, signs, idleMs, signal) {
    this.source = body.getReader();
    this.judge = core.answerJudge(contentType);
    this.state = core.answerState(this.judge);
    this.signs = signs;
    this.idleMs = idleMs;
    this.signal = signal;
    /** What was read before it was asked for. */
    this.held = [];
    this.reading = null;
    this.isDone = false;
    this.broken = null;
    this.ending = null;
    /** How the answer ended. The attempt waits for it, if it comes to that. */
    this.ended = new Promise((resolve, reject) => {
      this.succeed = resolve;
      this.fail = reject;
    });
    this.ended.catch(() => {});
  }

  /** Reads until the answer has begun, failed or ended, for `waitMs` at most. Whether it may go to the caller. */
  async decide(waitMs) {
    if (this.isUndecided()) {
      let timer;
      const enough = new Promise((resolve) => {
        timer = setTimeout(() => {
          this.state = core.letAnswerThrough(this.judge);
          resolve();
        }, waitMs);
      });
      while (this.isUndecided()) {
        this.reading ??= this.read();
        await Promise.race([this.reading, enough]);
      }
      clearTimeout(timer);
    }
    return (this.state & VERDICT) !== FAILED;
  }

  isUndecided() {
    return (this.state & VERDICT) === UNDECIDED && !this.isDone;
  }

  /** Reads one chunk more into `held`, or the end. Never rejects. */
  async read() {
    try {
      const { done, value } = await this.next();
      if (done) {
        this.isDone = true;
        this.settle(true);
      } else {
        this.signs.progress();
        this.held.push(value);
        this.state = core.pushAnswer(this.judge, value);
        if (this.state & IS_OVER) this.settle(true);
      }
    } catch (error) {
      this.isDone = true;
      this.broken = { error };
      this.settle(false, error);
    }
    this.reading = null;
  }

  next() {
    return within(this.source.read(), this.idleMs, (error) => this.source.cancel(error).catch(() => {}));
  }

  /** The answer is over, in order or by `error`. */
  settle(isInOrder, error) {
    if (this.ending) return;
    this.ending = core.endAnswer(this.judge, isInOrder);
    this.state = this.ending.state;
    clearTimeout(this.unread);
    if (this.ending.kind === 'complete') this.succeed(this.ending);
    else this.fail(error ?? null);
  }

  /** No answer: reads no more, and gives what the attempt failed with. A connection that broke says so itself. */
  refuse(asError) {
    this.isDone = true;
    this.settle(true);
    this.source.cancel().catch(() => {});
    return this.broken?.error ?? asError(this.ending, this.held);
  }

  /** The caller wants no more of it. What he had was an answer. */
  leave(reason) {
    this.isDone = true;
    if (!this.ending) {
      this.ending = { kind: 'left' };
      clearTimeout(this.unread);
      this.succeed(this.ending);
    }
    return this.source.cancel(reason).catch(() => {});
  }

  /** The caller's body. Nothing here holds it: when he lets it go, the attempt ends. */
  stream() {
    const source = { pull: (controller) => this.pull(controller), cancel: (reason) => this.leave(reason) };
    const stream = new ReadableStream(source, { highWaterMark: 0 });
    collected.register(stream, this);
    if (!this.ending) this.watchUnread();
    return stream;
  }

  async pull(controller) {
    this.lastPull = Date.now();
    while (this.held.length === 0 && !this.isDone) {
      this.reading ??= this.read();
      await this.reading;
    }
    if (this.held.length > 0) {
      for (const chunk of this.held) controller.enqueue(chunk);
      this.held = [];
    } else if (this.broken) {
      controller.error(this.broken.error);
    } else {
      controller.close();
    }
  }

  /** Looks once in a while whether somebody reads; keeps no process alive. */
  watchUnread() {
    this.lastPull = Date.now();
    const look = () => {
      if (this.ending) return;
      if (this.reading || Date.now() - this.lastPull < UNREAD_MS) this.watch(look);
      else this.goUnread();
    };
    this.watch(look);
  }

  /** The attempt ends, and with it its signal: the caller's own counts from now on. */
  goUnread() {
    this.succeed({ kind: 'unread' });
    const abort = () => {
      this.isDone = true;
      this.broken = { error: this.signal.reason };
      this.source.cancel(this.signal.reason).catch(() => {});
    };
    this.signal?.addEventListener('abort', abort, { once: true });
  }

  watch(look) {
    this.unread = setTimeout(look, UNREAD_MS);
    this.unread.unref?.();
  }
};
