// How a file's output is read.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { failedTests } from './results.mjs';

test('a failed test has the names of its suites, and a suite is named only for itself', () => {
  const tap = [
    '# Subtest: a lock',
    '    # Subtest: is taken',
    '    ok 1 - is taken',
    '    # Subtest: is given back',
    '    not ok 2 - is given back',
    'not ok 1 - a lock',
    '# Subtest: alone',
    'not ok 2 - alone',
    '# fail 2',
  ];
  assert.deepEqual(failedTests(tap.join('\r\n')), ['a lock > is given back', 'alone']);
});
