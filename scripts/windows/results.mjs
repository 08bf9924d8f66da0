// What a file's TAP output says, held against what Wine is known not to do.
import { LIMITS } from './limits.mjs';

/** The full names of the failed tests: `suite > test`. A suite is named only if no test of its own has failed. */
export function failedTests(tap) {
  const path = [];
  const failed = [];
  for (const line of tap.split(/\r?\n/)) {
    const begun = /^( *)# Subtest: (.*)$/.exec(line);
    if (begun) {
      path.length = begun[1].length / 4;
      path.push(begun[2]);
      continue;
    }
    const ended = /^( *)not ok \d+ - (.*)$/.exec(line);
    if (!ended) continue;
    const name = [...path.slice(0, ended[1].length / 4), ended[2]].join(' > ');
    if (!failed.some((other) => other.startsWith(`${name} > `))) failed.push(name);
  }
  return failed;
}

/** Whether a file did as well as Wine allows. `isOver`: it has ended by itself. */
export function judge(name, failed, { isOver }) {
  if (!isOver) return { isGood: false, text: 'did not end in its time' };
  const limits = Object.keys(LIMITS[name] ?? {});
  const isOf = (limit) => (test) => test === limit || test.startsWith(`${limit} > `);
  const unknown = failed.filter((test) => !limits.some((limit) => isOf(limit)(test)));
  const better = limits.filter((limit) => !failed.some(isOf(limit)));
  const parts = [
    failed.length === unknown.length
      ? failed.length === 0
        ? 'passed'
        : ''
      : `${failed.length - unknown.length} failed as Wine does`,
    ...unknown.map((test) => `\n            FAILED ${test}`),
    ...better.map((limit) => `\n            now passes, take it off the list: ${limit}`),
  ];
  return { isGood: unknown.length === 0, text: parts.join('') };
}
