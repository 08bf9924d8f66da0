// The lints: the only list of them. `.ci/run` and the workflow run all of it with `npm run lint`.
import { builtAddon, isCurrent } from './addon.mjs';
import { testFiles } from './test-files.mjs';

const tool = (name, ...args) => ['npx', '--no-install', name, ...args];

/** Each with the commands that must succeed; they are made when the check begins. */
export const checks = [
  {
    name: 'format',
    guards: 'Rust is formatted',
    commands: () => [['cargo', 'fmt', '--check']],
  },
  {
    name: 'clippy',
    guards: 'Rust has no warnings, and Cargo.lock fits Cargo.toml',
    commands: () => [['cargo', 'clippy', '--all-targets', '--locked', '--quiet', '--', '-D', 'warnings']],
  },
  {
    name: 'architecture',
    guards: 'no circles, imports go downwards, napi in src/binding only, sizes, names, and what rustfmt leaves',
    commands: () => [[process.execPath, 'scripts/check/architecture.mjs']],
  },
  {
    name: 'types',
    guards: 'the declarations fit the answers and the call sites of hosts',
    commands: () => [tool('tsc', '-p', '__test__/types')],
  },
  {
    name: 'javascript',
    guards: 'JavaScript is formatted and without what biome finds suspicious, src/binding/stream/js included',
    commands: () => [
      tool(
        'biome',
        'ci',
        '.',
        '--error-on-warnings',
        `--reporter=${process.env.GITHUB_ACTIONS ? 'github' : 'summary'}`,
      ),
    ],
  },
  {
    name: 'scripts',
    guards: 'the checks and tools in scripts/ do what they say',
    // Those of the packed packages need a release build: `npm run test:pack`.
    commands: () => [
      [
        process.execPath,
        '--test',
        '--test-reporter=dot',
        ...testFiles([], 'scripts').filter((file) => !file.includes('pack')),
      ],
    ],
  },
  {
    name: 'generated',
    guards: 'index.js and index.d.ts are what the sources give, and committed',
    commands: () => [
      ...(isCurrent(builtAddon()) ? [] : [['npm', 'run', '--silent', 'build:debug']]),
      ['git', 'diff', '--exit-code', '--stat', '--', 'index.js', 'index.d.ts'],
    ],
  },
  {
    name: 'fuzz',
    guards: 'the fuzz targets compile (running them needs nightly, see .fuzz/Cargo.toml)',
    commands: () => [['cargo', 'check', '--locked', '--quiet', '--manifest-path', '.fuzz/Cargo.toml']],
  },
];
