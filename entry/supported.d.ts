/**
 * Whether the native part can be loaded on this machine. Loads it, and never throws.
 *
 * ```js
 * import { isSupported } from 'auth-failover/supported'
 * const profiles = isSupported() ? await import('auth-failover') : await import('./our-own.js')
 * ```
 */
export declare function isSupported(): boolean;

/** What `import 'auth-failover'` would throw here; `null` if it would not. */
export declare function whyUnsupported(): NativeUnavailableError | null;

/** Thrown by `import 'auth-failover'` where the native part cannot be loaded. */
export interface NativeUnavailableError extends Error {
  code: 'ERR_NATIVE_UNAVAILABLE';
  /**
   * `unsupported-platform`: there is no build for it. `package-missing`: there is one, and it is not installed.
   * `load-failed`: it is installed, and the system refuses it; see `cause`.
   */
  problem: 'unsupported-platform' | 'package-missing' | 'load-failed';
  /** This machine, for example `linux-x64-gnu`. */
  platform: string;
  /** The package that has the native part for it; `null` if there is none. */
  packageName: string | null;
  /** Every platform that there is a build for. */
  supported: string[];
  /** What the loader tried, one error as the cause of the other. */
  cause: unknown;
}
