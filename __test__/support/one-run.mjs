// One request in a process of its own, which ends as it is told: by itself, by `process.exit()`, or in a worker.
import { once } from 'node:events';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { runWithAuthProfiles } from '../../index.js';

const { agentDir, provider, end, failure } = isMainThread ? JSON.parse(process.argv[2]) : workerData;

async function request() {
  const run = () => {
    if (failure) throw Object.assign(new Error('Too many requests'), failure);
    return 'ok';
  };
  await runWithAuthProfiles({ agentDir, provider, sessionKey: 's', run }).catch((error) => error.code);
}

if (isMainThread && end.startsWith('worker')) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { agentDir, provider, end, failure } });
  if (end === 'worker-terminated') {
    await once(worker, 'message');
    await worker.terminate();
  } else await once(worker, 'exit');
} else {
  await request();
  if (end === 'exit') process.exit(0);
  if (end === 'uncaught') throw new Error('mine');
  if (end === 'worker-terminated') {
    const { parentPort } = await import('node:worker_threads');
    parentPort.postMessage('booked');
    setInterval(() => {}, 1_000);
  }
}
