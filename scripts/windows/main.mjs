// Runs the package on Windows, as far as Wine is Windows: the smoke test, the Rust tests and the public-API tests, one
// process a file. Arguments: words of file names, `--node=20|22|24`, `--rust` or `--no-rust`.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { testFiles } from '../test-files.mjs';
import { root, ToolMissing } from '../tools/cache.mjs';
import { buildAddon, buildTests } from './build.mjs';
import { LEFT_OUT } from './limits.mjs';
import { failedTests, judge } from './results.mjs';
import { node, windowsPath, wine } from './wine.mjs';

const outputs = join(root, 'target', 'windows', 'output');
const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const options = new Set(process.argv.slice(2).filter((word) => word.startsWith('--')));
const major = Number([...options].find((option) => option.startsWith('--node='))?.slice(7) ?? 20);
const SECONDS = { file: 180, rust: 1_200 };

const outputOf = (name) => join(outputs, `${name.replaceAll('/', '_')}.txt`);

function smoke() {
  const output = outputOf('smoke');
  const { status } = wine(node(major), ['scripts/smoke.cjs'], { output });
  console.log(`smoke test: ${status === 0 ? 'passed' : `failed, see ${output}`}`);
  return status === 0;
}

function rust() {
  const output = outputOf('rust');
  const { status, output: said } = wine(buildTests(), ['--test-threads', '2'], { output, seconds: SECONDS.rust });
  const summary = said.match(/^test result: .*$/m)?.[0] ?? 'did not end';
  console.log(`Rust tests: ${summary}${status === 0 ? '' : `, see ${output}`}`);
  return status === 0;
}

function file(name) {
  if (LEFT_OUT[name]) {
    console.log(`left out  ${name}: ${LEFT_OUT[name]}`);
    return true;
  }
  const output = outputOf(name);
  const args = ['--test', '--test-reporter=tap', windowsPath(join(root, name))];
  const { status, output: said } = wine(node(major), args, { output, seconds: SECONDS.file });
  const { isGood, text } = judge(name, failedTests(said), { isOver: status !== null && /^# fail /m.test(said) });
  console.log(`${isGood ? 'ok      ' : 'NOT OK  '}  ${name}: ${text}`);
  return isGood;
}

try {
  mkdirSync(outputs, { recursive: true });
  buildAddon();
  const results = [smoke()];
  if (!options.has('--no-rust')) results.push(rust());
  if (!options.has('--rust')) for (const name of testFiles(words)) results.push(file(name));
  const bad = results.filter((isGood) => !isGood).length;
  console.log(`${results.length - bad} passed, ${bad} failed`);
  process.exitCode = bad === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof ToolMissing)) throw error;
  console.error(`test:windows cannot run here: ${error.message}`);
  process.exitCode = 1;
}
