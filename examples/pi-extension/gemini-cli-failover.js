// For <agentDir>/extensions/ of pi and of gateways that load pi's extensions; see README.md here.
import { registerGeminiCli } from 'auth-failover/pi-extension';

export default (pi) =>
  registerGeminiCli(pi, {
    // Server faults and broken connections are tried again up to 3 times, a 429 never. 'none': nothing is.
    retry: 'transient',
    // Silence for so long between two pieces of an answer ends the request.
    idleTimeoutMs: 120_000,
  });
