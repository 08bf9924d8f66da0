import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import { compareVersions, fits, newestFitting } from './debian-versions.mjs';
import { checkHash, withHash } from './hashes.mjs';

suite('versions', () => {
  for (const [older, newer] of [
    ['1.9', '1.10'],
    ['9.0', '1:1.0'],
    ['1.0~rc1', '1.0'],
    ['1.0~~', '1.0~'],
    ['1.0', '1.0a'],
    ['1.0a', '1.0+b'],
    ['2.36-9+deb12u9', '2.36-9+deb12u14'],
    ['22.1.8-1~deb12u1', '22.1.8-1'],
    ['7.2+dfsg-7+deb12u18', '7.2+dfsg-7+deb12u18+b3'],
    ['1.2.3-1', '1.2.3-1.1'],
  ]) {
    test(`${older} is older than ${newer}`, () => {
      assert.ok(compareVersions(older, newer) < 0);
      assert.ok(compareVersions(newer, older) > 0);
    });
  }

  test('leading zeros make no difference', () => assert.equal(compareVersions('1.02-0', '1.2-00'), 0));

  for (const [version, wanted, expected] of [
    ['1:7.2+dfsg-7+deb12u18+b3', '7.2', true],
    ['1.96.0+dfsg1-1~deb12u2', '1.96', true],
    ['1.96.0+dfsg1-1~deb12u2', '1.9', false],
    ['1.2.5-3.1', '1.2.5', true],
    ['1.20.5-3', '1.2', false],
    ['12-3', '12.3', false],
  ]) {
    test(`${wanted} ${expected ? 'fits' : 'does not fit'} ${version}`, () =>
      assert.equal(fits(version, wanted), expected));
  }
});

suite('the choice', () => {
  test('is the newest that fits', () => {
    assert.equal(newestFitting([['1.96.0-1', '1.97.0-1', '1.96.1-2', '1.96.1-1']], '1.96'), '1.96.1-2');
  });

  test('is one that every package has', () => {
    assert.equal(newestFitting([['22.1.8-2', '22.1.8-1'], ['22.1.8-1']], '22.1'), '22.1.8-1');
  });

  test('is none if nothing fits', () => {
    assert.equal(newestFitting([['1.85.0-1']], '1.96'), undefined);
    assert.equal(newestFitting([['22.1.8-1'], []], '22.1'), undefined);
  });
});

suite('hashes', () => {
  test('the first is recorded, the same again is fine', () => {
    const table = withHash({ b: '2' }, 'a', '1');
    assert.deepEqual(Object.entries(table), [
      ['a', '1'],
      ['b', '2'],
    ]);
    assert.deepEqual(withHash(table, 'a', '1'), table);
  });

  test('another under the same name is refused, and told with both', () => {
    assert.throws(
      () => withHash({ 'musl:amd64=1': 'old' }, 'musl:amd64=1', 'new'),
      /musl:amd64=1 is not what it was: .*new.*old/,
    );
  });

  test('a refused one does not change the record', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'auth-failover-hashes-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'hashes.json');
    writeFileSync(file, '{}');
    checkHash(file, 'a', '1');
    const recorded = readFileSync(file, 'utf8');
    assert.equal(recorded, '{\n  "a": "1"\n}\n');
    assert.throws(() => checkHash(file, 'a', '2'));
    assert.equal(readFileSync(file, 'utf8'), recorded);
  });
});
