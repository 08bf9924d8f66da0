// The AI SDK's own types are not named: it is an optional peer, and versions 5 and 6 call theirs differently.

/** The account whose turn it is. */
export interface FailoverProfile {
  id: string
  apiKey: string
  /** The whole credential, as the store or `profiles` have it. */
  credential: Record<string, unknown>
  /** What goes with the account's key, if `profiles` names it. */
  baseURL?: string | undefined
  headers?: Record<string, string> | undefined
  /** From 1. */
  attempt: number
}

/** What the middleware needs of `createFailover`'s handle. */
export interface FailoverAccounts {
  run(params: any): Promise<{ result: any }>
}

export interface FailoverMiddlewareOptions {
  /** Requests of one session stay with one account. */
  sessionKey?: string | null | undefined
  /** Longest time to the first part of an answer, in milliseconds. */
  firstByteTimeoutMs?: number | null | undefined
  /** Longest time for one attempt, in milliseconds. */
  timeoutMs?: number | null | undefined
}

/**
 * A middleware for `wrapLanguageModel`: `modelFor` makes the model of one account, and the next one is asked if that
 * fails before its first content. When nobody is left, the SDK's own error is thrown at once, whatever `maxRetries` says.
 *
 * ```ts
 * import { failoverMiddleware } from 'auth-failover/ai'
 *
 * const model = wrapLanguageModel({
 *   model: openai('gpt-5'),
 *   middleware: failoverMiddleware(accounts, ({ apiKey }) => createOpenAI({ apiKey })('gpt-5')),
 * })
 * ```
 */
export declare function failoverMiddleware(
  accounts: FailoverAccounts,
  modelFor: (profile: FailoverProfile) => any,
  options?: FailoverMiddlewareOptions,
): any
