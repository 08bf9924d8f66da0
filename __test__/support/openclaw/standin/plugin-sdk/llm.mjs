/** As the gateway's: pushed events come out in order, and the last one is the result. */
class AssistantMessageEventStream {
  #events = [];
  #wake = [];
  #isOver = false;
  #result = Promise.withResolvers?.() ?? withResolvers();

  push(event) {
    if (this.#isOver) return;
    this.#events.push(event);
    if (event.type === 'done' || event.type === 'error') {
      this.#isOver = true;
      this.#result.resolve(event.type === 'done' ? event.message : event.error);
    }
    for (const wake of this.#wake.splice(0)) wake();
  }

  async *[Symbol.asyncIterator]() {
    for (let next = 0; ; next += 1) {
      while (next === this.#events.length) {
        if (this.#isOver) return;
        await new Promise((resolve) => this.#wake.push(resolve));
      }
      yield this.#events[next];
    }
  }

  result() {
    return this.#result.promise;
  }
}

function withResolvers() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

export const createAssistantMessageEventStream = () => new AssistantMessageEventStream();
