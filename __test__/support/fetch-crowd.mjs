// A process that asks so many questions at once through our fetch, and tells what came of them.
import OpenAI from 'openai';

import { createFetch } from '../../entry/fetch/fetch.js';
import { runWithAuthProfiles, settled } from '../../index.js';
import { argument } from './child.mjs';

const { url, agentDir, count } = argument();
const attempts = [];
const run = async (params) => {
  const given = runWithAuthProfiles({ provider: 'acme', agentDir, ...params });
  given.then(
    (end) => attempts.push(...end.attempts),
    (error) => attempts.push(...(error.attempts ?? [])),
  );
  return given;
};
const { chat } = new OpenAI({ apiKey: 'unused', baseURL: `${url}/v1`, fetch: createFetch(run) });

async function ask() {
  const stream = await chat.completions.create({ model: 'm', messages: [], stream: true });
  let text = '';
  for await (const { choices } of stream) text += choices[0]?.delta?.content ?? '';
  return text;
}

const texts = await Promise.allSettled(Array.from({ length: count }, ask));
await settled();
process.send({
  texts: texts.map(({ value, reason }) => value ?? String(reason)),
  attempts: attempts.map(({ profileId, failure }) => [profileId, failure?.class ?? null]),
});
