// Reads the conformance suite in fixtures/errors; its format is described in the README there.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', 'fixtures', 'errors');

/** The moment of every fixture: 2026-02-02T02:40:00Z. */
export const NOW = 1_770_000_000_000;

/** What a record holds where a fixture is silent. */
const SILENT = {
  retryAfterMs: null,
  resetAt: null,
  source: null,
  trust: null,
  reason: null,
  model: null,
  quotaId: null,
  traceId: null,
  url: null,
};

function parse(text) {
  const [response, meaning] = text.split('\n\n=== means ===\n');
  const lines = response.split('\n');
  const notes = lines.filter((line, index) => line.startsWith('# ') && index < lines.indexOf(''));
  const head = lines.slice(notes.length + 1);
  const end = head.indexOf('');
  const headers = head.slice(1, end).map((line) => line.split(/: (.*)/s).slice(0, 2));
  const note = (name) => notes.find((line) => line.startsWith(`# ${name}: `))?.slice(name.length + 4);
  return {
    what: notes[0].slice(2),
    shape: note('shape'),
    model: note('model'),
    status: Number(head[0].split(' ')[1]),
    headers: Object.fromEntries(headers),
    body: head.slice(end + 1).join('\n'),
    means: { ...SILENT, ...JSON.parse(meaning) },
  };
}

/** Every fixture, by name. */
export const errorFixtures = readdirSync(folder)
  .filter((name) => name.endsWith('.http'))
  .sort()
  .map((name) => ({ name: name.slice(0, -5), ...parse(readFileSync(join(folder, name), 'utf8')) }));
