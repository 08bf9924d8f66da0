// The errors that are thrown are those that index.d.ts declares: every declared field is there, under a declared code.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import {
  classifyFailure,
  markAuthProfileUsed,
  readAuthProfileStore,
  requestGeminiCli,
  runWithAuthProfiles,
} from '../../index.js';
import { AgentDir, oauth, storeOf } from '../support/agent-dir.mjs';
import { stall, startCodeAssistServer } from '../support/code-assist-server.mjs';
import { apiKey, context, model } from '../support/request.mjs';

const declarations = readFileSync(new URL('../../index.d.ts', import.meta.url), 'utf8');
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const strings = (type) => [...type.matchAll(/'([^']+)'/g)].map(([, value]) => value);
const typeOf = (name) => declarations.match(new RegExp(`export type ${name} =([\\s\\S]*?)\n\n`))[1];

/** The fields of an interface that are always there, and its codes. */
function declared(name) {
  const [, base, own] = declarations.match(new RegExp(`export interface ${name} extends (\\w+) {\n([^}]*)}`));
  const inherited = base === 'LoopError' ? '  status: number\n  toResponse: unknown\n' : '';
  const body = inherited + own;
  const fields = [...body.matchAll(/^ {2}(\w+)(\??):([\s\S]*?)(?=\n {2}[\w/]|\n$)/gm)].map(
    ([, field, optional, type]) => ({
      field,
      optional,
      type,
    }),
  );
  const codes = strings(fields.find(({ field }) => field === 'code').type);
  return { codes, required: fields.filter(({ optional }) => optional === '').map(({ field }) => field) };
}

function assertShape(error, name, code) {
  const { codes, required } = declared(name);
  assert.ok(error instanceof Error);
  assert.equal(error.code, code);
  assert.ok(codes.includes(code), `${name} does not declare ${code}`);
  for (const field of required) assert.notEqual(error[field], undefined, `${code} has no ${field}`);
}

const thrown = (run) =>
  Promise.resolve()
    .then(run)
    .then(
      () => assert.fail('nothing was thrown'),
      (error) => error,
    );

test('bad input', async () => {
  assertShape(await thrown(() => classifyFailure(1)), 'InvalidArgumentError', 'ERR_INVALID_ARGUMENT');
  assertShape(await thrown(() => markAuthProfileUsed({})), 'InvalidArgumentError', 'ERR_INVALID_ARGUMENT');
  assertShape(await thrown(() => requestGeminiCli({}, context())), 'InvalidArgumentError', 'ERR_INVALID_ARGUMENT');
});

test('a lock that stays taken', async (t) => {
  const store = storeOf({ a: oauth('p') });
  const dir = new AgentDir(t, store);
  mkdirSync(`${dir.file}.lock`);
  const mark = { store, profileId: 'a', agentDir: dir.path, lockTimeoutMs: 1, strict: true };
  assertShape(await thrown(() => markAuthProfileUsed(mark)), 'LockTimeoutError', 'ERR_LOCK_TIMEOUT');
});

test('a store that is missing, and one that is none', async (t) => {
  const missing = new AgentDir(t);
  const read = (dir) => thrown(() => readAuthProfileStore({ agentDir: dir.path }));
  assertShape(await read(missing), 'StoreError', 'ERR_STORE_MISSING');
  assertShape(await read(new AgentDir(t, '{"version": 1,')), 'StoreError', 'ERR_STORE_UNREADABLE');
});

test('requests that fail', async (t) => {
  const answers = [{ status: 429, steps: ['{}'] }, { steps: [stall] }, { status: 401, steps: ['{}'] }];
  const server = await startCodeAssistServer({ answer: (_, index) => answers[index] });
  t.after(() => server.close());
  const ask = (options) =>
    thrown(() => requestGeminiCli(model({ baseUrl: server.url }), context(), { apiKey: apiKey(), ...options }));
  assertShape(await ask(), 'GeminiCliRequestError', 'ERR_RATE_LIMITED');
  assertShape(await ask({ totalTimeoutMs: 50, retry: 'none' }), 'GeminiCliRequestError', 'ERR_TIMEOUT');
  assertShape(await ask(), 'GeminiCliRequestError', 'ERR_AUTH');
});

test('runs that end without an answer', async (t) => {
  const dir = new AgentDir(t, storeOf({ a: oauth('p') }));
  const run = (provider, answer) =>
    thrown(() => runWithAuthProfiles({ agentDir: dir.path, provider, run: () => answer }));
  assertShape(await run('nobody'), 'NoProfileAvailableError', 'ERR_NO_PROFILE_AVAILABLE');
  const refused = { role: 'assistant', content: [], stopReason: 'error', errorMessage: '400 invalid request format' };
  assertShape(await run('p', refused), 'AttemptFailedError', 'ERR_ATTEMPT_FAILED');
});

test('every code is declared by an error, and README explains every code and no other', () => {
  const codes = strings(typeOf('AuthFailoverErrorCode')).sort();
  const names = typeOf('AuthFailoverError').match(/\w+/g);
  const ofErrors = names.flatMap((name) => declared(name).codes);
  assert.deepEqual([...new Set(ofErrors)].sort(), codes);
  // The entry without a native part has a code of its own.
  const explained = new Set([...readme.matchAll(/`(ERR_\w+)`/g)].map(([, code]) => code));
  explained.delete('ERR_NATIVE_UNAVAILABLE');
  assert.deepEqual([...explained].sort(), codes);
});
