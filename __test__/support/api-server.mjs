// A provider on loopback that speaks the API that it is asked in: OpenAI (chat, responses), Anthropic, Google, Cohere and
// Ollama, whole and streamed. What it does depends on the key that asks.
import { createServer } from 'node:http';

const TEXT = 'Once upon a time';
const chatPart = (delta, finish_reason = null, rest = {}) => ({
  id: 'c1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta, finish_reason }],
  ...rest,
});
const response = (status, rest = {}) => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  status,
  model: 'm',
  error: null,
  output: [],
  tools: [],
  ...rest,
});
const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', stop_reason: null, stop_sequence: null };
const output = [
  {
    type: 'message',
    id: 'msg_1',
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text: TEXT, annotations: [] }],
  },
];
const usage = { input_tokens: 3, output_tokens: 4, total_tokens: 7 };
const itemRef = { item_id: 'msg_1', output_index: 0, content_index: 0 };

/**
 * Each API: what announces an answer, its content, its end, the whole as a document; and a refusal, as a body and as an
 * event. Events are `[name, data]`.
 */
export const apis = {
  openai: {
    start: [[null, chatPart({ role: 'assistant', content: '' })]],
    content: [[null, chatPart({ content: TEXT })]],
    end: [
      [null, chatPart({}, 'stop', { usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } })],
      [null, '[DONE]'],
    ],
    document: {
      id: 'c1',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      system_fingerprint: null,
      choices: [{ index: 0, message: { role: 'assistant', content: TEXT }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
    },
    refusal: { error: { message: 'Slow down.', type: 'requests', param: null, code: 'rate_limit_exceeded' } },
  },
  responses: {
    start: [
      ['response.created', { type: 'response.created', sequence_number: 0, response: response('in_progress') }],
      [
        'response.output_item.added',
        {
          type: 'response.output_item.added',
          output_index: 0,
          item: { ...output[0], status: 'in_progress', content: [] },
        },
      ],
    ],
    content: [['response.output_text.delta', { type: 'response.output_text.delta', ...itemRef, delta: TEXT }]],
    end: [['response.completed', { type: 'response.completed', response: response('completed', { output, usage }) }]],
    document: response('completed', { output, usage }),
    refusal: { error: { message: 'Slow down.', type: 'requests', param: null, code: 'rate_limit_exceeded' } },
  },
  anthropic: {
    start: [
      [
        'message_start',
        { type: 'message_start', message: { ...message, content: [], usage: { input_tokens: 3, output_tokens: 1 } } },
      ],
      ['ping', { type: 'ping' }],
      ['content_block_start', { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }],
    ],
    content: [
      ['content_block_delta', { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: TEXT } }],
    ],
    end: [
      ['content_block_stop', { type: 'content_block_stop', index: 0 }],
      [
        'message_delta',
        { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 4 } },
      ],
      ['message_stop', { type: 'message_stop' }],
    ],
    document: {
      ...message,
      stop_reason: 'end_turn',
      content: [{ type: 'text', text: TEXT }],
      usage: { input_tokens: 3, output_tokens: 4 },
    },
    refusal: { type: 'error', error: { type: 'rate_limit_error', message: 'Slow down.' } },
  },
  google: {
    start: [[null, { usageMetadata: { promptTokenCount: 3 }, modelVersion: 'm' }]],
    content: [[null, { candidates: [{ content: { role: 'model', parts: [{ text: TEXT }] }, index: 0 }] }]],
    end: [
      [
        null,
        {
          candidates: [{ content: { role: 'model', parts: [{ text: '' }] }, finishReason: 'STOP', index: 0 }],
          usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 4, totalTokenCount: 7 },
        },
      ],
    ],
    document: {
      candidates: [{ content: { role: 'model', parts: [{ text: TEXT }] }, finishReason: 'STOP', index: 0 }],
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 4, totalTokenCount: 7 },
    },
    refusal: { error: { code: 429, message: 'Slow down.', status: 'RESOURCE_EXHAUSTED' } },
  },
  cohere: {
    document: {
      id: 'c1',
      finish_reason: 'COMPLETE',
      message: { role: 'assistant', content: [{ type: 'text', text: TEXT }] },
    },
    refusal: { message: 'Slow down.' },
  },
  ollama: {
    document: {
      model: 'm',
      created_at: '2026-01-01T00:00:00Z',
      message: { role: 'assistant', content: TEXT },
      done: true,
    },
    refusal: { error: 'Slow down.' },
  },
};
export { TEXT };

const keyOf = ({ headers, url }) =>
  headers['x-api-key'] ??
  headers['x-goog-api-key'] ??
  headers['api-key'] ??
  headers.authorization?.split(' ').pop() ??
  new URL(url, 'http://x').searchParams.get('key');

function apiOf(path) {
  if (path.includes('enerateContent')) return 'google';
  if (path.endsWith('/messages')) return 'anthropic';
  if (path.endsWith('/responses')) return 'responses';
  if (path.startsWith('/v2/chat')) return 'cohere';
  return path.startsWith('/api/') ? 'ollama' : 'openai';
}

const frame = ([name, data]) =>
  `${name ? `event: ${name}\n` : ''}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
/** Events as bytes of a stream. */
export const frames = (...events) => events.flat().map(frame).join('');

const stream = (response) => response.writeHead(200, { 'content-type': 'text/event-stream' });

/** What a key may do, by name; each takes `(response, { api, isStream })`. */
export const acts = {
  good(response, { api, isStream }) {
    if (isStream) stream(response).end(frames(...api.start.map((it) => [it]), api.content, api.end));
    else acts.document(response, api.document);
  },
  limited: (response, { api }) =>
    acts.document(response, api.refusal, 429, { 'retry-after': '900', 'x-ratelimit-limit-requests': '1' }),
  refused: (response) => acts.document(response, { error: { message: 'Bad key.', code: 'invalid_api_key' } }, 401),
  broken: (response) =>
    acts.document(
      response,
      { error: { message: 'A field is wrong.', type: 'invalid_request_error', code: 'invalid_value' } },
      400,
    ),
  overloaded: (response) => acts.document(response, { error: { message: 'Overloaded.' } }, 503),
  /** Says 200, announces an answer, and then an error. */
  lateError: (response, { api }) => stream(response).end(frames(api.start, [['error', api.refusal]])),
  /** A document with a good status that is an error. */
  errorDocument: (response, { api }) => acts.document(response, api.refusal),
  errorAfterContent: (response, { api }) =>
    stream(response).end(frames(api.start, api.content, [['error', api.refusal]])),
  /** Breaks the connection: before anything, once the answer is announced, after its first content. */
  hangUp: (response) => response.destroy(),
  cutBefore: (response, { api }) => stream(response).write(frames(api.start), () => response.destroy()),
  cutAfter: (response, { api }) => stream(response).write(frames(api.start, api.content), () => response.destroy()),
  /** Ends in order, but too early. */
  shortBefore: (response, { api }) => stream(response).end(frames(api.start)),
  shortAfter: (response, { api }) => stream(response).end(frames(api.start, api.content)),
  empty: (response) => stream(response).end(),
  /** Says nothing: at all, after its headers, once announced, after the first content. */
  mute() {},
  silent: (response) => stream(response).flushHeaders(),
  silentBefore: (response, { api }) => stream(response).write(frames(api.start)),
  silentAfter: (response, { api }) => stream(response).write(frames(api.start, api.content)),
  document(response, body, status = 200, headers = {}) {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  },
};

/**
 * `conduct`: by key, the name of an act or a function `(response, { api, isStream, request, body })`; `else` for the
 * others. Gives its `url`, and `asked`: the keys in their order; `requests` has more of each.
 */
export async function apiServer(t, conduct) {
  const asked = [];
  const requests = [];
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const { pathname } = new URL(request.url, 'http://x');
      const api = apis[apiOf(pathname)];
      const key = keyOf(request);
      const isStream = pathname.includes(':stream') || /"stream":\s*true/.test(body);
      asked.push(key);
      requests.push({ key, url: request.url, method: request.method, headers: request.headers, body });
      const act = conduct[key] ?? conduct.else ?? 'good';
      (typeof act === 'string' ? acts[act] : act)(response, { api, isStream, request, body });
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${server.address().port}`, asked, requests, server };
}
