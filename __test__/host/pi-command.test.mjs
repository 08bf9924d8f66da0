// The extension in the `pi` command (0.70.6) itself, with the files that its users have.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import { classifyFailoverReason } from '../../index.js';
import { finish, rateLimited, sse, text } from '../support/code-assist-server.mjs';
import { Pi, repository } from '../support/pi-cli.mjs';
import { server } from '../support/request.mjs';

const hurry = new URL('../support/hurry.mjs', import.meta.url).href;

async function ready(t, answer) {
  const started = await server(answer);
  return { pi: new Pi(t, started.url), started };
}

suite('a prompt on an account out of quota', () => {
  test('requests: 1 (after pi install)', async (t) => {
    const { pi, started } = await ready(t, () => rateLimited({ resetAfter: '12m10s', reason: 'QUOTA_EXHAUSTED' }));
    await pi.run(['install', repository]);
    const { stopReason, errorMessage } = await pi.prompt();
    assert.equal(started.countFor('account'), 1);
    assert.equal(stopReason, 'error');
    assert.equal(classifyFailoverReason(errorMessage), 'rate_limit');
  });

  // The original would sit out a stated wait of seconds, and give up on a longer one.
  test('requests: 16 (without the extension)', async (t) => {
    const { pi, started } = await ready(t, () => rateLimited({}));
    const { stopReason } = await pi.prompt({ preload: hurry });
    assert.deepEqual([started.countFor('account'), stopReason], [16, 'error']);
  });
});

test('pi remove is the way back', async (t) => {
  const { pi, started } = await ready(t, () => sse(text('Hello'), finish('STOP')));
  await pi.run(['install', repository]);
  const { content } = await pi.prompt();
  assert.equal(content.at(-1).text, 'Hello');
  await pi.run(['remove', repository]);
  await pi.prompt();
  assert.deepEqual(
    started.requests.map(({ headers }) => headers['user-agent'].startsWith('auth-failover/')),
    [true, false],
  );
});

test("the operator's settings win over what pi passes; headers of both are sent", async (t) => {
  const { pi, started } = await ready(t, () => rateLimited({ resetAfter: '2s' }));
  const settings = { retry: 'short', maxRetryDelayMs: 1000, headers: { 'x-operator': 'yes' } };
  for (const folder of ['extensions', 'node_modules']) mkdirSync(join(pi.agentDir, folder));
  symlinkSync(repository, join(pi.agentDir, 'node_modules', 'auth-failover'), 'junction');
  writeFileSync(
    join(pi.agentDir, 'extensions', 'mine.js'),
    `import { createExtension } from 'auth-failover/pi-extension';
    export default createExtension(${JSON.stringify(settings)});`,
  );
  pi.write('models.json', { providers: { 'google-gemini-cli': { baseUrl: started.url, headers: { 'x-pi': 'yes' } } } });
  await pi.prompt();
  // pi's own longest delay, a minute, would let `short` sit out two seconds.
  assert.equal(started.countFor('account'), 1);
  const [{ headers }] = started.requests;
  assert.deepEqual([headers['x-operator'], headers['x-pi']], ['yes', 'yes']);
});
