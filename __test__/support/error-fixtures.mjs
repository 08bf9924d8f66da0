// Reads the conformance suite in fixtures/errors; its format is described in the README there.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', 'fixtures', 'errors');

/** The moment of every fixture: 2026-02-02T02:40:00Z. */
export const NOW = 1_770_000_000_000;

/** What a whole record holds where a fixture is silent. */
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
  const [evidence, meaning] = text.split('\n\n=== means ===\n');
  const lines = evidence.split('\n');
  const notes = lines.filter((line, index) => line.startsWith('# ') && index < lines.indexOf(''));
  const head = lines.slice(notes.length + 1);
  const end = head.indexOf('');
  const headers = head.slice(1, end).map((line) => line.split(/:(?: (.*))?$/s).slice(0, 2));
  const note = (name) => notes.find((line) => line.startsWith(`# ${name}: `))?.slice(name.length + 4);
  const status = head[0].startsWith('HTTP/') ? Number(head[0].split(' ')[1]) : null;
  return {
    what: notes[0].slice(2),
    source: note('shape'),
    model: note('model'),
    status,
    headers: Object.fromEntries(headers),
    body: head.slice(end + 1).join('\n'),
    means: JSON.parse(meaning),
  };
}

/** Every fixture; its id is its path without the ending. */
export const errorFixtures = readdirSync(folder, { recursive: true })
  .map((name) => String(name).replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.http'))
  .sort()
  .map((name) => ({ name: name.slice(0, -'.http'.length), ...parse(readFileSync(join(folder, name), 'utf8')) }));

/** What a client is given: a response, or the text that is left of one. */
export function evidenceOf({ status, headers, body, model }) {
  return status === null ? { message: body, model, now: NOW } : { status, headers, body, model, now: NOW };
}

/** Which keys of a record contradict a fixture. */
export function contradictions({ means }, record) {
  const { hides = [], keeps = [], ...named } = means;
  const expected = 'text' in means ? { ...SILENT, ...named } : { retryAfterMs: null, ...named };
  const keys = 'text' in means ? new Set([...Object.keys(expected), ...Object.keys(record)]) : Object.keys(expected);
  const wrong = [...keys].filter((key) => !matches(expected[key], record[key]));
  if (!('resetAt' in expected) && record.resetAt !== resetAt(record)) wrong.push('resetAt');
  const shown = JSON.stringify(record);
  if (hides.some((secret) => shown.includes(secret))) wrong.push('hides');
  if (keeps.some((word) => !shown.includes(word))) wrong.push('keeps');
  return wrong;
}

function resetAt({ retryAfterMs }) {
  return retryAfterMs === null ? null : NOW + retryAfterMs;
}

/** A list holds values that are equally right, `{ min, max }` is a range. */
function matches(expected, actual) {
  if (Array.isArray(expected)) return expected.includes(actual);
  if (expected?.min !== undefined) return actual >= expected.min && actual <= expected.max;
  return expected === actual;
}

/** The suite as one value, for programs that read no `.http` files. */
export function suite() {
  return {
    now: NOW,
    fixtures: errorFixtures.map(({ name, what, source, model = null, status, headers, body, means }) => {
      const text = status === null ? { message: body } : { status, headers, body };
      return { id: name, provider: name.split('/')[0], what, source, model, ...text, means };
    }),
  };
}
