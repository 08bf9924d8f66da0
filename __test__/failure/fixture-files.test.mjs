// The conformance suite as a thing of its own: complete, described by one schema, and current as one file.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { contradictions, errorFixtures, NOW, suite } from '../support/error-fixtures.mjs';
import { faults } from '../support/json-schema.mjs';

const folder = join(import.meta.dirname, '..', 'fixtures', 'errors');
const schema = JSON.parse(readFileSync(join(folder, 'schema.json'), 'utf8'));
const providers = new Set(errorFixtures.map(({ name }) => name.split('/')[0]));

test('the suite has at least 250 fixtures, each with its source', () => {
  assert.ok(errorFixtures.length >= 250, `${errorFixtures.length}`);
  for (const { name, source } of errorFixtures) assert.ok(source, name);
});

test('every provider that we know has fixtures', () => {
  const known = [
    ...['anthropic', 'openai', 'codex', 'copilot', 'github-models', 'gemini', 'google', 'vertex', 'bedrock', 'azure'],
    ...['openrouter', 'deepseek', 'zai', 'kimi', 'dashscope', 'minimax', 'mistral', 'groq', 'xai', 'cerebras'],
    ...['together', 'fireworks', 'ollama', 'nvidia-nim', 'cohere', 'huggingface', 'cloudflare', 'vercel', 'opencode'],
    ...['new-api', 'litellm', 'volcengine', 'siliconflow', 'sub2api'],
  ];
  assert.deepEqual(
    known.filter((name) => !providers.has(name)),
    [],
  );
});

test('every status that a refusal comes with has fixtures', () => {
  const seen = new Set(errorFixtures.map(({ status }) => status));
  const statuses = [200, 400, 401, 402, 403, 404, 408, 412, 413, 422, 429, 499, 500, 502, 503, 504, 529, null];
  assert.deepEqual(
    statuses.filter((status) => !seen.has(status)),
    [],
  );
});

test('index.json holds the suite as it is: else run write-index.mjs', () => {
  assert.deepEqual(JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')), JSON.parse(JSON.stringify(suite())));
});

test('the suite follows its schema', () => {
  assert.deepEqual(faults(schema, JSON.parse(JSON.stringify(suite()))), []);
});

for (const [fault, change] of Object.entries({
  'a class that is none': (fixture) => ({ ...fixture, means: { ...fixture.means, class: 'tired' } }),
  'no scope': (fixture) => ({ ...fixture, means: { class: 'auth', rotate: true } }),
  'a key that nobody reads': (fixture) => ({ ...fixture, means: { ...fixture.means, waitSeconds: 3 } }),
  'a status that is none': (fixture) => ({ ...fixture, status: 42 }),
  'no source': ({ source, ...fixture }) => fixture,
})) {
  test(`the schema finds ${fault}`, () => {
    const { now, fixtures } = JSON.parse(JSON.stringify(suite()));
    assert.notDeepEqual(faults(schema, { now, fixtures: [change(fixtures[0])] }), []);
  });
}

const record = {
  class: 'quota',
  scope: 'account',
  rotate: true,
  retryAfterMs: 5000,
  resetAt: NOW + 5000,
  text: 'key sk-1',
};
const means = { class: ['quota', 'billing'], scope: 'account', rotate: true, retryAfterMs: { min: 4000, max: 6000 } };

test('a record may be any of several, and lie in a range', () => {
  assert.deepEqual(contradictions({ means }, record), []);
});

for (const [key, change, other = {}] of [
  ['class', { class: 'auth' }],
  ['scope', { scope: 'model' }],
  ['rotate', { rotate: false }],
  ['retryAfterMs', { retryAfterMs: 7000, resetAt: NOW + 7000 }],
  ['retryAfterMs', {}, { retryAfterMs: undefined }],
  ['resetAt', { resetAt: NOW }],
  ['hides', {}, { hides: ['sk-1'] }],
  ['keeps', {}, { keeps: ['sk-2'] }],
  ['model', { model: 'm1' }, { text: 'key sk-1' }],
]) {
  test(`a contradiction is found: ${key} ${JSON.stringify({ ...change, ...other })}`, () => {
    const fixture = JSON.parse(JSON.stringify({ means: { ...means, ...other } }));
    assert.ok(contradictions(fixture, { ...record, ...change }).includes(key));
  });
}
