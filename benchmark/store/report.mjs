// Numbers for people.
export const heading = (text) => console.log(`\n== ${text}`);

export const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

/** p50, p99 and largest of times in milliseconds. */
export function spread(times) {
  const sorted = [...times].sort((a, b) => a - b);
  return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), max: sorted.at(-1) };
}

export const ms = (value) => `${value < 10 ? value.toFixed(3) : value.toFixed(1)} ms`;
export const rate = (count, milliseconds) => Math.round((count / milliseconds) * 1_000);

/** `what`: ours against theirs, and whether the target is met. `factor` is how much better ours is. */
export function compare(what, ours, theirs, factor, target) {
  const verdict =
    target === undefined ? '' : factor >= target ? `  (target ${target}x: met)` : `  (target ${target}x: MISSED)`;
  console.log(
    `${what.padEnd(44)} ${ours.padStart(14)}  original ${theirs.padStart(14)}  ${factor.toFixed(1)}x${verdict}`,
  );
}

export function limit(what, value, unit, most) {
  const verdict =
    most === undefined ? '' : value <= most ? `  (limit ${most} ${unit}: met)` : `  (limit ${most} ${unit}: MISSED)`;
  console.log(`${what.padEnd(44)} ${`${value.toFixed(3)} ${unit}`.padStart(14)}${verdict}`);
}
