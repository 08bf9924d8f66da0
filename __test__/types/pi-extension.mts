// The extension's types against pi's own.
import extension, { registerGeminiCli } from 'auth-failover/pi-extension';
import type { ExtensionAPI, ExtensionFactory } from 'pi-coding-agent-070';

export const whole: ExtensionFactory = extension;
export const withOptions: ExtensionFactory = (pi: ExtensionAPI) =>
  registerGeminiCli(pi, { retry: 'none', idleTimeoutMs: 1000 });
// @ts-expect-error a wording that does not exist
export const wrong: ExtensionFactory = (pi: ExtensionAPI) => registerGeminiCli(pi, { rateLimitText: 'loud' });
