import type { GeminiCliSimpleOptions } from '../index.js';

declare namespace extension {
  /** The part of pi's extension API that is used. */
  interface ExtensionHost {
    // biome-ignore lint/suspicious/noExplicitAny: pi's type of the configuration differs between its versions.
    registerProvider(name: string, config: any): void;
  }

  /** Options for every request; not what belongs to a single one. */
  type ExtensionSettings = Omit<GeminiCliSimpleOptions, 'apiKey' | 'signal' | 'sessionId' | 'reasoning'>;

  /**
   * An extension with settings of its own, for example a `proxy`, an `identity` or time limits. They win over what pi
   * passes with a request, header by header. `rateLimitText` is `quota` by default here: with the other wording pi's
   * session asks an account that is out of quota four times.
   */
  function createExtension(settings?: ExtensionSettings): (pi: ExtensionHost) => void;
}

/**
 * Registers the native request with pi (0.50 to 0.70) for the API `google-gemini-cli`, in the place of the built-in one.
 * Named by `pi.extensions` in package.json, so that `pi install` finds it.
 */
declare function extension(pi: extension.ExtensionHost): void;

export = extension;
