// How the four kinds of provider say that they answer, call a tool, or refuse: the least of each that a gateway reads.
const sse = (events) => ({
  status: 200,
  headers: { 'content-type': 'text/event-stream' },
  body: events.map(([name, data]) => `${name ? `event: ${name}\n` : ''}data: ${data}\n\n`).join(''),
});
const json = (name, data) => [name, JSON.stringify(data)];

const completions = {
  path: /\/chat\/completions$/,
  key: ({ headers }) => headers.authorization?.replace(/^Bearer /, ''),
  answer({ text, tool, promptTokens = 5 }, { model }) {
    const chunk = (delta, finish = null) => ({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1,
      model,
      choices: [{ index: 0, delta, finish_reason: finish }],
    });
    const call = tool && {
      index: 0,
      id: `call_${tool.name}`,
      type: 'function',
      function: { name: tool.name, arguments: JSON.stringify(tool.arguments) },
    };
    const usage = { prompt_tokens: promptTokens, completion_tokens: 2, total_tokens: promptTokens + 2 };
    return sse([
      json('', chunk({ role: 'assistant', ...(call ? { tool_calls: [call] } : { content: text }) })),
      json('', chunk({}, call ? 'tool_calls' : 'stop')),
      json('', { ...chunk({}), choices: [], usage }),
      ['', '[DONE]'],
    ]);
  },
  refusal: ({ message, type, code }) => ({ error: { message, type, code, param: null } }),
};

const responses = {
  path: /\/responses$/,
  key: completions.key,
  answer({ text }, { model }) {
    const part = { type: 'output_text', text, annotations: [] };
    const item = { type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content: [part] };
    const usage = {
      input_tokens: 5,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 2,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 7,
    };
    const response = { id: 'resp_1', object: 'response', created_at: 1, model, output: [], error: null };
    const at = { item_id: item.id, output_index: 0, content_index: 0 };
    const events = [
      { type: 'response.created', response: { ...response, status: 'in_progress' } },
      { type: 'response.output_item.added', output_index: 0, item: { ...item, status: 'in_progress', content: [] } },
      { type: 'response.content_part.added', ...at, part: { ...part, text: '' } },
      { type: 'response.output_text.delta', ...at, delta: text },
      { type: 'response.output_text.done', ...at, text },
      { type: 'response.content_part.done', ...at, part },
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response: { ...response, status: 'completed', output: [item], usage } },
    ];
    return sse(events.map((event, index) => json(event.type, { ...event, sequence_number: index })));
  },
  refusal: completions.refusal,
};

const messages = {
  path: /\/messages$/,
  key: ({ headers }) => headers['x-api-key'] ?? completions.key({ headers }),
  answer({ text }, { model }) {
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model, content: [], stop_reason: null };
    const events = [
      { type: 'message_start', message: { ...message, usage: { input_tokens: 5, output_tokens: 1 } } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 2 } },
      { type: 'message_stop' },
    ];
    return sse(events.map((event) => json(event.type, event)));
  },
  refusal: ({ message, type }) => ({ type: 'error', error: { type, message }, request_id: 'req_1' }),
};

const generate = {
  path: /:streamGenerateContent/,
  key: ({ headers, url }) => headers['x-goog-api-key'] ?? new URL(url, 'http://loopback').searchParams.get('key'),
  answer({ text }) {
    const candidate = { index: 0, content: { role: 'model', parts: [{ text }] }, finishReason: 'STOP' };
    const usageMetadata = { promptTokenCount: 5, candidatesTokenCount: 2, totalTokenCount: 7 };
    return sse([json('', { candidates: [candidate], usageMetadata })]);
  },
  refusal: ({ message, status }) => ({
    error: { code: status, message, status: status === 429 ? 'RESOURCE_EXHAUSTED' : 'UNAVAILABLE' },
  }),
};

const dialects = [completions, responses, messages, generate];

/** The dialect of a request by its path; `undefined` if none is asked for (a list of models, say). */
export const dialectOf = (url) => dialects.find(({ path }) => path.test(url.split('?')[0]));
