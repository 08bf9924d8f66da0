// Watches in a worker thread and tells each `lastUsed` of `profileId` in shared memory, where a thread can wait for it
// that lets its own event loop stand.
import { parentPort, workerData } from 'node:worker_threads';
import { watchAuthProfiles } from '../../index.js';

const { agentDir, profileId, told } = workerData;
await watchAuthProfiles({
  agentDir,
  onChange({ store }) {
    Atomics.store(told, 0, store.usageStats?.[profileId]?.lastUsed ?? 0);
    Atomics.notify(told, 0);
  },
});
parentPort.on('message', () => {});
parentPort.postMessage('watching');
