// Stops a process in the middle of its work, so that a test can look at it there.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { changed, eventually } from './changed.mjs';

/** Why the tests that stop a process are left out; `false` where they run. */
export const cannotStop = process.platform !== 'linux' && 'only Linux tells in /proc whether a process stands';

/** Whether each thread of the process stands: a signal reaches them one by one. */
function stands(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  // The state is the first field after the name, which is in parentheses and may hold anything.
  const state = (thread) => readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').split(') ').at(-1)[0];
  return threads.every((thread) => state(thread) === 'T');
}

/**
 * Stops `child` while a file that it makes and removes again lies there. Nothing announces that moment to others, so the
 * child is stopped at changes of the directory until it is the right one. Fails when the child ends before that.
 */
export async function stopWhile(child, file) {
  const lies = () => existsSync(file);
  let hasEnded = false;
  child.exited.then(() => {
    hasEnded = true;
  });
  for (;;) {
    await changed(dirname(file), () => lies() || hasEnded);
    if (hasEnded) throw new Error(`it ended and was not stopped while ${file} lay there`);
    child.kill('SIGSTOP');
    // The kernel tells this to nobody but the one who waits for the child, and Node has no such wait.
    await eventually(() => stands(child.pid));
    if (lies()) return;
    child.kill('SIGCONT');
  }
}
