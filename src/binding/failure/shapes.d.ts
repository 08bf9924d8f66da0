// What TypeScript derives from the structs of this folder, and rules of the caller's own, which the core reads from files
// too (`given_rules.rs`). `scripts/build.mjs` puts it into `index.d.ts`.

/** A response to find a retry hint in. Every field may be absent or `null`. */
export type RetryHintEvidence = Pick<FailureEvidence, 'headers' | 'body' | 'now'>

/**
 * A rule of your own, for words or codes of a provider that are read wrong or are new: what must hold, and what the
 * failure then is. What `then` does not say stays as it was read; a `class` brings its scope and whether another account
 * is asked. A caller's own abort is never given another meaning.
 *
 * ```js
 * const rules = [{ when: { provider: 'acme', text: 'piggy bank*' }, then: { class: 'billing' } }]
 * ```
 *
 * A rule that cannot be read is an `ERR_INVALID_ARGUMENT` that names its field, as is one without a condition.
 */
export interface FailureRule {
  when: FailureRuleCondition
  then: FailureRuleResult
}

/** All that is given must hold. Texts are plain, compared without case; a `*` at the end makes them a beginning. */
export interface FailureRuleCondition {
  /** The HTTP status, or any of several. */
  status?: number | readonly number[] | null
  /** The provider that was asked. */
  provider?: string | null
  /** A code, type or reason of the response, whole; `quota_*` is a beginning. */
  code?: string | null
  /** Words in the error's text; `your plan*` is its beginning. */
  text?: string | null
  /** A response header: `x-plan`, or with its value `x-plan: free`. */
  header?: string | null
}

/** What the failure then is. At least one must be given. */
export interface FailureRuleResult {
  class?: FailureClass | null
  scope?: FailureScope | null
  /** Whether another account is asked. */
  rotate?: boolean | null
  /** Milliseconds, 35 days at most; believed as it is. */
  retryAfterMs?: number | null
}
