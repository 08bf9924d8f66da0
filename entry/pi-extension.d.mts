import type { GeminiCliSimpleOptions } from '../index.js';

/** What the extension needs of pi's `ExtensionAPI`. */
export interface PiExtensionApi {
  registerProvider(name: string, config: { api: string; streamSimple: any }): void;
}

/** Options for every request, without what belongs to a single one. */
export type PiExtensionSettings = Omit<
  Partial<GeminiCliSimpleOptions>,
  'apiKey' | 'signal' | 'sessionId' | 'reasoning'
>;

/**
 * An extension that lets all of pi's requests of the API `google-gemini-cli` (providers `google-gemini-cli` and
 * `google-antigravity`) go through `streamSimpleGoogleGeminiCli`. `settings` win over what pi passes; `headers` of both
 * are sent.
 *
 * `rateLimitText` is `quota` by default here: pi's session repeats the other wording, three times on the same account.
 */
export declare function createExtension(settings?: PiExtensionSettings | null): (pi: PiExtensionApi) => void;

/** The extension with nothing set. `pi.extensions` in package.json names it, so that `pi install` finds it. */
declare const extension: (pi: PiExtensionApi) => void;
export default extension;
