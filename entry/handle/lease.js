'use strict';
// One attempt of a run, handed out. What of it must be JavaScript: the object itself, a timer that keeps no process alive,
// the caller's signal, and the garbage collector's word. What they mean is decided in Rust: `run/driver/held.rs`.

const native = require('../../index.js');

const ignore = () => {};

/** Of leases that nobody can settle any more. */
const collected = new FinalizationRegistry((attempt) => attempt.forget());
let hasWarned = false;

/** What stays of a lease when it is collected; it must not reach the lease. */
class Attempt {
  #context;
  #signal;
  #timer;
  #onAbort = () => this.#end();
  /** The failure that it came to, as a promise. */
  #failure = null;
  /** How the run ended, as a promise. */
  #outcome = null;

  constructor(context, signal) {
    this.#context = context;
    this.#signal = signal ?? undefined;
    if (this.#signal?.aborted) this.#end();
    else this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#watchLimits();
  }

  succeed() {
    if (this.#isOver) return;
    this.#leave();
    this.#outcome = this.#context.tell('succeeded');
  }

  fail(evidence) {
    if (this.#outcome) return Promise.resolve(null);
    clearTimeout(this.#timer);
    this.#failure ??= this.#context.tell('failed', evidence);
    return this.#failure;
  }

  /** The next attempt's context. */
  async next() {
    await this.#failure;
    if (this.#outcome) return this.#outcome;
    const next = this.#context.tell('next');
    this.#leave();
    this.#outcome = next;
    return next;
  }

  release() {
    if (!this.#outcome) this.#end();
  }

  forget() {
    const wasOpen = !this.#isOver;
    this.release();
    if (!wasOpen || hasWarned) return;
    hasWarned = true;
    process.emitWarning(
      'auth-failover: a lease was lost: nobody called succeed(), fail() or release(); its reservation is over',
      { code: 'WARN_LEASE_LOST' },
    );
  }

  get #isOver() {
    return Boolean(this.#failure ?? this.#outcome);
  }

  /** Nothing came of it: the caller's signal, or his word. */
  #end() {
    this.#leave();
    this.#outcome = this.#context.tell('released');
    this.#outcome.catch(ignore);
  }

  #leave() {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
    collected.unregister(this);
  }

  #watchLimits() {
    if (this.#isOver) return;
    const left = this.#context.remaining();
    if (left < 0) this.#failure = this.#context.tell('failed');
    else if (left < Infinity) {
      this.#timer = setTimeout(() => this.#watchLimits(), Math.ceil(left));
      this.#timer.unref?.();
    }
  }
}

const METHODS = ['succeed', 'fail', 'next', 'release', 'deliver', 'progress'];

class AuthProfileLease {
  #attempt;
  #context;
  #params;
  #carriedOf;

  constructor(context, params, carriedOf) {
    this.profileId = context.profileId;
    this.attempt = context.attempt;
    this.apiKey = context.apiKey;
    this.credential = context.credential;
    this.signal = context.signal;
    Object.assign(this, carriedOf(context));
    this.#context = context;
    this.#params = params;
    this.#carriedOf = carriedOf;
    // Each keeps the lease, so that one which was taken apart is collected with the last of its parts.
    for (const name of METHODS) hide(this, name, this[name].bind(this));
    this.#attempt = new Attempt(context, params.signal);
    collected.register(this, this.#attempt, this.#attempt);
  }

  succeed() {
    this.#attempt.succeed();
  }

  fail(evidence) {
    return this.#attempt.fail(evidence);
  }

  async next() {
    const context = await this.#attempt.next();
    return context?.tell ? new AuthProfileLease(context, this.#params, this.#carriedOf) : null;
  }

  release() {
    this.#attempt.release();
  }

  deliver() {
    this.#context.deliver();
  }

  progress() {
    this.#context.progress();
  }

  [Symbol.dispose]() {
    this.#attempt.release();
  }

  async [Symbol.asyncDispose]() {
    this.#attempt.release();
  }

  /** What logs show. */
  toJSON() {
    return { profileId: this.profileId, attempt: this.attempt };
  }

  [Symbol.for('nodejs.util.inspect.custom')](_depth, options, inspect) {
    return `AuthProfileLease ${inspect(this.toJSON(), options)}`;
  }
}

function hide(lease, name, value) {
  Object.defineProperty(lease, name, { value, enumerable: false });
}

/** The first lease of the run that `open` begins. `carriedOf` tells what goes with the account's key. */
async function openLease(open, params, carriedOf) {
  const context = await open({ ...params, run: ignore });
  return new AuthProfileLease(context, params, carriedOf);
}

/** The first lease of a run with these parameters; rejects as `runWithAuthProfiles` does. */
const lease = (params) => openLease(native.openLease, params, () => undefined);

module.exports = { lease, openLease };
