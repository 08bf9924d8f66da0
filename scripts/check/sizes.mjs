// Folders with too many files, files with too many lines, and one file name on two floors.
import { posix } from 'node:path';

/** A floor is a folder right below `src`; a file of its own there (`error.rs`) is one too. */
export const floorOf = (path) => path.split('/')[1].replace(/\.rs$/, '');

/** Test-only files: `tests.rs`, `…_tests.rs` and what lies in folders of these names. */
export const isTestFile = (path) => /(^|\/)([^/]*_)?tests(\/|\.rs$)/.test(path);

export const linesOf = (text) => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);

const group = (items, keyOf) => {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
};

/** From each folder to its Rust files, tests left out. */
export const filesByFolder = (files) =>
  group([...files.keys()].filter((path) => !isTestFile(path)).sort(), posix.dirname);

export function crowdedFolders(files, { most }) {
  return [...filesByFolder(files)]
    .filter(([, paths]) => paths.length > most)
    .map(([folder, paths]) => `folder: ${folder} holds ${paths.length} source files; at most ${most} are one idea`);
}

/** Findings without those that a table (`{ key: reason }`) excepts; an entry that excepts nothing is a finding too. */
function except(findings, exceptions) {
  const keys = new Set(findings.map(({ key }) => key));
  const stale = Object.keys(exceptions).filter((key) => !keys.has(key));
  return [
    ...findings.filter(({ key }) => !(key in exceptions)).map(({ text }) => text),
    ...stale.map((key) => `exception: ${key} needs none any more; take it out of the table`),
  ];
}

/** `{ errors, warnings }`; `exceptions` is a map from path to reason. */
export function longFiles(files, { most, warnAbove, exceptions = {} }) {
  const long = [...files]
    .map(([path, text]) => ({ key: path, lines: linesOf(text) }))
    .filter(({ lines }) => lines > warnAbove)
    .sort((left, right) => right.lines - left.lines)
    .map(({ key, lines }) => ({
      key,
      lines,
      text: `length: ${key} has ${lines} lines; at most ${most}, better ${warnAbove}`,
    }));
  const tooLong = long.filter(({ lines }) => lines > most);
  return {
    errors: except(tooLong, exceptions),
    warnings: long.filter(({ lines }) => lines <= most).map(({ text }) => text),
  };
}

/** File names that stand for different things on different floors; `exceptions` is a map from name to reason. */
export function sharedNames(files, { testFloors = [], exceptions = {} }) {
  const isSource = (path) => !isTestFile(path) && !testFloors.includes(floorOf(path));
  const paths = [...files.keys()].filter((path) => isSource(path) && posix.basename(path) !== 'mod.rs').sort();
  const shared = [...group(paths, posix.basename)].filter(([, places]) => new Set(places.map(floorOf)).size > 1);
  return except(
    shared.map(([key, places]) => ({ key, text: `name: ${key} stands on several floors: ${places.join(', ')}` })),
    exceptions,
  );
}
