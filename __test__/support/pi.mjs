// The original, for comparison: pi-ai 0.70.6 in the same process, and what is compared.
import {
  buildRequest,
  streamGoogleGeminiCli as piStream,
  streamSimpleGoogleGeminiCli as piStreamSimple,
} from '@mariozechner/pi-ai/google-gemini-cli';

import { buildGeminiCliRequest, streamGoogleGeminiCli, streamSimpleGoogleGeminiCli } from '../../index.js';
import { apiKey } from './request.mjs';

export { piStream, piStreamSimple };

const isAntigravity = (model) => model.provider === 'google-antigravity';
const plain = (value) => JSON.parse(JSON.stringify(value));

/** A body without what is meant to differ: the request's id, and the name of the program. */
export const comparable = ({ requestId, userAgent, ...body }) => plain(body);

/** The original's body for the same call. */
export const piBody = (model, context, options) =>
  comparable(buildRequest(model, context, 'project-1', options, isAntigravity(model)));

/** What the original says about itself for this model: with it, a host sends what it sent before. */
export function piIdentity(model) {
  if (!isAntigravity(model)) return undefined;
  const { request, requestType, userAgent } = buildRequest(model, { messages: [] }, 'p', {}, true);
  return { requestType, userAgent, systemInstruction: request.systemInstruction.parts.map((part) => part.text) };
}

export const ourBody = async (model, context, options) =>
  comparable(
    (await buildGeminiCliRequest(model, context, { ...options, identity: piIdentity(model), apiKey: apiKey() })).body,
  );

/** The events and the final message of both, for one call against one server. */
export async function both(model, context, options, { simple = false } = {}) {
  const withKey = (token) => ({ ...options, apiKey: apiKey(token) });
  const ours = simple ? streamSimpleGoogleGeminiCli : streamGoogleGeminiCli;
  const theirs = simple ? piStreamSimple : piStream;
  const [left, right] = await Promise.all([
    collect(ours(model, context, { ...withKey('ours'), identity: piIdentity(model) })),
    collect(theirs(model, context, withKey('theirs'))),
  ]);
  return { ours: left, theirs: right };
}

async function collect(stream) {
  const events = [];
  for await (const { partial, ...event } of stream) events.push(shown(event));
  return { events, message: shown(await stream.result()) };
}

// Ids that neither side was given are numbered by each side itself.
const shown = (value) =>
  JSON.parse(
    JSON.stringify(value, (key, inner) => {
      if (key === 'timestamp' || key === 'failure') return undefined;
      return key === 'id' && typeof inner === 'string' ? inner.replace(/_\d{13}_\d+$/, '_new') : inner;
    }),
  );
