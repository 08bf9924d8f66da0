// Child processes for tests: each runs one of the small programs in support/, talks over IPC, and is ended with its test.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** Starts support/<program> with one JSON argument. `options` go to fork. */
export function start(test, program, argument, options = {}) {
  const child = fork(join(here, program), [JSON.stringify(argument)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    ...options,
  });
  const messages = [];
  const waiting = [];
  child.on('message', (message) => {
    const next = waiting.shift();
    if (next) next.resolve(message);
    else messages.push(message);
  });
  const exited = once(child, 'exit').then(([code, signal]) => {
    for (const { reject } of waiting) reject(new Error(`${program} ended (${code ?? signal}) before it answered`));
    return { code, signal };
  });
  test.after(() => child.kill('SIGKILL'));
  return {
    pid: child.pid,
    exited,
    /** The next message of the child. */
    next: () =>
      messages.length > 0
        ? Promise.resolve(messages.shift())
        : new Promise((resolve, reject) => waiting.push({ resolve, reject })),
    send: (message) => child.send(message),
    kill: (signal = 'SIGKILL') => child.kill(signal),
  };
}

/** The argument of the program that runs. */
export const argument = () => JSON.parse(process.argv[2]);
