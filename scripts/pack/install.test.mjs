// The packages as a user gets them. `npm run test:pack`; needs a release build.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { oauth } from '../../__test__/support/agent-dir.mjs';
import { finish, sse, startCodeAssistServer, text } from '../../__test__/support/code-assist-server.mjs';
import { root } from '../addon.mjs';
import { compile, systems } from './compile.mjs';
import { main, native, platform, platformPackage, project, run, scratch } from './packages.mjs';

after(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 10 }));

const complete = project('complete', [main.path, native.path]);
const incomplete = project('incomplete', [main.path]);
const answered = ({ status, stdout, stderr }) => {
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
};

function agentDir() {
  const dir = mkdtempSync(join(scratch, 'agent-'));
  const profiles = { 'google-gemini-cli:a': oauth(), 'google-gemini-cli:b': oauth() };
  writeFileSync(join(dir, 'auth-profiles.json'), JSON.stringify({ version: 1, profiles }));
  return dir;
}

test('the main package holds entries, loader, declarations and nothing else', () => {
  const known =
    /^((entry|examples\/[\w-]+)\/.*|examples\/demo\.mjs|bin\/.*|index\.(js|d\.ts)|openclaw\.plugin\.json|package\.json|README\.md|LICENSE)$/;
  assert.deepEqual(
    main.files.filter((path) => !known.test(path)),
    [],
  );
});

test('the platform package is the addon', () => {
  const addon = native.files.filter((path) => !['package.json', 'README.md', 'LICENSE'].includes(path));
  assert.deepEqual(addon, [`auth-failover.${platform}.node`]);
});

for (const [name, system] of Object.entries(systems)) {
  test(`TypeScript, ${name}: compiles strictly, marks and answers`, async (t) => {
    const server = await startCodeAssistServer({ answer: () => sse(text('Hello'), finish('STOP')) });
    t.after(() => server.close());
    const program = join(compile(complete, system), `use.${system.output}`);
    const result = answered(await run(complete, [program, agentDir(), server.url]));
    assert.deepEqual(result, {
      key: 'key-1',
      failures: [],
      persisted: true,
      order: ['google-gemini-cli:b', 'google-gemini-cli:a'],
      text: 'Hello',
      supported: true,
      why: null,
    });
    assert.equal(server.requests.length, 1);
  });
}

/** The API. What the native part exports besides are the package's own doors. */
function declaredNames() {
  const types = readFileSync(join(root, 'index.d.ts'), 'utf8');
  return [...new Set([...types.matchAll(/^export declare (?:function|const) (\w+)/gm)].map(([, name]) => name))];
}

test('every declared name can be imported by name, and is there', async () => {
  const names = declaredNames();
  assert.ok(names.length > 30);
  const program = `import { ${names.join(', ')} } from 'auth-failover';
    console.log(JSON.stringify([${names.join(', ')}].map((value) => typeof value === 'undefined')));`;
  const missing = answered(await run(complete, ['--input-type=module', '-e', program]));
  assert.deepEqual(
    names.filter((_, index) => missing[index]),
    [],
  );
});

test('import and require give the same functions', async () => {
  const program = `import { createRequire } from 'node:module';
    import * as imported from 'auth-failover';
    const required = createRequire(import.meta.url)('auth-failover');
    const names = ${JSON.stringify(declaredNames())};
    console.log(JSON.stringify(names.filter((name) => imported[name] !== required[name])));`;
  assert.deepEqual(answered(await run(complete, ['--input-type=module', '-e', program])), []);
});

const failingImport = `import('auth-failover').catch((error) => console.log(JSON.stringify({
  message: error.message, code: error.code, problem: error.problem, platform: error.platform,
  packageName: error.packageName, supported: error.supported, isError: error instanceof Error,
})))`;

test('without the platform package the import says what is missing and what to do', async () => {
  const error = answered(await run(incomplete, ['-e', failingImport]));
  const platforms = readdirSync(join(root, 'npm')).sort();
  assert.deepEqual([error.code, error.problem, error.isError], ['ERR_NATIVE_UNAVAILABLE', 'package-missing', true]);
  assert.deepEqual([error.platform, error.packageName, error.supported], [platform, platformPackage, platforms]);
  for (const part of [platform, `npm install ${platformPackage}@`, '--omit=optional', 'isSupported()', ...platforms]) {
    assert.ok(error.message.includes(part), `${part} is not in: ${error.message}`);
  }
});

test('on a platform without a build the import names it and the list', async () => {
  const elsewhere = `Object.defineProperty(process, 'arch', { value: 'riscv64' }); ${failingImport}`;
  const error = answered(await run(incomplete, ['-e', elsewhere]));
  assert.deepEqual(
    [error.code, error.problem, error.packageName],
    ['ERR_NATIVE_UNAVAILABLE', 'unsupported-platform', null],
  );
  assert.match(error.platform, /riscv64/);
  assert.ok(error.message.includes(error.platform) && error.message.includes(platform));
});

test('a platform package that does not load is told from one that is missing', async () => {
  const broken = project('broken', [main.path, native.path]);
  truncateSync(join(broken, 'node_modules', platformPackage, `auth-failover.${platform}.node`), 100);
  const error = answered(await run(broken, ['-e', failingImport]));
  assert.deepEqual([error.code, error.problem], ['ERR_NATIVE_UNAVAILABLE', 'load-failed']);
  assert.ok(error.message.includes(`${platformPackage} is installed, but does not load: `));
});

for (const [name, system] of Object.entries(systems)) {
  test(`a host keeps its own JavaScript where nothing native is there (${name})`, async () => {
    const program = join(compile(complete, system), `host.${system.output}`);
    assert.deepEqual(answered(await run(complete, [program])), { native: true, cooling: true });
    const moved = join(incomplete, `${name}.${system.output}`);
    cpSync(program, moved);
    assert.deepEqual(answered(await run(incomplete, [moved])), { native: false, cooling: true });
  });
}

test('publint finds nothing', async () => {
  const { publint } = await import('publint');
  const bytes = readFileSync(main.path);
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { messages } = await publint({ pack: { tarball } });
  assert.deepEqual(messages, []);
});

test('the types are right for every entry and module system', async () => {
  // node16: the resolution of Node 10, which knows no `exports`, is of no use to a package that needs Node 20.
  const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
  const { status, stdout } = await run(root, [
    attw,
    main.path,
    '--profile',
    'node16',
    '--format',
    'ascii',
    '--no-color',
  ]);
  assert.equal(status, 0, stdout);
});
