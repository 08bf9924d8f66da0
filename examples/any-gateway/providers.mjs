// Two providers over plain fetch. All that failover needs is on the error that they throw: status, headers and body.

/** A response that is no answer. */
export class HttpError extends Error {
  constructor(response, body) {
    super(`${response.status} ${response.statusText}`.trim());
    this.name = 'HttpError';
    this.status = response.status;
    this.headers = response.headers;
    this.body = body;
  }
}

async function post(url, headers, body, signal) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal,
  });
  if (!response.ok) throw new HttpError(response, await response.text());
  return response.json();
}

export const providers = {
  anthropic: {
    baseUrl: 'https://api.anthropic.com',
    async ask({ baseUrl, apiKey, model, messages, signal }) {
      const headers = { 'x-api-key': apiKey, 'anthropic-version': '2023-06-01' };
      const answer = await post(`${baseUrl}/v1/messages`, headers, { model, messages, max_tokens: 4096 }, signal);
      return answer.content.map((block) => block.text ?? '').join('');
    },
  },
  openai: {
    baseUrl: 'https://api.openai.com',
    async ask({ baseUrl, apiKey, model, messages, signal }) {
      const headers = { authorization: `Bearer ${apiKey}` };
      const answer = await post(`${baseUrl}/v1/chat/completions`, headers, { model, messages }, signal);
      return answer.choices[0].message.content;
    },
  },
};
