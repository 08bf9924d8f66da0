// Whether the house stands as `src/lib.rs` draws it: no circles, knowledge goes downwards, no crowded rooms.
//
//   node scripts/check/architecture.mjs [--figures] [--only=circle,import,…] [folder with src; default: this repository]
//
// One finding a line, and 1 as exit status if there are any; warnings do not count. `--only` takes the first words of
// findings: circle, import, napi, folder, length, name, format. `--figures` adds files and lines of each folder. What counts as a need of one module for another, and so as a circle, is said in `rust/crate.mjs`.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../addon.mjs';
import { circles, shortestCircle } from './graph.mjs';
import { Crate } from './rust/crate.mjs';
import { linesNaming } from './rust/source.mjs';
import { crowdedFolders, filesByFolder, floorOf, linesOf, longFiles, sharedNames } from './sizes.mjs';
import { unformatted } from './unformatted.mjs';

/** What every floor may name, and what it may name itself. */
const GROUND = ['error', 'time', 'trace'];
const GROUND_MAY_KNOW = { error: ['time'] };
/** Which floors a floor may name besides; `a::b` allows that module and what is in it. Tests may name anything. */
const MAY_KNOW = {
  binding: ['cli', 'store', 'pool', 'rotation', 'profiles', 'failure', 'api', 'gemini', 'oauth', 'http', 'background'],
  cli: ['store', 'pool', 'rotation', 'profiles', 'failure', 'background'],
  store: ['rotation', 'profiles', 'failure', 'background'],
  pool: ['rotation', 'profiles', 'failure', 'background', 'store::file'],
  rotation: ['profiles', 'failure'],
  gemini: ['api', 'http', 'failure'],
  oauth: ['http', 'failure'],
  http: ['failure'],
  api: ['failure'],
  profiles: ['failure'],
  failure: [],
  background: [],
};
const NAMES_NAPI = { crates: ['napi', 'napi_derive'], floor: 'binding' };
const FOLDER = { most: 14 };
/** `exceptions`: path -> reason. */
const LENGTH = { most: 380, warnAbove: 350, exceptions: {} };
/** `exceptions`: file name -> reason. What is compiled for tests only may be called after what it plays. */
const NAMES = {
  testFloors: ['simulation'],
  exceptions: {
    'owner.rs': 'who holds a lock and who holds a reservation: one idea, on the floor of each, named by DESIGN.md',
  },
};

const floorOfModule = (id) => id.split('::')[0];
const label = (id) => id || 'crate';

function circleFindings(references) {
  const graph = new Map();
  const places = new Map();
  for (const { from, to, isNeed, file, line } of references) {
    if (!isNeed || from === to) continue;
    if (!graph.has(from)) graph.set(from, new Set());
    graph.get(from).add(to);
    const key = `${from} ${to}`;
    if (!places.has(key)) places.set(key, `${file}:${line}`);
  }
  return circles(graph).map((members) => {
    const way = shortestCircle(graph, members);
    const steps = way.slice(1).map((to, i) => `${label(way[i])} -> ${label(to)} (${places.get(`${way[i]} ${to}`)})`);
    return `circle: ${members.length} modules (${members.map(label).join(', ')}); the shortest: ${steps.join(', ')}`;
  });
}

function importFindings(references) {
  const found = new Set();
  const places = new Set();
  for (const { from, named, file, line } of references) {
    const floor = floorOfModule(from);
    // The root lists the floors.
    if (floor === '') continue;
    const isGround = GROUND.includes(floor);
    const allowed = isGround ? (GROUND_MAY_KNOW[floor] ?? []) : MAY_KNOW[floor] && [...MAY_KNOW[floor], ...GROUND];
    if (!allowed) {
      found.add(`import: ${floor} is not in the table MAY_KNOW of scripts/check/architecture.mjs`);
      continue;
    }
    for (const id of named) {
      const other = floorOfModule(id);
      if (other === '' || other === floor) continue;
      if (allowed.some((entry) => id === entry || id.startsWith(`${entry}::`))) continue;
      // A facade and what is behind it are one fault.
      const place = `${file}:${line} ${other}`;
      if (places.has(place)) continue;
      places.add(place);
      found.add(`import: ${file}:${line} ${floor} must not know ${id}; it may know ${allowed.join(', ') || 'nothing'}`);
    }
  }
  return [...found];
}

const napiFindings = (files) =>
  [...files]
    .filter(([path]) => floorOf(path) !== NAMES_NAPI.floor)
    .flatMap(([path, text]) => linesNaming(text, NAMES_NAPI.crates).map((line) => `${path}:${line}`))
    .map((place) => `napi: ${place} names napi outside src/${NAMES_NAPI.floor}`);

/** `{ errors, warnings }` of a crate; `files` is a map from path (`src/…`) to text, exceptions are this repository's. */
export function check(files, { length = LENGTH, names = NAMES } = {}) {
  const references = new Crate(files).references();
  const lengths = longFiles(files, length);
  return {
    errors: [
      ...circleFindings(references),
      ...importFindings(references),
      ...napiFindings(files),
      ...crowdedFolders(files, FOLDER),
      ...lengths.errors,
      ...sharedNames(files, names),
    ],
    warnings: lengths.warnings,
  };
}

export function readFiles(folder) {
  return new Map(
    readdirSync(join(folder, 'src'), { recursive: true })
      .map((name) => `src/${String(name).replaceAll('\\', '/')}`)
      .filter((path) => path.endsWith('.rs'))
      .sort()
      .map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
  );
}

function showFigures(files) {
  const lines = [...files.values()].reduce((sum, text) => sum + linesOf(text), 0);
  console.log(`figures: ${files.size} Rust files, ${lines} lines`);
  for (const [folder, paths] of filesByFolder(files)) {
    const sum = paths.reduce((total, path) => total + linesOf(files.get(path)), 0);
    console.log(`figures: ${folder} ${paths.length} files, ${sum} lines`);
  }
}

function main(words) {
  const folder = words.find((word) => !word.startsWith('--')) ?? root;
  const only = words
    .find((word) => word.startsWith('--only='))
    ?.slice('--only='.length)
    .split(',');
  const isWanted = (finding) => !only || only.includes(finding.split(':')[0]);
  const files = readFiles(folder);
  const { errors, warnings } = check(files);
  if (isWanted('format')) {
    errors.push(...unformatted(files, { configuration: readFileSync(join(folder, '.rustfmt.toml'), 'utf8') }));
  }
  const findings = errors.filter(isWanted);
  for (const finding of findings) console.log(finding);
  for (const finding of warnings.filter(isWanted)) console.log(`warning: ${finding}`);
  if (words.includes('--figures')) showFigures(files);
  console.log(`architecture: ${findings.length} findings`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) main(process.argv.slice(2));
