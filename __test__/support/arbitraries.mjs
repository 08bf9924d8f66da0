// Conversations and answers that a property test may draw.
import fc from 'fast-check';

/** Text with everything that is awkward in JSON, in UTF-16 and in trimming. */
const unit = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'Z', '0', ' ', '.') },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...['\ud83e', '\udd80', '🦀', 'é', '\\', '"', '/', '\n', '\r', '\t', '\f', '\b', '\u0000', '\u001f'],
      ...['\u2028', '\ufeff', '\u0085', '\u00a0', '\u200b', '<', '\\ud83e', '\\u0041', '\u007f'],
    ),
  },
);
export const words = fc.string({ unit, maxLength: 12 });
const wellFormed = words.map((text) => text.toWellFormed());

const signature = fc.constantFrom(
  undefined,
  '',
  'c2ln',
  'QUJD',
  'QQ==',
  'a+/9',
  'abc',
  '!!!!',
  'QQ=',
  '====',
  'a b c d',
);
const callId = fc.oneof(
  fc.constantFrom('call_1', 'call_2', 'call_3', 'a|b/c', 'x'.repeat(80), '🦀-1', 'tab\there', 'quo"te', '\ud83e'),
  fc.string({ unit, minLength: 1, maxLength: 6 }),
);
const json = fc.jsonValue({ maxDepth: 3, noUnicodeString: false, stringUnit: unit });
const record = fc.dictionary(fc.constantFrom('path', 'a', 'b', '1', '2', 'nested'), json, { maxKeys: 3 });

const some = (fields) => fc.record(fields, { requiredKeys: ['type'] });
const text = some({ type: fc.constant('text'), text: words, textSignature: signature });
const plainText = fc.record({ type: fc.constant('text'), text: words });
const image = fc.record({
  type: fc.constant('image'),
  data: fc.constantFrom('aGk=', 'AAAA', ''),
  mimeType: fc.constantFrom('image/png', 'image/jpeg'),
});
const placeholders = fc.constantFrom(
  { type: 'text', text: '(image omitted: model does not support images)' },
  { type: 'text', text: '(tool image omitted: model does not support images)' },
);
const thinking = some({
  type: fc.constant('thinking'),
  thinking: words,
  thinkingSignature: signature,
  redacted: fc.boolean(),
});
const toolCall = fc.record(
  {
    type: fc.constant('toolCall'),
    id: callId,
    name: fc.constantFrom('ls', 'read'),
    arguments: record,
    thoughtSignature: signature,
  },
  { requiredKeys: ['type', 'id', 'name'] },
);

const SAME = { same: true };
const origin = fc.oneof(
  fc.constant(SAME),
  fc.record({
    provider: fc.constantFrom('google-gemini-cli', 'google-antigravity', 'anthropic'),
    api: fc.constantFrom('google-gemini-cli', 'google-gemini-cli', 'anthropic-messages'),
    model: fc.constantFrom('gemini-2.5-pro', 'gemini-3-pro-preview', 'claude-sonnet-4-5', 'gpt-oss-120b-medium'),
  }),
);
const user = fc.record({
  role: fc.constant('user'),
  content: fc.oneof(words, fc.array(fc.oneof(plainText, image, placeholders), { maxLength: 4 })),
});
const assistant = fc
  .record({
    role: fc.constant('assistant'),
    origin,
    content: fc.array(fc.oneof(text, thinking, toolCall), { maxLength: 4 }),
    stopReason: fc.constantFrom('stop', 'toolUse', 'length', 'error', 'aborted'),
  })
  .map(({ origin: from, ...message }) => ({ ...message, ...from }));
const toolResult = fc.record({
  role: fc.constant('toolResult'),
  toolCallId: callId,
  toolName: fc.constantFrom('ls', 'read'),
  content: fc.array(fc.oneof(plainText, image, placeholders), { maxLength: 3 }),
  isError: fc.boolean(),
});

/** A turn with calls, and results for some of them. */
const exchange = fc.tuple(assistant, fc.array(fc.boolean(), { maxLength: 4 })).map(([message, answered]) => {
  const calls = message.content.filter((block) => block.type === 'toolCall');
  const results = calls
    .filter((_, index) => answered[index])
    .map(({ id, name }) => ({
      role: 'toolResult',
      toolCallId: id,
      toolName: name,
      content: [{ type: 'text', text: 'done' }],
      isError: false,
    }));
  return [message, ...results];
});

const schema = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom({ type: 'string' }, { const: 1.5 }, { enum: ['a', 'b'] }, true),
    fc.record(
      {
        type: fc.constant('object'),
        properties: fc.dictionary(fc.constantFrom('a', 'definitions', '$id', '$comment'), tie('node'), { maxKeys: 3 }),
        $schema: fc.constant('http://json-schema.org/draft-07/schema#'),
        $defs: fc.constant({ x: { type: 'string' } }),
        anyOf: fc.array(tie('node'), { maxLength: 2 }),
        items: tie('node'),
      },
      { requiredKeys: ['type'] },
    ),
  ),
})).node;
const tool = fc.record({
  name: fc.constantFrom('ls', 'read', 'write'),
  description: words,
  parameters: schema,
});

export const context = fc.record(
  {
    systemPrompt: words,
    messages: fc
      .array(fc.oneof(fc.tuple(user), exchange, fc.tuple(toolResult)), { maxLength: 6 })
      .map((turns) => turns.flat()),
    tools: fc.array(tool, { maxLength: 2 }),
  },
  { requiredKeys: ['messages'] },
);

/** The same conversation, with the turns of "the same model" coming from this one. */
export const askedOf = (model, { messages, ...rest }) => ({
  ...rest,
  messages: messages.map(({ same, ...message }) =>
    same ? { ...message, provider: model.provider, api: model.api, model: model.id } : message,
  ),
});

export const model = fc
  .record({
    id: fc.constantFrom(
      ...[
        'gemini-2.5-pro',
        'gemini-2.0-flash',
        'gemini-3-pro-preview',
        'gemini-3-flash-preview',
        'gemini-3.1-pro-preview',
      ],
      ...['claude-sonnet-4-5', 'claude-opus-4-5-thinking', 'gpt-oss-120b-medium', 'gemini-live-2-x', 'GEMINI-3-PRO'],
    ),
    provider: fc.constantFrom('google-gemini-cli', 'google-antigravity'),
    reasoning: fc.boolean(),
    input: fc.constantFrom(['text'], ['text', 'image']),
    maxTokens: fc.constantFrom(1500, 8192, 65_536),
  })
  .map((drawn) => ({
    ...drawn,
    api: 'google-gemini-cli',
    name: 'drawn',
    baseUrl: '',
    cost: { input: 1.25, output: 10, cacheRead: 0.31, cacheWrite: 0 },
    contextWindow: 1_000_000,
  }));

export const options = fc.record(
  {
    temperature: fc.constantFrom(0, 0.7, 1, 2),
    maxTokens: fc.constantFrom(1, 4096),
    sessionId: wellFormed,
    toolChoice: fc.constantFrom('auto', 'none', 'any'),
    thinking: fc.record(
      { enabled: fc.boolean(), budgetTokens: fc.constantFrom(0, 1024), level: fc.constantFrom('LOW', 'HIGH') },
      { requiredKeys: ['enabled'] },
    ),
  },
  { requiredKeys: [] },
);

const part = fc.oneof(
  fc.record({ text: words, thoughtSignature: signature }, { requiredKeys: ['text'] }),
  fc.record(
    { text: words, thought: fc.constant(true), thoughtSignature: signature },
    { requiredKeys: ['text', 'thought'] },
  ),
  fc.record(
    {
      functionCall: fc.record(
        { name: fc.constantFrom('ls', 'read'), args: record, id: fc.constantFrom('a', 'b', '') },
        { requiredKeys: ['name'] },
      ),
      thoughtSignature: signature,
    },
    { requiredKeys: ['functionCall'] },
  ),
);
const usageMetadata = fc.record(
  {
    promptTokenCount: fc.nat(9999),
    cachedContentTokenCount: fc.nat(99),
    candidatesTokenCount: fc.nat(999),
    thoughtsTokenCount: fc.nat(999),
    totalTokenCount: fc.nat(99_999),
  },
  { requiredKeys: [] },
);
const response = fc
  .record(
    { parts: fc.array(part, { maxLength: 3 }), usageMetadata, responseId: fc.constantFrom('r1', 'r2', '') },
    { requiredKeys: ['parts'] },
  )
  .map(({ parts, ...rest }) => ({ candidates: [{ content: { role: 'model', parts } }], ...rest }));

/** The chunks of an answer that is complete: a visible word, a finish reason, an end. */
export const answer = fc
  .tuple(fc.array(response, { maxLength: 6 }), fc.constantFrom('STOP', 'MAX_TOKENS'), usageMetadata)
  .map(([responses, finishReason, counts]) => [
    ...responses,
    { candidates: [{ content: { parts: [{ text: 'end' }] }, finishReason }], usageMetadata: counts },
  ]);
