// Debian's order of versions (deb-version(7)), and the choice of one.

/** `[epoch:]upstream[-revision]` */
function parts(version) {
  const [, epoch = '0', rest] = /^(?:(\d+):)?(.*)$/.exec(version);
  const dash = rest.lastIndexOf('-');
  return {
    epoch: Number(epoch),
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? '' : rest.slice(dash + 1),
  };
}

/** `~` comes before the end, letters before other signs. */
function rank(sign) {
  if (sign === '~') return -1;
  if (sign === undefined) return 0;
  return /[A-Za-z]/.test(sign) ? sign.charCodeAt(0) : sign.charCodeAt(0) + 256;
}

function compareSigns(left, right) {
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = rank(left[at]) - rank(right[at]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Compares stretches of other signs and of digits in turn. */
function compareText(left, right) {
  const [ours, theirs] = [left, right].map((text) => text.match(/\D*\d*/g));
  for (let i = 0; i < Math.max(ours.length, theirs.length); i++) {
    const [one, other] = [ours[i] ?? '', theirs[i] ?? ''].map((piece) => /^(\D*)(\d*)$/.exec(piece));
    const difference = compareSigns(one[1], other[1]) || Number(one[2]) - Number(other[2]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Negative if `left` is the older one. */
export function compareVersions(left, right) {
  const [one, other] = [parts(left), parts(right)];
  return (
    one.epoch - other.epoch || compareText(one.upstream, other.upstream) || compareText(one.revision, other.revision)
  );
}

/** Whether a version's upstream part begins with the numbers of `wanted`: `1.2` fits `1:1.2.5+ds-3`, not `1.20`. */
export function fits(version, wanted) {
  const numbers = parts(version).upstream.split(/[^\d]/);
  return wanted.split('.').every((number, i) => numbers[i] === number);
}

/** The newest version that fits and that is in every one of the lists; `undefined` if there is none. */
export function newestFitting(lists, wanted) {
  const [first, ...others] = lists;
  return first
    .filter((version) => fits(version, wanted) && others.every((list) => list.includes(version)))
    .sort(compareVersions)
    .at(-1);
}
