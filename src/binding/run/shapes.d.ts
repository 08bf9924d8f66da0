// What `js/attempt.js` completes: no Rust struct builds it as a whole. `scripts/build.mjs` puts it into `index.d.ts`.

/** What one attempt has to work with. */
export interface AuthProfileAttemptContext {
  profileId: string
  /**
   * The profile's entry as it stands in the file now. An OAuth credential may have expired: refresh it under
   * `withAuthProfileLock`.
   */
  credential: AuthProfileCredential & Record<string, unknown>
  /**
   * The credential as providers take it: the key, the token or the OAuth access token; for `google-gemini-cli` and
   * `google-antigravity` the JSON text of `token` and `projectId`. Where the profile names its secret by reference
   * (`keyRef`, `tokenRef`, `oauthRef`), what `resolveSecret` gave. Without that it is empty, and `run` finds the
   * reference in `credential`; if the client or the server then refuses to work without one, the attempt fails
   * with `ERR_SECRET_UNRESOLVED`, and the account rests for seconds only.
   */
  apiKey: string
  /** Aborted with the caller's reason, or with a `TimeoutError` when the attempt's time is over. */
  signal: AbortSignal
  /** From 1. */
  attempt: number
  /**
   * Says that something of the answer goes out now: if the attempt fails later, its failure is passed on, and nobody
   * else is asked (`replay: 'always'` asks). Also a sign of life, as `progress()`. Cheap enough for every chunk; needs no
   * `this`; means nothing when the attempt is over.
   */
  deliver: () => void
  /**
   * A sign of life while nothing of the answer has gone out: it ends the wait for the first byte and begins
   * `idleTimeoutMs` anew.
   */
  progress: () => void
}
