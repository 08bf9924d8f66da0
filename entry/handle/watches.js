'use strict';
// The watches of a handle: of its file, or of its memory, which only its own runs and edits change.

/** The events after which a profile's entry is another one. */
const CHANGING = new Set(['failed', 'succeeded', 'refused', 'refreshed']);

class Watches {
  #core;
  #native;
  #open = new Set();
  /** Of memory. */
  #listeners = new Set();

  constructor(core, native) {
    this.#core = core;
    this.#native = native;
  }

  async open(params) {
    const core = this.#core;
    await core.ready();
    const agentDir = core.handle.directory();
    const watch = agentDir === null ? this.#openMemory(params) : await this.#openFile(params, agentDir);
    this.#open.add(watch);
    return watch;
  }

  #openFile(params, agentDir) {
    // The handle's own place: what it was given, if it was given one.
    const given = this.#core.base.agentDir;
    return this.#native.watchAuthProfiles({ ...params, agentDir: this.#core.handle.ids.length ? agentDir : given });
  }

  #openMemory({ onChange, signal }) {
    signal?.throwIfAborted();
    const store = () => this.#core.handle.store();
    const listener = (changed) => onChange({ store: store(), changed });
    const close = () => {
      this.#listeners.delete(listener);
      signal?.removeEventListener('abort', close);
    };
    signal?.addEventListener('abort', close, { once: true });
    this.#listeners.add(listener);
    return { store: store(), close };
  }

  /** The caller's listener, and ours behind it. */
  hearing(onEvent) {
    if (this.#listeners.size === 0) return onEvent;
    return (event) => {
      if (CHANGING.has(event.type)) this.changed(event.profileId ? [event.profileId] : this.#core.handle.ids);
      return onEvent?.(event);
    };
  }

  changed(profileIds) {
    for (const listener of this.#listeners) queueMicrotask(() => listener([...new Set(profileIds)]));
  }

  close() {
    for (const watch of this.#open) watch.close();
    this.#open.clear();
  }
}

module.exports = { Watches };
