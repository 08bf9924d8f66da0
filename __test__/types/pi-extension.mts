// The extension's types against pi's own.
import extension, { createExtension } from 'auth-failover/pi-extension';
import type { ExtensionFactory } from 'pi-coding-agent-070';

export const whole: ExtensionFactory = extension;
export const withSettings: ExtensionFactory = createExtension({ retry: 'none', idleTimeoutMs: 1000 });
// @ts-expect-error a wording that does not exist
createExtension({ rateLimitText: 'loud' });
// @ts-expect-error a signal belongs to one request
createExtension({ signal: null });
