// Watches in a worker thread until it is terminated.
import { parentPort, workerData } from 'node:worker_threads';
import { watchAuthProfiles } from '../../index.js';

await watchAuthProfiles({ agentDir: workerData, onChange() {} });
parentPort.on('message', () => {});
parentPort.postMessage('watching');
