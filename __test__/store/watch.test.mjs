// watchAuthProfiles: what other processes write arrives by itself.
import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import {
  isProfileInCooldown,
  markAuthProfileUsed,
  readAuthProfileStore,
  watchAuthProfiles,
  withAuthProfileLock,
} from '../../index.js';
import { AgentDir, hostText, oauth, storeOf } from '../support/agent-dir.mjs';
import { eventually, VAIN_WAIT_MS } from '../support/changed.mjs';
import { start } from '../support/child.mjs';

const STORE = storeOf({ a: oauth('p'), b: oauth('p') });
const used = (at, id = 'a') => ({ ...STORE, usageStats: { [id]: { lastUsed: at } } });

/** A watch whose events can be waited for. The wait keeps the process alive, because the watch does not. */
async function watching(t, params) {
  const events = [];
  let wake = () => {};
  const note = (event) => {
    events.push(event);
    wake();
  };
  const watch = await watchAuthProfiles({ onChange: note, onError: (error) => note({ error }), ...params });
  t.after(watch.close);
  /** The first event, of those not yet looked at, that fits. */
  const next = async (fits = () => true) => {
    for (;;) {
      while (events.length > 0) {
        const event = events.shift();
        if (fits(event)) return event;
      }
      const alive = setInterval(() => {}, 1000);
      await new Promise((resolve) => {
        wake = resolve;
      });
      clearInterval(alive);
    }
  };
  return { watch, events, next };
}

/** Ends when everything written so far has been told: a marker write comes last. */
async function settle(dir, next, at) {
  replace(dir.file, used(at));
  return next((event) => event.store?.usageStats?.a?.lastUsed === at);
}

/** Replaces a file as native writers do. */
function replace(file, store) {
  writeFileSync(`${file}.fresh`, hostText(store));
  renameSync(`${file}.fresh`, file);
}

async function mark(t, agentDir, profileIds, marks = 1) {
  const child = start(t, 'marker.mjs', { agentDir, profileIds, marks });
  assert.equal(await child.next(), 'ready');
  child.send('go');
  assert.equal((await child.next()).persisted, marks);
}

suite('what arrives', () => {
  test('a cooldown that another process books, with the profile and the whole store', async (t) => {
    const dir = new AgentDir(t, STORE);
    const { watch, next } = await watching(t, { agentDir: dir.path });
    assert.deepEqual(watch.store, await readAuthProfileStore({ agentDir: dir.path }));
    await mark(t, dir.path, ['b']);
    const { store, changed } = await next();
    assert.deepEqual(changed, ['b']);
    assert.ok(isProfileInCooldown(store, 'b'));
    assert.deepEqual(store, await readAuthProfileStore({ agentDir: dir.path }));
  });

  test('a mark of this process', async (t) => {
    const dir = new AgentDir(t, STORE);
    const { next } = await watching(t, { agentDir: dir.path });
    await markAuthProfileUsed({ store: structuredClone(STORE), profileId: 'a', agentDir: dir.path });
    assert.deepEqual((await next()).changed, ['a']);
  });

  test('a rewrite in place, as old hosts do it', async (t) => {
    const dir = new AgentDir(t, STORE);
    const { next } = await watching(t, { agentDir: dir.path });
    dir.write(used(1));
    assert.equal((await next()).store.usageStats.a.lastUsed, 1);
  });

  test('the last state of a burst, in fewer calls than writes', async (t) => {
    const dir = new AgentDir(t, STORE);
    const { events, next } = await watching(t, { agentDir: dir.path });
    for (let at = 1; at <= 100; at++) replace(dir.file, used(at));
    let calls = 0;
    await next((event) => {
      calls += 1;
      return event.store.usageStats.a.lastUsed === 100;
    });
    assert.ok(calls + events.length < 50, `${calls} calls`);
  });

  test('every profile that changed while the event loop was busy, and the last state', async (t) => {
    const dir = new AgentDir(t, STORE);
    const { next } = await watching(t, { agentDir: dir.path });
    // A watch of another thread tells when each state has been read, while this thread stands.
    const told = new Int32Array(new SharedArrayBuffer(4));
    const workerData = { agentDir: dir.path, profileId: 'b', told };
    const worker = new Worker(new URL('../support/watch-teller.mjs', import.meta.url), { workerData });
    t.after(() => worker.terminate());
    await once(worker, 'message');
    const readByOthers = (before) => assert.notEqual(Atomics.wait(told, 0, before, VAIN_WAIT_MS), 'timed-out');
    replace(dir.file, used(1, 'b'));
    readByOthers(0);
    replace(dir.file, { ...STORE, usageStats: { a: { lastUsed: 2 }, b: { lastUsed: 1 } } });
    const changes = new Set();
    await next(({ store, changed }) => {
      for (const id of changed) changes.add(id);
      return store.usageStats.a?.lastUsed === 2;
    });
    assert.deepEqual([...changes].sort(), ['a', 'b']);
  });

  test('a new order, without a profile', async (t) => {
    const dir = new AgentDir(t, STORE);
    const { next } = await watching(t, { agentDir: dir.path });
    replace(dir.file, { ...STORE, order: { p: ['b'] } });
    const { store, changed } = await next();
    assert.deepEqual([changed, store.order], [[], { p: ['b'] }]);
  });

  test('usage in auth-state.json', async (t) => {
    const dir = new AgentDir(t, STORE);
    const { next } = await watching(t, { agentDir: dir.path });
    replace(join(dir.path, 'auth-state.json'), { version: 1, usageStats: { b: { lastUsed: 3 } } });
    const { store, changed } = await next();
    assert.deepEqual([changed, store.usageStats.b.lastUsed], [['b'], 3]);
  });

  test("the main agent's profiles, for a sub-agent", async (t) => {
    const main = new AgentDir(t, STORE);
    const sub = new AgentDir(t, storeOf({ c: oauth('p') }));
    process.env.OPENCLAW_AGENT_DIR = main.path;
    t.after(() => delete process.env.OPENCLAW_AGENT_DIR);
    const { watch, next } = await watching(t, { agentDir: sub.path });
    assert.deepEqual(Object.keys(watch.store.profiles).sort(), ['a', 'b', 'c']);
    replace(main.file, used(4, 'b'));
    assert.deepEqual((await next()).changed, ['b']);
  });
});

suite('what does not', () => {
  test('locks, temporary files and rewrites of the same content', async (t) => {
    const dir = new AgentDir(t, STORE);
    const { next } = await watching(t, { agentDir: dir.path });
    for (let round = 0; round < 3; round++) await withAuthProfileLock(dir.path, () => {});
    writeFileSync(join(dir.path, 'auth-profiles.json.tmp'), '{}');
    replace(dir.file, STORE);
    replace(dir.file, used(5));
    assert.equal((await next()).store.usageStats?.a.lastUsed, 5);
  });

  test('anything after close', async (t) => {
    const dir = new AgentDir(t, STORE);
    const closed = await watching(t, { agentDir: dir.path });
    const other = await watching(t, { agentDir: dir.path });
    replace(dir.file, used(1));
    closed.watch.close();
    closed.watch.close();
    await settle(dir, other.next, 2);
    assert.deepEqual(closed.events, []);
  });

  test('anything after the signal, which is left without a listener', async (t) => {
    const dir = new AgentDir(t, STORE);
    const controller = new AbortController();
    const { signal } = controller;
    const removed = new Promise((resolve) => {
      t.mock.method(signal, 'removeEventListener', (...listener) => {
        EventTarget.prototype.removeEventListener.apply(signal, listener);
        resolve();
      });
    });
    const stopped = await watching(t, { agentDir: dir.path, signal });
    const other = await watching(t, { agentDir: dir.path });
    controller.abort();
    await settle(dir, other.next, 2);
    assert.deepEqual(stopped.events, []);
    await removed;
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });
});

suite('what comes and goes', () => {
  test('a store whose directory does not exist yet', async (t) => {
    const dir = new AgentDir(t);
    const agentDir = join(dir.path, 'agents', 'x', 'agent');
    const { watch, next } = await watching(t, { agentDir });
    assert.equal(watch.store, null);
    mkdirSync(agentDir, { recursive: true });
    replace(join(agentDir, 'auth-profiles.json'), STORE);
    assert.deepEqual((await next()).changed, ['a', 'b']);
  });

  for (const [name, remove] of [
    ['deleted', (path) => rmSync(path, { recursive: true })],
    ['moved away', (path) => renameSync(path, `${path}.old`)],
  ]) {
    test(`a directory that is ${name} and made again`, async (t) => {
      const dir = new AgentDir(t);
      const agentDir = join(dir.path, 'agent');
      const file = join(agentDir, 'auth-profiles.json');
      mkdirSync(agentDir);
      replace(file, STORE);
      const { next } = await watching(t, { agentDir });
      for (let at = 1; at <= 5; at++) {
        remove(agentDir);
        mkdirSync(agentDir);
        replace(file, used(at));
        await next((event) => event.store?.usageStats?.a?.lastUsed === at);
        replace(file, used(at + 100));
        await next((event) => event.store?.usageStats?.a?.lastUsed === at + 100);
        rmSync(`${agentDir}.old`, { recursive: true, force: true });
      }
    });
  }

  test('the target of a link, and the link', async (t) => {
    const [dir, first, second] = [new AgentDir(t), new AgentDir(t, STORE), new AgentDir(t, used(7))];
    symlinkSync(first.file, dir.file);
    const { next } = await watching(t, { agentDir: dir.path });
    replace(first.file, used(6));
    assert.equal((await next()).store.usageStats.a.lastUsed, 6);
    symlinkSync(second.file, `${dir.file}.link`);
    renameSync(`${dir.file}.link`, dir.file);
    assert.equal((await next()).store.usageStats.a.lastUsed, 7);
    replace(second.file, used(8));
    assert.equal((await next()).store.usageStats.a.lastUsed, 8);
  });

  for (const [name, code, spoil] of [
    ['deleted', 'ERR_STORE_MISSING', (dir) => rmSync(dir.file)],
    ['broken', 'ERR_STORE_UNREADABLE', (dir) => dir.write('{"profiles"')],
    ['migrated', 'ERR_STORE_MIGRATED', (dir) => writeFileSync(join(dir.path, 'openclaw-agent.sqlite'), '')],
  ]) {
    test(`a store that is ${name} is told once to onError, and told again when it is back`, async (t) => {
      const dir = new AgentDir(t, STORE);
      const { next } = await watching(t, { agentDir: dir.path });
      spoil(dir);
      assert.equal((await next()).error.code, code);
      rmSync(join(dir.path, 'openclaw-agent.sqlite'), { force: true });
      replace(dir.file, STORE);
      const { store, changed } = await next();
      assert.deepEqual([Object.keys(store.profiles), changed], [['a', 'b'], []]);
    });
  }

  test('without onError, a warning tells it', async (t) => {
    const dir = new AgentDir(t, STORE);
    await watching(t, { agentDir: dir.path, onError: null });
    const alive = setInterval(() => {}, 1000);
    t.after(() => clearInterval(alive));
    const warned = once(process, 'warning');
    rmSync(dir.file);
    assert.equal((await warned)[0].code, 'ERR_STORE_MISSING');
  });
});

suite('the process', () => {
  test('is not kept alive by a watch', async (t) => {
    const dir = new AgentDir(t, STORE);
    const child = start(t, 'watch-child.mjs', { agentDir: dir.path });
    assert.equal(await child.next(), 'watching');
    assert.deepEqual(await child.exited, { code: 0, signal: null });
  });

  test('sees what a callback throws as an uncaught exception, and the watch goes on', async (t) => {
    const dir = new AgentDir(t, STORE);
    const child = start(t, 'watch-thrower.mjs', { agentDir: dir.path });
    assert.equal(await child.next(), 'watching');
    for (let round = 0; round < 2; round++) {
      child.send('mark');
      assert.deepEqual(await child.next(), { isTheSame: true });
    }
  });

  const inotify = process.platform === 'linux' ? false : 'counts what Linux lists in /proc';
  const open = () => readdirSync('/proc/self/fd').length;
  const threads = () => readdirSync('/proc/self/task').length;

  test('has nothing left of a thousand watches', { skip: inotify }, async (t) => {
    const dir = new AgentDir(t, STORE);
    const round = async (count) => {
      for (let index = 0; index < count; index++) {
        const controller = new AbortController();
        const watch = await watchAuthProfiles({ agentDir: dir.path, onChange() {}, signal: controller.signal });
        if (index % 2) watch.close();
        else controller.abort();
      }
    };
    await round(20);
    const bound = [open(), threads()];
    await round(1000);
    await eventually(() => open() <= bound[0] && threads() <= bound[1]);
  });

  test('has nothing left of a worker that ended while it watched', {
    skip: inotify,
    timeout: VAIN_WAIT_MS,
  }, async (t) => {
    const dir = new AgentDir(t, STORE);
    (await watchAuthProfiles({ agentDir: dir.path, onChange() {} })).close();
    const run = async () => {
      const worker = new Worker(new URL('../support/watch-worker.mjs', import.meta.url), { workerData: dir.path });
      assert.deepEqual(await once(worker, 'message'), ['watching']);
      await worker.terminate();
    };
    await run();
    const before = [open(), threads()];
    for (let round = 0; round < 10; round++) await run();
    await eventually(() => open() <= before[0] && threads() <= before[1]);
  });
});

suite('arguments', () => {
  for (const [field, params] of [
    ['params', null],
    ['params.onChange', {}],
    ['params.onChange', { onChange: 7 }],
    ['params.onError', { onChange() {}, onError: 'x' }],
    ['params.agentDir', { onChange() {}, agentDir: 7 }],
    ['params.signal', { onChange() {}, signal: {} }],
  ]) {
    test(`${field} is named in the TypeError: ${JSON.stringify(params)}`, async () => {
      const error = await watchAuthProfiles(params).then(assert.fail, (reason) => reason);
      assert.ok(error instanceof TypeError);
      assert.deepEqual([error.code, error.field], ['ERR_INVALID_ARGUMENT', field]);
    });
  }

  for (const reason of [{ mine: true }, 'a text', 7]) {
    test(`a signal that is aborted already rejects with its own reason (${typeof reason})`, async (t) => {
      const dir = new AgentDir(t, STORE);
      const signal = AbortSignal.abort(reason);
      const watch = watchAuthProfiles({ agentDir: dir.path, onChange() {}, signal });
      assert.equal(await watch.then(assert.fail, (it) => it), reason);
    });
  }

  test('a store that is broken from the start rejects', async (t) => {
    const dir = new AgentDir(t, '{"profiles"');
    await assert.rejects(watchAuthProfiles({ agentDir: dir.path, onChange() {} }), { code: 'ERR_STORE_UNREADABLE' });
  });
});
