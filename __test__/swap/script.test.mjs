// The swap script on a host's files: it knows what it changes, can be repeated, and puts back what was there.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { keepOriginal, replaceFile } from '../../examples/swap/files.mjs';
import { replaced, targets } from '../../examples/swap/patches.mjs';
import { apply, inspect, undo } from '../../examples/swap/swap.mjs';
import { hosts, install } from '../support/host-install.mjs';

const script = fileURLToPath(new URL('../../examples/swap/swap.mjs', import.meta.url));

/** Name, content, mode and time of every file: what "as it was" means. */
function everything(folder) {
  const names = readdirSync(folder, { recursive: true }).map(String).sort();
  return names
    .map((name) => [name, statSync(join(folder, name))])
    .filter(([, stat]) => stat.isFile())
    .map(([name, { mode, mtimeMs }]) => {
      const digest = createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex');
      return `${name} ${mode} ${mtimeMs} ${digest}`;
    });
}

const states = (folder) => inspect(folder).files.map(({ state }) => state);
const fileOf = (folder, index) => join(folder, targets[index].path);

for (const host of hosts) {
  test(`${host.name}: undo restores every file, byte for byte`, (t) => {
    const { folder } = install(t, host);
    const before = everything(folder);
    assert.equal(apply(folder).length, targets.length);
    assert.deepEqual(states(folder), ['swapped', 'swapped']);
    assert.equal(undo(folder).length, targets.length);
    assert.deepEqual(everything(folder), before);
  });

  test(`${host.name}: files that another installation shares are not reached`, (t) => {
    const { folder } = install(t, host);
    const before = targets.map(({ path }) => readFileSync(join(host.folder, path), 'utf8'));
    apply(folder);
    assert.deepEqual(
      targets.map(({ path }) => readFileSync(join(host.folder, path), 'utf8')),
      before,
    );
  });
}

const [host] = hosts;

test('a second apply and a second undo change nothing', (t) => {
  const { folder } = install(t, host);
  apply(folder);
  const swapped = everything(folder);
  assert.deepEqual(apply(folder), []);
  assert.deepEqual(everything(folder), swapped);
  undo(folder);
  const restored = everything(folder);
  assert.deepEqual(undo(folder), []);
  assert.deepEqual(everything(folder), restored);
});

test('every name that is replaced is exported once, and no other name is lost', (t) => {
  const { folder } = install(t, host);
  const names = () =>
    [...readFileSync(fileOf(folder, 0), 'utf8').matchAll(/export (?:\{([^}]*)\}|const (\w+))/g)]
      .flatMap(([, list, name]) => (name ? [name] : list.split(',').map((part) => part.trim())))
      .filter((name) => name !== '')
      .sort();
  const before = names();
  apply(folder);
  assert.deepEqual(names(), before);
  for (const name of Object.values(replaced).flat()) assert.ok(before.includes(name), name);
});

test('a swap that was killed half way is completed by apply', (t) => {
  const { folder } = install(t, host);
  const [{ file, backup, swapped }, { file: second, backup: secondBackup }] = inspect(folder).files;
  keepOriginal(file, backup);
  replaceFile(file, swapped);
  keepOriginal(second, secondBackup);
  assert.deepEqual(states(folder), ['swapped', 'original']);
  assert.deepEqual(apply(folder), [second]);
  assert.deepEqual(states(folder), ['swapped', 'swapped']);
});

test('a swap that was killed half way is undone by undo', (t) => {
  const { folder } = install(t, host);
  const before = everything(folder);
  const [{ file, backup, swapped }, { file: second, backup: secondBackup }] = inspect(folder).files;
  keepOriginal(file, backup);
  replaceFile(file, swapped);
  keepOriginal(second, secondBackup);
  assert.deepEqual(undo(folder), [file]);
  assert.deepEqual(everything(folder), before);
});

test('when the second file cannot be written, the first is put back', (t) => {
  const { folder } = install(t, host);
  const before = everything(folder);
  const inTheWay = `${fileOf(folder, 1)}.auth-failover-new`;
  mkdirSync(inTheWay);
  assert.throws(() => apply(folder));
  rmSync(inTheWay, { recursive: true });
  assert.deepEqual(states(folder), ['original', 'original']);
  undo(folder);
  assert.deepEqual(everything(folder), before);
});

/** The script's answer to a host that it must leave alone. */
function refused(t, spoil, command = 'apply') {
  const installation = install(t, host);
  spoil(installation);
  const before = everything(installation.folder);
  const { status, stderr } = spawnSync(process.execPath, [script, command, installation.folder], { encoding: 'utf8' });
  assert.equal(status, 1, stderr);
  assert.deepEqual(everything(installation.folder), before);
  return stderr;
}

test('a host of another version is refused by name', (t) => {
  const error = refused(t, ({ folder }) => {
    const manifest = join(folder, 'package.json');
    const changed = readFileSync(manifest, 'utf8').replace(host.version, '2026.1.99');
    rmSync(manifest);
    writeFileSync(manifest, changed);
  });
  assert.match(error, /is clawdbot@2026\.1\.99; only clawdbot@2026\.1\.24-3 and openclaw@2026\.1\.29 are known/);
});

test('a file that somebody else has changed is refused, and the other stays as it is', (t) => {
  const error = refused(t, ({ folder }) => replaceFile(fileOf(folder, 1), '// mine\n'));
  assert.match(error, /extra-params\.js is not as it was published/);
});

test('a swapped file that was edited is not undone', (t) => {
  const error = refused(
    t,
    ({ folder }) => {
      apply(folder);
      appendFileSync(fileOf(folder, 0), '// mine\n');
    },
    'undo',
  );
  assert.match(error, /was changed after the swap/);
});

test('a damaged original is not put back', (t) => {
  const error = refused(
    t,
    ({ folder }) => {
      apply(folder);
      replaceFile(`${fileOf(folder, 0)}.before-auth-failover`, 'damaged');
    },
    'undo',
  );
  assert.match(error, /is not the original any more: install the host again/);
});

test('without an addon that loads from there nothing is swapped', (t) => {
  const error = refused(t, ({ addon }) => rmSync(addon));
  assert.match(error, /auth-failover cannot be loaded from .*npm install --prefix/);
});

test('a folder that is no host is refused', (t) => {
  const { folder } = install(t, host);
  const { status, stderr } = spawnSync(process.execPath, [script, 'apply', join(folder, 'dist')], { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /has no package\.json: give the host's own folder/);
});

test('the command line applies, tells and undoes', (t) => {
  const { folder, home } = install(t, host);
  // As a global installation is often reached.
  const link = join(home, 'swap.mjs');
  symlinkSync(script, link);
  const call = (command) => spawnSync(process.execPath, [link, command, folder], { encoding: 'utf8' });
  assert.match(call('status').stdout, /^clawdbot@2026\.1\.24-3\noriginal .*auth-profiles\.js\noriginal /);
  assert.match(call('apply').stdout, /swapped .*auth-profiles\.js\nswapped /);
  assert.match(call('undo').stdout, /^undo: .*\n.*\n.*\noriginal /);
  assert.equal(call('explode').status, 2);
});
