// A provider on loopback: what it does depends on the key that asks. And a store with those keys.
import { createServer } from 'node:http';

import { AgentDir, storeOf } from './agent-dir.mjs';

/**
 * `conduct`: `{ key: (response) => … }`, in the order in which the keys are asked. Gives its `url`, the `agentDir` with
 * one profile for each key, who has `asked`, and with
 * which headers (`heads`).
 */
export async function provider(t, conduct) {
  const asked = [];
  const heads = [];
  const server = createServer((request, response) => {
    const key = request.headers['x-api-key'] ?? request.headers.authorization.replace(/^Bearer ?/, '');
    asked.push(key);
    heads.push(request.headers);
    request.resume().on('end', () => conduct[key](response));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const keys = Object.keys(conduct);
  const profile = (key) => [`acme:${key}`, { type: 'api_key', provider: 'acme', key }];
  const store = storeOf(Object.fromEntries(keys.map(profile)), { order: { acme: keys.map((key) => `acme:${key}`) } });
  return { url: `http://127.0.0.1:${server.address().port}`, dir: new AgentDir(t, store), asked, heads };
}

/** A refusal with a body as OpenAI writes it. */
export const refusal =
  (status, error, headers = {}) =>
  (response) =>
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify({ error: { message: 'The request was refused.', ...error } }));

export const limited = refusal(429, { type: 'requests', code: 'rate_limit_exceeded' }, { 'retry-after': '900' });

const data = (value) => `data: ${JSON.stringify(value)}\n\n`;

/** Sends these texts as chat completions stream them, then ends, breaks the connection, or says nothing more. */
export const chat =
  (texts, end = 'done') =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const rest = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm' };
    const chunk = (delta, reason = null) => data({ ...rest, choices: [{ index: 0, delta, finish_reason: reason }] });
    const sent = texts.map((content) => chunk({ role: 'assistant', content })).join('');
    if (end === 'done') response.end(`${sent}${chunk({}, 'stop')}data: [DONE]\n\n`);
    if (end === 'break') response.write(sent, () => response.destroy());
    if (end === 'silence') response.write(sent);
  };

/** Sends a text as Anthropic streams it. */
export const message = (text) => (response) => {
  const event = (type, rest) => `event: ${type}\n${data({ type, ...rest })}`;
  const usage = { input_tokens: 1, output_tokens: 1 };
  const head = { id: 'm', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null, usage };
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(
    event('message_start', { message: head }) +
      event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) +
      event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }) +
      event('content_block_stop', { index: 0 }) +
      event('message_delta', { delta: { stop_reason: 'end_turn' }, usage }) +
      event('message_stop', {}),
  );
};
