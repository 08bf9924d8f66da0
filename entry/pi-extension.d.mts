import type { GeminiCliSimpleOptions } from '../index.js';

/** What the extension needs of pi's `ExtensionAPI`. */
export interface PiExtensionApi {
  registerProvider(name: string, config: { api: string; streamSimple: any }): void;
}

/**
 * Lets all of pi's requests of the API `google-gemini-cli` (providers `google-gemini-cli` and `google-antigravity`) go
 * through `streamSimpleGoogleGeminiCli`, with `rateLimitText: 'quota'`: an account out of quota is asked once per prompt.
 * `options` are added to every request and win over pi's own.
 */
export declare function registerGeminiCli(pi: PiExtensionApi, options?: Partial<GeminiCliSimpleOptions> | null): void;

/** The extension with nothing set: `registerGeminiCli(pi)`. */
export default function extension(pi: PiExtensionApi): void;
