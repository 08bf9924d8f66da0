// What a built addon asks of the system that loads it.
import { run } from '../tools/cache.mjs';

/** Libraries it needs and the newest glibc symbol version, from objdump; throws if either is more than allowed. */
export function inspect(file, { newestGlibc, mayNeed, loader }) {
  const needed = [...run('objdump', ['-p', file]).matchAll(/^\s*NEEDED\s+(\S+)/gm)].map((match) => match[1]);
  const versions = [...run('objdump', ['-T', file]).matchAll(/\(?GLIBC_([\d.]+)\)?/g)].map((match) => match[1]);
  const glibc = versions.sort(byVersion).at(-1) ?? null;
  const surplus = needed.filter((name) => name !== loader && !mayNeed.includes(name));
  if (surplus.length > 0) throw new Error(`${file} needs ${surplus.join(', ')}`);
  if (newestGlibc === null ? glibc !== null : glibc === null || byVersion(glibc, newestGlibc) > 0) {
    throw new Error(`${file} needs glibc ${glibc}, allowed is ${newestGlibc}`);
  }
  return { needed, glibc };
}

function byVersion(a, b) {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  const different = left.findIndex((part, i) => part !== (right[i] ?? 0));
  return different < 0 ? left.length - right.length : left[different] - (right[different] ?? 0);
}
