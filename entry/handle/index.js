'use strict';
// `createFailover`: one object for everything that a program does with its accounts. It carries objects to Rust, which
// checks the options and decides.

const native = require('../../index.js');
const { attached, splitOptions } = require('../fetch/attach.js');
const { lease, openLease } = require('./lease.js');
const { Watches } = require('./watches.js');

/** What goes with a key, and what only a function of the caller's knows. */
function readProfiles(profiles, ids) {
  const carried = new Map();
  const functions = new Map();
  for (const [index, profile] of (profiles ?? []).entries()) {
    const id = ids[index];
    if (typeof profile === 'string' || carried.has(id)) continue;
    carried.set(id, { baseURL: profile.baseURL ?? null, headers: profile.headers ?? null });
    if (typeof profile.apiKey === 'function') functions.set(id, profile.apiKey);
  }
  return { carried, functions };
}

/** A key that `auth-failover add --key-env` has named, and any other store's reference to the environment. */
const fromVariable = (reference) => (reference?.source === 'env' ? process.env[reference.id] : undefined);

const NOTHING = Object.freeze({ baseURL: null, headers: null });

/** Those that are set win, so that an option which is left open says nothing. */
function merged(base, given) {
  const all = { ...base };
  for (const [name, value] of Object.entries(given)) if (value !== undefined) all[name] = value;
  return all;
}

/** Both listeners hear; a fault of one is told as a fault of the listener. */
function both(first, second) {
  if (!first || !second || first === second) return second ?? first;
  return (event) => {
    try {
      return first(event);
    } finally {
      second(event);
    }
  };
}

/**
 * What stands behind a handle, for what is built on it (`fetch`, `stream`).
 *
 * `lease(params)` and `run(params)` take what `runWithAuthProfiles` takes; `carriedOf(id)` is `{ baseURL, headers }`.
 */
class Core {
  constructor(options) {
    this.handle = native.openHandle(options);
    const { profiles, name, state, onEvent, ...base } = options;
    const { carried, functions } = readProfiles(profiles, this.handle.ids);
    this.carried = carried;
    this.base = base;
    this.onEvent = onEvent ?? undefined;
    this.watches = new Watches(this, native);
    const resolve = options.resolveSecret ?? fromVariable;
    this.base.resolveSecret = (reference, about) => {
      const key = functions.get(about.profileId);
      return key ? key(about) : resolve(reference, about);
    };
  }

  carriedOf(profileId) {
    return this.carried.get(profileId) ?? NOTHING;
  }

  params(given) {
    const params = merged(this.base, given ?? {});
    params.provider = this.base.provider;
    params.agentDir = this.base.agentDir;
    params.onEvent = this.watches.hearing(both(this.onEvent, given?.onEvent ?? undefined));
    return params;
  }

  /** The state lists the accounts from the first request on. */
  async ready() {
    if (!this.handle.isReady()) await this.handle.prepare();
  }

  async run(given) {
    await this.ready();
    const { run } = given;
    const params = this.params(given);
    if (typeof run === 'function')
      params.run = (context) => run(Object.assign(context, this.carriedOf(context.profileId)));
    return this.handle.run(params);
  }

  async lease(given) {
    await this.ready();
    const params = this.params(given);
    const first = await openLease(this.handle.lease, params, (context) => this.carriedOf(context.profileId));
    return first;
  }

  async describe(given) {
    await this.ready();
    return this.handle.describe(given ?? {});
  }

  async edit(what, params) {
    await this.ready();
    const done = await this.handle.edit(what, params);
    if (done.changed) this.watches.changed([params.profileId]);
    return done;
  }
}

/** See `Failover` in index.d.ts. */
class Failover {
  #core;

  constructor(options) {
    const split = splitOptions(options);
    this.#core = new Core(split.rest);
    Object.assign(
      this,
      attached((params) => this.#core.run(params), split),
    );
    // `const { run } = createFailover(…)`, or `fetch: accounts.fetch`.
    for (const name of METHODS) this[name] = this[name].bind(this);
  }

  async run(given) {
    if (typeof given === 'function') return this.#core.run({ run: given });
    native.checkCall('run', given);
    return this.#core.run(given);
  }

  async lease(params) {
    native.checkCall('lease', params ?? {});
    return this.#core.lease(params ?? {});
  }

  async describe(params) {
    native.checkCall('describe', params ?? {});
    return this.#core.describe(params);
  }

  async watch(params) {
    native.checkCall('watch', params);
    return this.#core.watches.open(params);
  }

  clear(profileId) {
    return this.#core.edit('clear', { profileId });
  }

  async rest(profileId, params) {
    native.checkCall('rest', params);
    return this.#core.edit('rest', { ...params, profileId });
  }

  pause(profileId) {
    return this.#core.edit('pause', { profileId });
  }

  resume(profileId) {
    return this.#core.edit('resume', { profileId });
  }

  settled() {
    return native.settled();
  }

  async close() {
    this.#core.watches.close();
    await native.settled();
  }

  [Symbol.asyncDispose]() {
    return this.close();
  }
}

const METHODS = ['run', 'lease', 'describe', 'watch', 'clear', 'rest', 'pause', 'resume', 'settled', 'close'];

function createFailover(options) {
  return new Failover(options);
}

module.exports = { createFailover, lease };
