// The extension's entry as an operator's drop-in file and pi itself see it.
import extension, { createExtension } from 'auth-failover/pi-extension';
import type { ExtensionFactory } from 'pi-coding-agent-070';

const pi = { registerProvider(_name: string, _config: { api?: string }) {} };

export const factories: ExtensionFactory[] = [extension, createExtension({ rateLimitText: 'quota' })];
extension(pi);
createExtension({ rateLimitText: 'quota', proxy: false })(pi);
createExtension()(pi);
// @ts-expect-error: a key belongs to a request
createExtension({ apiKey: 'key' });
