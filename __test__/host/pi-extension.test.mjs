// The extension in the real pi (0.70.6), loaded as its users load it.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import { classifyFailoverReason } from '../../index.js';
import { finish, rateLimited, sse, text, thought } from '../support/code-assist-server.mjs';
import { Pi, repository } from '../support/pi-cli.mjs';
import { server } from '../support/request.mjs';

const spent = () => rateLimited({ resetAfter: '12m10s', reason: 'QUOTA_EXHAUSTED' });
const hurry = new URL('../support/hurry.mjs', import.meta.url).href;

/** `pi install` of this package. */
const install = (pi) => pi.run(['install', repository]);

/** A file in the agent's extensions/, with the package installed beside it. */
function dropIn(
  { agentDir },
  content = readFileSync(join(repository, 'examples', 'pi-extension', 'auth-failover.js')),
) {
  for (const folder of ['extensions', 'node_modules']) mkdirSync(join(agentDir, folder));
  symlinkSync(repository, join(agentDir, 'node_modules', 'auth-failover'), 'junction');
  writeFileSync(join(agentDir, 'extensions', 'auth-failover.js'), content);
}

async function ready(t, answer, load) {
  const started = await server(answer);
  const pi = new Pi(t, started.url);
  await load?.(pi);
  return { pi, started };
}

suite('a prompt on an account out of quota', () => {
  for (const [name, load] of [
    ['pi install', install],
    ['the drop-in file', (pi) => dropIn(pi)],
  ]) {
    test(`requests: 1 (${name})`, async (t) => {
      const { pi, started } = await ready(t, spent, load);
      const { stopReason, errorMessage } = await pi.prompt();
      assert.equal(started.countFor('account'), 1);
      assert.equal(stopReason, 'error');
      assert.equal(classifyFailoverReason(errorMessage), 'rate_limit');
    });
  }

  // The original would sit out a stated wait of seconds, and give up on a longer one.
  test('requests: 16 (without the extension)', async (t) => {
    const { pi, started } = await ready(t, () => rateLimited({}));
    const { stopReason } = await pi.prompt({ preload: hurry });
    assert.deepEqual([started.countFor('account'), stopReason], [16, 'error']);
  });
});

test('an answer comes through, and so does how hard pi wants the model to think', async (t) => {
  const answer = () => sse(thought('Well.'), text('Hello '), text('you'), finish('STOP'));
  const { pi, started } = await ready(t, answer, install);
  const { content, stopReason } = await pi.prompt({}, '--thinking', 'high');
  assert.equal(stopReason, 'stop');
  assert.deepEqual(
    content.map(({ type, thinking, text: words }) => [type, thinking ?? words]),
    [
      ['thinking', 'Well.'],
      ['text', 'Hello you'],
    ],
  );
  const [{ body }] = started.requests;
  assert.equal(started.requests.length, 1);
  assert.equal(body.request.contents.at(-1).parts[0].text, 'Hello');
  assert.deepEqual(body.request.generationConfig.thinkingConfig, { includeThoughts: true, thinkingLevel: 'HIGH' });
});

test('pi install finds the extension by the manifest, and pi remove is the way back', async (t) => {
  const { pi, started } = await ready(t, () => sse(text('Hello'), finish('STOP')), install);
  await pi.prompt();
  await pi.run(['remove', repository]);
  await pi.prompt();
  assert.deepEqual(
    started.requests.map(({ headers }) => headers['user-agent'].startsWith('auth-failover/')),
    [true, false],
  );
});

test("the operator's settings win over what pi passes; headers of both are sent", async (t) => {
  const settings = { retry: 'short', maxRetryDelayMs: 1000, headers: { 'x-operator': 'yes' } };
  const { pi, started } = await ready(
    t,
    () => rateLimited({ resetAfter: '2s' }),
    (made) =>
      dropIn(
        made,
        `import { createExtension } from 'auth-failover/pi-extension';
      export default createExtension(${JSON.stringify(settings)});`,
      ),
  );
  pi.write('models.json', { providers: { 'google-gemini-cli': { baseUrl: started.url, headers: { 'x-pi': 'yes' } } } });
  await pi.prompt();
  // pi's own longest delay, a minute, would let `short` sit out two seconds.
  assert.equal(started.countFor('account'), 1);
  const [{ headers }] = started.requests;
  assert.deepEqual([headers['x-operator'], headers['x-pi']], ['yes', 'yes']);
});
