// What the demo prints; colours only on a terminal that wants them.
const hasColours = process.stdout.isTTY === true && !process.env.NO_COLOR;
const paint = (code) => (words) => (hasColours ? `\x1b[${code}m${words}\x1b[0m` : String(words));

export const bold = paint(1);
export const dim = paint(2);
const red = paint(31);
const green = paint(32);
const yellow = paint(33);
const cyan = paint(36);

export const milliseconds = (ms) => `${ms.toFixed(1)} ms`;

/** `19h 14m 47s`, the two largest units that are not zero. */
export function duration(ms) {
  const seconds = Math.ceil(ms / 1000);
  const units = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ].filter(([count]) => count > 0);
  return units.length === 0 ? 'now' : units.map(([count, unit]) => `${count}${unit}`).join(' ');
}

/** One step of one process. */
export function timelineRow({ atMs, name, kind, account, requestMs, tookMs, failure, text }) {
  const at = dim(`+${Math.round(atMs)} ms`.padStart(9));
  const who = cyan(name);
  const row = `${at}  ${who}  ${account.padEnd(17)} ${milliseconds(requestMs).padStart(9)}  `;
  if (kind === 'answered')
    return `${row}${green('answered')} ${text} ${dim(`(prompt to answer: ${milliseconds(tookMs)})`)}`;
  const when = failure.retryAfterMs === null ? 'no reset stated' : `back in ${duration(failure.retryAfterMs)}`;
  return `${row}${red(`${failure.status} ${failure.class}`.padEnd(15))} ${when} ${dim(`(${failure.source}), next account`)}`;
}

/** A bar that is full for four hours or more. */
function bar(ms, width = 16) {
  const filled = Math.min(width, Math.max(1, Math.round((width * ms) / (4 * 3_600_000))));
  return `${'█'.repeat(filled)}${dim('░'.repeat(width - filled))}`;
}

export function accountTable(profiles) {
  return profiles
    .map(({ account, state, remainingMs, reason, source }) => {
      const name = `  ${account.padEnd(18)}`;
      if (state === 'ready') return `${name}${green('ready  ')}`;
      const why = [reason, source].filter(Boolean).join(', from ');
      return `${name}${yellow(state.padEnd(7))}  ${bar(remainingMs)}  ${duration(remainingMs).padStart(11)}  ${dim(why)}`;
    })
    .join('\n');
}
