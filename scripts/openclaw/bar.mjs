// What is asked of the plugin, and whether a measurement is it.
import { failing, healthy } from './measure.mjs';

/** From the first request to the one that is answered; accounts that hang cost a time limit each on top. */
export const BAR_MS = 1000;
/** A window may be this much longer than the server's wait: the plugin may add to it, never take from it. */
const SPREAD = 1.1;

/** What a measurement of `twoPrompts` misses, in words; empty if it is as it should be. */
export function missed(failure, { first, second, windows }, hangLimitMs) {
  if (first.ms === undefined) return [`no answer to the first prompt (${first.status})`];
  return [
    ...slow(first, BAR_MS + (failure.hangs ? failing.length * hangLimitMs : 0)),
    ...asked(first),
    ...askedAgain(second, windows),
    ...(failure.restsMs ? badlyBooked(failure.restsMs, first.began, windows) : []),
  ];
}

const slow = ({ ms }, limit) => (ms > limit ? [`${seconds(ms)}, the bar is ${seconds(limit)}`] : []);

function asked(first) {
  const times = (account) => first.asked.filter((each) => each === account).length;
  const faults = failing.filter((account) => times(account) !== 1);
  return [
    ...faults.map((account) => `${account} was asked ${times(account)} times`),
    ...(first.asked.at(-1) === healthy ? [] : [`${first.asked.at(-1)} was asked last`]),
  ];
}

/** On a busy machine the second prompt may come when a window of seconds is over: then its account is asked rightly. */
function askedAgain(second, windows) {
  if (second?.ms === undefined) return [`no answer to the second prompt (${second?.status})`];
  const wrongly = second.asked.filter((account) => account !== healthy && !(windows[account] <= second.ended));
  const faults = wrongly.map((account) => `the second prompt asked ${account}`);
  if (second.asked.at(-1) !== healthy) faults.push(`the second prompt was answered by ${second.asked.at(-1)}`);
  return faults;
}

function badlyBooked(restsMs, began, windows) {
  const rest = (account) => (windows[account] ?? began) - began;
  const wrong = failing.filter((account) => rest(account) < restsMs || rest(account) > restsMs * SPREAD);
  return wrong.map((account) => `${account} rests ${seconds(rest(account))}, the server said ${seconds(restsMs)}`);
}

/** What turns at once miss: each is to have an account of its own. */
export const missedAtOnce = (asked, turns) =>
  new Set(asked).size === turns && asked.length === turns ? [] : [`${turns} turns at once asked ${asked.join(', ')}`];

export const seconds = (ms) => `${ms < 10_000 ? (ms / 1000).toFixed(3) : Math.round(ms / 1000)} s`;
