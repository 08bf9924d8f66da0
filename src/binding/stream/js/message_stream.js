// The JavaScript half of a stream: what must touch JavaScript objects once per event lives here, where it costs
// nothing to cross, and everything that decides lives in Rust.
//
// Protocol: `session.pull()` resolves with a JSON array of operations and their operands (see batch.rs). An
// event object is made only when somebody takes it; that is also when the shared `partial` message grows, so `partial`
// is never ahead of its event. Invariant: one terminal event, one settled result, no listener left behind.
(function linkMessageStream(native) {
  'use strict';

  // Numbered in operation.rs.
  const {
    START,
    OPEN_TEXT,
    OPEN_THINKING,
    DELTA,
    CLOSE,
    SIGNATURE,
    TOOL_CALL,
    USAGE,
    RESPONSE_ID,
    ASK_PAYLOAD,
    ASK_RESPONSE,
    PLAIN_TEXT_HOST,
    DONE,
    FAILED,
  } = native.operations;

  const NOTHING = [];
  const CLOSED = { value: undefined, done: true };

  class MessageStream {
    #session;
    #call;
    #message;
    #block;
    #kind = '';
    // The batch being read, and events made ahead of their reader.
    #ops = NOTHING;
    #at = 0;
    #ahead = [];
    #first = 0;
    #later = [];
    #waiting = [];
    #filling = false;
    #draining = false;
    #closed = false;
    #ended = false;
    #result;
    #settle;

    constructor(session, call) {
      this.#session = session;
      this.#call = call;
      this.#message = emptyMessage(call.model);
      this.#result = new Promise((resolve) => {
        this.#settle = resolve;
      });
      this.#fill();
    }

    [Symbol.asyncIterator]() {
      return {
        next: () => this.#next(),
        return: (value) => this.#close(value),
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    }

    // Also drives the stream: events that nobody has taken yet are kept for a later reader.
    result() {
      this.#drain();
      return this.#result;
    }

    #next() {
      const event = this.#take();
      if (event !== undefined) return Promise.resolve({ value: event, done: false });
      if (this.#ended || this.#closed) return Promise.resolve(CLOSED);
      return new Promise((resolve) => {
        this.#waiting.push(resolve);
        this.#fill();
      });
    }

    #close(value) {
      if (!this.#closed) {
        this.#closed = true;
        this.#ahead = [];
        this.#first = 0;
        this.#later = [];
        this.#session.cancel();
        this.#drain();
        for (const resolve of this.#waiting.splice(0)) resolve(CLOSED);
      }
      return Promise.resolve({ value, done: true });
    }

    #drain() {
      if (this.#draining) return;
      this.#draining = true;
      this.#serve();
    }

    #fill() {
      if (this.#filling || this.#ended) return;
      this.#filling = true;
      this.#session.pull().then(this.#received, this.#broken);
    }

    #received = (text) => {
      this.#filling = false;
      // A throw here would reach nobody and end the process.
      try {
        this.#ops = JSON.parse(text);
        this.#at = 0;
        this.#answerQuestions();
        this.#serve();
      } catch (error) {
        this.#broken(error);
      }
    };

    #broken = (error) => {
      this.#filling = false;
      this.#ops = [FAILED, 'error', `internal fault in the stream: ${error?.message}`, null];
      this.#at = 0;
      this.#serve();
    };

    #serve() {
      while (this.#waiting.length > 0) {
        const event = this.#take();
        if (event === undefined) break;
        this.#waiting.shift()({ value: event, done: false });
      }
      if (this.#draining) {
        for (let event = this.#make(); event !== undefined; event = this.#make()) {
          if (!this.#closed && !this.#call.discard) this.#ahead.push(event);
        }
      }
      if (this.#ended) {
        for (const resolve of this.#waiting.splice(0)) resolve(CLOSED);
      } else if (this.#waiting.length > 0 || this.#draining) {
        this.#fill();
      }
    }

    #take() {
      if (this.#closed) return undefined;
      if (this.#first === this.#ahead.length) return this.#make();
      const event = this.#ahead[this.#first];
      this.#ahead[this.#first++] = undefined;
      if (this.#first === this.#ahead.length) {
        this.#ahead = [];
        this.#first = 0;
      }
      return event;
    }

    // Applies operations until one makes an event.
    #make() {
      if (this.#later.length > 0) return this.#later.shift();
      const ops = this.#ops;
      const partial = this.#message;
      while (this.#at < ops.length) {
        switch (ops[this.#at++]) {
          case DELTA: {
            const delta = ops[this.#at++];
            const contentIndex = partial.content.length - 1;
            if (this.#kind === 'text') {
              this.#block.text += delta;
              return { type: 'text_delta', contentIndex, delta, partial };
            }
            this.#block.thinking += delta;
            return { type: 'thinking_delta', contentIndex, delta, partial };
          }
          case START:
            return { type: 'start', partial };
          case OPEN_TEXT:
            return this.#open('text', { type: 'text', text: '' });
          case OPEN_THINKING:
            return this.#open('thinking', { type: 'thinking', thinking: '' });
          case CLOSE: {
            const content = this.#block[this.#kind];
            return { type: `${this.#kind}_end`, contentIndex: partial.content.length - 1, content, partial };
          }
          case SIGNATURE:
            this.#block[`${this.#kind}Signature`] = ops[this.#at++];
            break;
          case TOOL_CALL:
            return this.#toolCall();
          case USAGE:
            this.#usage();
            break;
          case RESPONSE_ID:
            partial.responseId = ops[this.#at++];
            break;
          case DONE:
            partial.stopReason = ops[this.#at++];
            this.#end();
            return { type: 'done', reason: partial.stopReason, message: partial };
          case FAILED:
            return this.#failed();
        }
      }
      return undefined;
    }

    #open(kind, block) {
      this.#kind = kind;
      this.#block = block;
      const { content } = this.#message;
      content.push(block);
      return { type: `${kind}_start`, contentIndex: content.length - 1, partial: this.#message };
    }

    // One operation, three events.
    #toolCall() {
      const partial = this.#message;
      const [id, name, args, signature] = this.#ops.slice(this.#at, this.#at + 4);
      this.#at += 4;
      const toolCall = { type: 'toolCall', id, name: name || '', arguments: args ?? {} };
      if (signature) toolCall.thoughtSignature = signature;
      const contentIndex = partial.content.push(toolCall) - 1;
      const delta = JSON.stringify(toolCall.arguments);
      this.#later.push(
        { type: 'toolcall_delta', contentIndex, delta, partial },
        { type: 'toolcall_end', contentIndex, toolCall, partial },
      );
      return { type: 'toolcall_start', contentIndex, partial };
    }

    #usage() {
      const [input, output, cacheRead, totalTokens, costInput, costOutput, costCacheRead, total] = this.#ops.slice(
        this.#at,
        this.#at + 8,
      );
      this.#at += 8;
      const cost = { input: costInput, output: costOutput, cacheRead: costCacheRead, cacheWrite: 0, total };
      this.#message.usage = { input, output, cacheRead, cacheWrite: 0, totalTokens, cost };
    }

    #failed() {
      const message = this.#message;
      const [reason, words, failure] = this.#ops.slice(this.#at, this.#at + 3);
      this.#at += 3;
      message.stopReason = reason;
      message.errorMessage = words;
      if (failure) message.failure = failure;
      const { signal } = this.#call;
      if (reason === 'aborted' && signal?.aborted) {
        // Not enumerable: hosts write messages to disk, and a reason is for the program that gave it.
        Object.defineProperty(message, 'cause', { value: signal.reason, configurable: true, writable: true });
      }
      this.#end();
      return { type: 'error', reason, error: message };
    }

    #end() {
      this.#ended = true;
      this.#session.detach();
      this.#settle(this.#message);
    }

    // Questions come before any event, so they never wait behind one.
    #answerQuestions() {
      const ops = this.#ops;
      let asked = false;
      for (;;) {
        if (ops[this.#at] === ASK_PAYLOAD) {
          const payload = ops[this.#at + 1];
          this.#ask('onPayload', payload, (replaced) => bodyOf(replaced === undefined ? payload : replaced));
        } else if (ops[this.#at] === ASK_RESPONSE) {
          this.#ask('onResponse', ops[this.#at + 1], () => undefined);
        } else if (ops[this.#at] === PLAIN_TEXT_HOST) {
          native.warnPlainText(ops[this.#at + 1]);
        } else {
          break;
        }
        this.#at += 2;
        asked = true;
      }
      if (asked && this.#at === ops.length) this.#fill();
    }

    async #ask(name, subject, answerOf) {
      try {
        const answer = await this.#call.options[name](subject, this.#call.model);
        this.#session.answer(answerOf(answer));
      } catch (error) {
        this.#session.refuse(error instanceof Error ? error.message : String(JSON.stringify(error)));
      }
    }
  }

  // A payload that was only changed in place counts too, so it is written anew either way.
  function bodyOf(payload) {
    const text = JSON.stringify(payload);
    if (text === undefined) throw new TypeError('options.onPayload: its value cannot be serialised');
    return text;
  }

  function emptyMessage(model) {
    return {
      role: 'assistant',
      content: [],
      api: 'google-gemini-cli',
      provider: model?.provider,
      model: model?.id,
      usage: {
        input: 0,
        output: 0,
        cacheRead: 0,
        cacheWrite: 0,
        totalTokens: 0,
        cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, total: 0 },
      },
      stopReason: 'stop',
      timestamp: Date.now(),
    };
  }

  return MessageStream;
});
