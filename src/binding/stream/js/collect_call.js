// A call on its way into Rust: the caller's objects become text, and what cannot is named by its field.
//
// Invariant: nothing here throws but what pi throws; a fault travels with the call and ends its stream.
(function linkCalls(native, MessageStream) {
  'use strict';

  // A fault of the caller's, by the name of its field.
  class InputFault extends Error {
    constructor(field, problem) {
      super(problem);
      this.field = field;
    }
  }

  function textOf(field, value) {
    let text;
    try {
      text = JSON.stringify(value);
    } catch (error) {
      throw new InputFault(field, `cannot be serialised (${String(error?.message).split('\n', 1)[0]})`);
    }
    if (text === undefined) throw new InputFault(field, 'cannot be serialised');
    return text;
  }

  function objectOf(field, value) {
    if (typeof value !== 'object' || value === null) throw new InputFault(field, 'must be an object');
    return value;
  }

  function pick(field, source, keys) {
    const picked = {};
    for (const key of keys) {
      const value = source[key];
      if (typeof value === 'number' && !Number.isFinite(value)) {
        throw new InputFault(`${field}.${key}`, 'must be a finite number');
      }
      if (typeof value !== 'function') picked[key] = value;
    }
    return picked;
  }

  // Which fields count is said by the structs that read them.
  const { modelKeys, optionKeys } = native;
  // No data: each is taken by itself.
  const APART = ['apiKey', 'signal', 'onPayload', 'onResponse'];
  const optionDataKeys = optionKeys.filter((key) => !APART.includes(key));
  // `JSON.stringify` escapes a surrogate only where it stands alone.
  const LONE_SURROGATE = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;

  // Plain data, without getters and functions, for Rust to read field by field.
  function plain(field, source, keys) {
    const text = textOf(field, pick(field, objectOf(field, source), keys));
    if (LONE_SURROGATE.test(text)) throw new InputFault(field, 'must not hold a lone surrogate');
    return JSON.parse(text);
  }

  const MESSAGE_KEYS = [
    'role',
    'content',
    'provider',
    'api',
    'model',
    'stopReason',
    'toolCallId',
    'toolName',
    'isError',
  ];

  // What the request needs of a conversation. Hosts hang much more on a message (a tool's details may be large, or a
  // circle), and image data crosses beside the text: as one string, without being escaped and parsed again.
  function collectContext(context) {
    objectOf('context', context);
    if (!Array.isArray(context.messages)) throw new InputFault('context.messages', 'must be an array');
    const images = [];
    const blockOf = (block) => {
      if (block?.type !== 'image') return block;
      const data = typeof block.data === 'string' ? images.push(block.data) - 1 : undefined;
      return { type: 'image', mimeType: block.mimeType, data };
    };
    const messages = context.messages.map((message, index) => {
      const field = `context.messages[${index}]`;
      const picked = pick(field, objectOf(field, message), MESSAGE_KEYS);
      if (Array.isArray(picked.content)) picked.content = picked.content.map(blockOf);
      return picked;
    });
    const tools = context.tools?.map?.(({ name, description, parameters }) => ({ name, description, parameters }));
    const json = textOf('context', { systemPrompt: context.systemPrompt, messages, tools });
    return { json, images };
  }

  function collect(model, context, options, simple) {
    const given = options ?? {};
    const call = { simple, now: Date.now() };
    try {
      call.model = plain('model', model, modelKeys);
      call.options = plain('options', given, optionDataKeys);
      const { apiKey, signal, onPayload, onResponse } = given;
      call.options.apiKey = apiKey ? String(apiKey) : undefined;
      call.options.signal = signal;
      if (typeof onPayload === 'function') call.options.onPayload = onPayload;
      if (typeof onResponse === 'function') call.options.onResponse = onResponse;
      const { json, images } = collectContext(context);
      call.context = json;
      call.images = images;
    } catch (error) {
      call.faultField = error instanceof InputFault ? error.field : 'arguments';
      call.faultProblem = error instanceof InputFault ? error.message : `cannot be read (${error?.message})`;
    }
    return call;
  }

  function open(model, context, options, simple, discard = false) {
    const session = native.open(collect(model, context, options, simple));
    return new MessageStream(session, { model, options, signal: options?.signal, discard });
  }

  function errorOf(message, code) {
    const { failure } = message;
    const error =
      failure?.rule === 'invalid-input' ? new TypeError(message.errorMessage) : new Error(message.errorMessage);
    if (failure?.class === 'timeout' && failure.causedBy === 'addon') error.name = 'TimeoutError';
    if (failure?.field !== undefined) error.field = failure.field;
    return Object.assign(error, { code, failure, partial: message });
  }

  return {
    stream: (model, context, options) => open(model, context, options, false),

    streamSimple(model, context, options) {
      if (!options?.apiKey) {
        throw new Error('Google Cloud Code Assist requires OAuth authentication. Use /login to authenticate.');
      }
      return open(model, context, options, true);
    },

    async request(model, context, options) {
      const message = await open(model, context, options, false, true).result();
      if (message.stopReason !== 'error' && message.stopReason !== 'aborted') return message;
      if (Object.hasOwn(message, 'cause')) throw message.cause;
      throw errorOf(message, native.codeOf(message.failure ?? {}));
    },

    async build(model, context, options) {
      return JSON.parse(await native.build(collect(model, context, options, false)));
    },
  };
});
