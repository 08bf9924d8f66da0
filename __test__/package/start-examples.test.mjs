// examples/start: each file as its reader runs it, against a server on loopback.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { WebSocket, WebSocketServer } from 'ws';

import { AgentDir } from '../support/agent-dir.mjs';
import { apiServer, TEXT } from '../support/api-server.mjs';

const folder = fileURLToPath(new URL('../../examples/start/', import.meta.url));
const KEYS = { OPENAI_API_KEY: 'a,b', ANTHROPIC_API_KEY: 'a,b', GEMINI_API_KEY: 'a,b' };

/** The environment of an example: two keys, of which the first is limited; state in a directory of its own. */
async function world(t, conduct = { a: 'limited', b: 'good' }) {
  const served = await apiServer(t, conduct);
  const env = {
    ...process.env,
    ...KEYS,
    AUTH_FAILOVER_DIR: new AgentDir(t).path,
    OPENAI_BASE_URL: `${served.url}/v1`,
    ANTHROPIC_BASE_URL: served.url,
    GOOGLE_GEMINI_BASE_URL: served.url,
    PORT: '0',
  };
  return { ...served, env };
}

/** Starts one that serves; gives its address. */
async function serving(t, name, env) {
  const child = spawn(process.execPath, [`${folder}${name}.mjs`], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill());
  const [line] = await once(child.stdout, 'data');
  return String(line).trim();
}

suite('one that asks', () => {
  for (const name of ['openai', 'anthropic', 'google-genai', 'ai-sdk', 'fetch']) {
    test(`${name}: the second account answers`, async (t) => {
      const { asked, env } = await world(t);
      const { stdout } = await promisify(execFile)(process.execPath, [`${folder}${name}.mjs`, 'Hello'], { env });
      assert.equal(stdout, `${TEXT}\n`);
      assert.equal(asked.at(-1), 'b');
      assert.ok(asked.length <= 2, `${asked}`);
    });
  }
});

test('express: a client without a key, whole and streamed; a refusal comes in the API’s own shape', async (t) => {
  const conduct = { a: 'limited', b: 'good' };
  const { env } = await world(t, conduct);
  const url = await serving(t, 'express', env);
  const ask = (body) =>
    fetch(`${url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', messages: [], ...body }),
    });
  assert.equal((await (await ask({})).json()).choices[0].message.content, TEXT);
  assert.match(await (await ask({ stream: true })).text(), /\[DONE\]/);
  conduct.b = 'limited';
  const refused = await ask({});
  assert.deepEqual([refused.status, (await refused.json()).error.code], [429, 'rate_limit_exceeded']);
});

test('websocket: past an account that is refused, and both ways', async (t) => {
  const asked = [];
  const http = createServer();
  const echo = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request, socket, head) => {
    const key = request.headers.authorization.replace('Bearer ', '');
    asked.push(key);
    if (key === 'a')
      return socket.end('HTTP/1.1 429 Too Many Requests\r\nretry-after: 900\r\ncontent-length: 0\r\n\r\n');
    echo.handleUpgrade(request, socket, head, (ws) => ws.on('message', (data) => ws.send(`echo ${data}`)));
  });
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const client of echo.clients) client.terminate();
    http.close();
  });
  const { env } = await world(t);
  const UPSTREAM = `ws://127.0.0.1:${http.address().port}/`;
  const url = await serving(t, 'websocket', { ...env, UPSTREAM });
  for (let i = 0; i < 2; i += 1) {
    const client = new WebSocket(`${url}/?model=m`);
    await once(client, 'open');
    client.send('hello');
    const [data] = await once(client, 'message');
    assert.equal(String(data), 'echo hello');
    client.close();
    await once(client, 'close');
  }
  assert.equal(asked.at(-1), 'b');
  assert.ok(asked.filter((key) => key === 'a').length <= 1);
});

test('the README names every one of them', () => {
  const readme = readFileSync(`${folder}README.md`, 'utf8');
  const files = readdirSync(folder).filter((name) => name.endsWith('.mjs'));
  for (const file of files) assert.ok(readme.includes(`(${file})`), file);
});
