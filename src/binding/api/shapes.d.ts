// What `entry/fetch` and `entry/stream` add to a handle. `scripts/build.mjs` puts it into `index.d.ts`.

/** The account whose turn it is, for `credential` of `createFailover`. */
export interface FailoverFetchProfile {
  id: string
  /** The key, the token or the access token. */
  apiKey: string
  credential: StoredCredential & { provider: string }
  baseURL: string | null
  headers: Record<string, string> | null
}

/** A `fetch`, and the same for streams, whose requests belong to one session. */
export interface FailoverSession {
  fetch: typeof globalThis.fetch
  stream: Failover['stream']
}

export interface Failover {
  /**
   * A `fetch` for any SDK: takes what `fetch` takes, and sends each request with one account's key after the other's until
   * one has begun to answer.
   *
   * ```js
   * const openai = new OpenAI({ apiKey: 'unused', fetch: accounts.fetch })
   * const anthropic = new Anthropic({ apiKey: 'unused', fetch: accounts.fetch })
   * const google = new GoogleGenAI({ apiKey: 'unused', httpOptions: { fetch: accounts.fetch } })
   * ```
   *
   * - The key goes where the SDK has put its own (see `credential`); an account's `baseURL` and `headers` go with its key.
   *   The model is read from the body or the address.
   * - An error status is a failure, and so is, with a good status, an error event before the first content of a stream, a
   *   JSON document that is an error, and a stream that ends or breaks before it has begun. A stream is held back until its
   *   first content or its end, for 64 KiB or 5 seconds at most. Then it is passed on as it is, and booked by what it ends
   *   in.
   * - The account is reserved until the body has been read, is cancelled, is collected, or has not been read for a minute.
   * - When nobody is left, the last refusal comes as it came, else a refusal in the API's own shape (429, 401, 402, 503),
   *   with `retry-after` and `retry-after-ms` of whoever is free next, and `x-should-retry: false`: most SDKs throw their own
   *   error at once. The AI SDK and Cohere's retry all the same, and then ask nobody who rests: use `auth-failover/ai`, or
   *   `maxRetries: 0`.
   * - Bodies are sent again, streams too (see `maxReplayBytes`).
   * - `idleTimeoutMs` counts while the server is waited for, not while the caller takes his time.
   *
   * Rejects with the signal's reason, with `ERR_INVALID_ARGUMENT`, and with what `fetch` rejects with for a request that
   * cannot be sent.
   */
  fetch: typeof globalThis.fetch
  /**
   * The same for an async iterable, a generator or an SDK's own stream: fails over until the first item that is content,
   * and books what follows. Ends in the error of what it reads, or rejects as `run` does.
   *
   * ```js
   * for await (const event of accounts.stream(({ apiKey }) => new Anthropic({ apiKey, maxRetries: 0 }).messages.stream(body))) …
   * for await (const part of accounts.stream(({ apiKey }) => streamText({ model: createOpenAI({ apiKey })('gpt-5'), prompt, maxRetries: 0 }))) …
   * ```
   *
   * Of the AI SDK's result it reads `fullStream`. Nothing is asked before the first item is.
   */
  stream<T>(
    run:
      | ((context: FailoverAttemptContext) => FailoverStreamSource<T> | PromiseLike<FailoverStreamSource<T>>)
      | (FailoverCallOptions & {
          run: (context: FailoverAttemptContext) => FailoverStreamSource<T> | PromiseLike<FailoverStreamSource<T>>
        }),
  ): AsyncIterableIterator<T>
  /** `fetch` and `stream` whose requests belong to one session, and so stay with one account while they can. */
  withSession(sessionKey: string): FailoverSession
}

/** What `stream` reads. */
export type FailoverStreamSource<T> = AsyncIterable<T> | Iterable<T> | { fullStream: AsyncIterable<T> }
