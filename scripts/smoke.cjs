// The smoke test: one file that any runtime can run against any build of the package, without a test runner.
//
//   node scripts/smoke.cjs [what to require; default: this repository]
//
// Marks on a real store, an error code, a stream over TLS with an authority of our own, a refused certificate, a 429.
const assert = require('node:assert/strict');
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:https');
const { tmpdir } = require('node:os');
const { join, resolve } = require('node:path');

const addon = require(resolve(process.argv[2] ?? join(__dirname, '..')));
const tls = join(__dirname, '..', '__test__', 'support', 'tls');

const provider = 'google-gemini-cli';
const credential = (name) => ({
  type: 'oauth',
  provider,
  access: `access-${name}`,
  refresh: 'r',
  expires: 9e12,
  n: 1.0,
});
const event = (response) => `data: ${JSON.stringify({ response })}\r\n\r\n`;
const parts = (text, finishReason) => ({
  candidates: [{ content: { role: 'model', parts: [{ text }] }, finishReason }],
});

async function marks(folder) {
  const file = join(folder, 'auth-profiles.json');
  const profiles = { 'p:one': credential('one'), 'p:two': credential('two') };
  writeFileSync(file, JSON.stringify({ version: 1, extra: { kept: true }, profiles }), { mode: 0o600 });
  const store = await addon.readAuthProfileStore({ agentDir: folder });
  const cooled = { store, profileId: 'p:one', agentDir: folder, reason: 'rate_limit', retryAfterMs: 90_000 };
  const results = await Promise.all([
    addon.markAuthProfileFailure(cooled),
    ...Array.from({ length: 8 }, () => addon.markAuthProfileUsed({ store, profileId: 'p:two', agentDir: folder })),
  ]);
  assert.ok(results.every((result) => result.persisted));
  assert.equal(addon.isProfileInCooldown(store, 'p:one'), true);
  assert.deepEqual(addon.resolveAuthProfileOrder({ store, provider }), ['p:two', 'p:one']);
  const written = JSON.parse(readFileSync(file, 'utf8'));
  assert.deepEqual([written.profiles, written.extra], [profiles, { kept: true }]);
  assert.ok(written.usageStats['p:one'].cooldownUntil > Date.now() + 80_000);
}

async function errors(folder) {
  const wrong = (error) =>
    error instanceof TypeError && error.code === 'ERR_INVALID_ARGUMENT' && error.field !== undefined;
  await assert.rejects(addon.markAuthProfileUsed({ store: {}, profileId: 7 }), wrong);
  await assert.rejects(addon.readAuthProfileStore({ agentDir: join(folder, 'none') }), { code: 'ERR_STORE_MISSING' });
}

function answer(request, response) {
  if (request.headers.authorization === 'Bearer spent') {
    response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '39' });
    response.end(JSON.stringify({ error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Quota exceeded.' } }));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(event(parts('Hel')));
  setTimeout(() => response.end(event(parts('lo', 'STOP'))), 20);
}

async function requests() {
  const options = { key: readFileSync(join(tls, 'server.key')), cert: readFileSync(join(tls, 'server.pem')) };
  const server = createServer(options, answer);
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const model = {
    id: 'gemini-3-pro-preview',
    api: provider,
    provider,
    baseUrl: `https://127.0.0.1:${server.address().port}`,
  };
  const context = { messages: [{ role: 'user', content: 'Hello', timestamp: 1 }] };
  const apiKey = (token) => ({ apiKey: JSON.stringify({ token, projectId: 'project' }), retry: 'none' });

  delete process.env.NODE_EXTRA_CA_CERTS;
  const refused = await addon.requestGeminiCli(model, context, apiKey('good')).catch((error) => error);
  assert.equal(refused.code, 'ERR_NETWORK', `an unknown authority must be refused: ${refused}`);

  process.env.NODE_EXTRA_CA_CERTS = join(tls, 'ca.pem');
  const deltas = [];
  for await (const { type, delta } of addon.streamGoogleGeminiCli(model, context, apiKey('good'))) {
    if (type === 'text_delta') deltas.push(delta);
  }
  assert.deepEqual(deltas, ['Hel', 'lo']);
  const spent = await addon.requestGeminiCli(model, context, apiKey('spent')).catch((error) => error);
  assert.deepEqual([spent.code, spent.failure.retryAfterMs], ['ERR_RATE_LIMITED', 39_000]);

  server.close();
  server.closeAllConnections?.();
}

function runtime() {
  const { bun, deno, node } = process.versions;
  const name = bun ? `bun ${bun}` : deno ? `deno ${deno}` : `node ${node}`;
  return `${name}, ${process.platform} ${process.arch}`;
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'auth-failover-smoke-'));
  try {
    await marks(folder);
    await errors(folder);
    await requests();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`smoke test passed: ${runtime()}`);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
