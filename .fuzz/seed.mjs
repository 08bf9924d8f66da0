// Fills the corpus: the bodies of the conformance suite, and every duration and header value that stands in it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { errorFixtures } from '../__test__/support/error-fixtures.mjs';

const folder = (name) => {
  const path = join(import.meta.dirname, 'corpus', name);
  mkdirSync(path, { recursive: true });
  return path;
};

const durations = new Set(['2hr 15min', '5 minutes', '1 hour and 3 seconds', '1w 2d', '12µs', '3ns', '1e3', '-3s']);
for (const { name, body, headers } of errorFixtures) {
  writeFileSync(join(folder('body'), name.replaceAll('/', '-')), body);
  for (const value of Object.values(headers)) durations.add(value);
  for (const [value] of body.matchAll(/[\d.]+ ?(?:[dhms]|ms)[\w.]*|\d{4}-\d\d-\d\d[\dTZ:.+-]*/g)) durations.add(value);
}
for (const [index, value] of [...durations].entries()) writeFileSync(join(folder('duration'), String(index)), value);
