// What the functions of `refresh` take and give. `scripts/build.mjs` puts it into `index.d.ts`.

/** Why a login is renewed. */
export interface RefreshAbout {
  /**
   * Aborted when the refresh has taken 30 seconds. What it comes to later is stored all the same: do not give up an answer
   * that may hold the only refresh token that is still good.
   */
  signal: AbortSignal
  profileId: string
  /** `expiring`: the access token expires soon, or has expired. `refused`: a server did not take it. */
  reason: 'expiring' | 'refused'
}

/**
 * Renews a login: gets the credential as it stands in its store, and gives the credential as it is from now on. What it
 * leaves out stays as it was.
 */
export type RefreshCredential = (
  credential: StoredCredential & { provider: string },
  about?: RefreshAbout | { signal?: AbortSignal | null; profileId?: string | null } | null,
) => Promise<StoredCredential & { provider: string }>
