// Compiles the programs of project/ with TypeScript's own resolution of the installed packages.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../addon.mjs';

const programs = join(root, 'scripts', 'pack', 'project');

/** The module systems: how the source is called, and what makes TypeScript treat it so. */
export const systems = {
  'node16, ES module': { extension: 'mts', output: 'mjs', module: 'node16', moduleResolution: 'node16' },
  'node16, CommonJS': { extension: 'cts', output: 'cjs', module: 'node16', moduleResolution: 'node16' },
  // What a bundler would be given; `.mts` keeps Node from guessing when it runs.
  bundler: { extension: 'mts', output: 'mjs', module: 'esnext', moduleResolution: 'bundler' },
};

const compiled = new Map();

/** Compiles the programs of project/ in a project; gives their folder. Throws with the compiler's complaints. */
export function compile(dir, system) {
  if (!compiled.has(system)) compiled.set(system, compileOnce(dir, system));
  return compiled.get(system);
}

function compileOnce(dir, { extension, module, moduleResolution }) {
  const sources = join(dir, `${moduleResolution}-${extension}`);
  mkdirSync(sources);
  const files = readdirSync(programs).map((name) => name.replace('.ts', `.${extension}`));
  for (const file of files) cpSync(join(programs, file.replace(`.${extension}`, '.ts')), join(sources, file));
  const compilerOptions = {
    target: 'es2022',
    module,
    moduleResolution,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    // The package's own declarations are what is tested.
    skipLibCheck: false,
    types: ['node'],
    typeRoots: [join(root, 'node_modules', '@types')],
  };
  writeFileSync(join(sources, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  try {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', sources], {
      encoding: 'utf8',
    });
  } catch (error) {
    throw new Error(`the programs do not compile (${moduleResolution}):\n${error.stdout}`);
  }
  return sources;
}
