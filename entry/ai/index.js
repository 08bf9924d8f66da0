'use strict';
// A middleware for the AI SDK, versions 5 and 6: the model of one account after the other, until one answers.

const core = require('../../index.js');
const { Items } = require('../stream/items.js');

const API_CALL_ERROR = Symbol.for('vercel.ai.error.AI_APICallError');

/** The SDK's own error, if that is what the run came to; all accounts were asked, so it must not ask again. */
function thrown(error) {
  for (const candidate of [error, error?.cause]) {
    if (candidate?.[API_CALL_ERROR]) return Object.assign(candidate, { isRetryable: false });
  }
  return error;
}

/** What of an attempt's context belongs to the account. */
const profileOf = ({ profileId, apiKey, credential, baseURL, headers, attempt }) => ({
  id: profileId,
  apiKey,
  credential,
  baseURL: baseURL ?? undefined,
  headers: headers ?? undefined,
  attempt,
});

exports.failoverMiddleware = (accounts, modelFor, options = {}) => {
  core.checkCall('middleware', options);
  const paramsOf = ({ params, model }) => ({ model: model?.modelId, signal: params.abortSignal, ...options });
  const call = async (context, params, method) => {
    const model = await modelFor(profileOf(context));
    return model[method]({ ...params, abortSignal: context.signal });
  };
  return {
    specificationVersion: 'v3',
    middlewareVersion: 'v2',
    async wrapGenerate({ params, model }) {
      const run = (context) => call(context, params, 'doGenerate');
      try {
        return (await accounts.run({ ...paramsOf({ params, model }), run })).result;
      } catch (error) {
        throw thrown(error);
      }
    },
    wrapStream({ params, model }) {
      return new Promise((resolve, reject) => {
        // Emptied with the answer: whoever can resolve a promise holds what it was resolved with.
        const caller = { resolve };
        const run = async (context) => {
          const answer = await call(context, params, 'doStream');
          const items = new Items(answer.stream[Symbol.asyncIterator](), context);
          await items.decide();
          give(caller, answer, items);
          return items.ended;
        };
        Promise.resolve(accounts.run({ ...paramsOf({ params, model }), run })).catch((error) => reject(thrown(error)));
      });
    },
  };
};

/** Apart, so that nothing of the attempt holds the caller's stream. */
function give(caller, answer, items) {
  const stream = new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await items.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => items.leave(),
    },
    { highWaterMark: 0 },
  );
  items.endWith(stream);
  caller.resolve({ ...answer, stream });
  caller.resolve = null;
}
