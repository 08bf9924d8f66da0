// For <agentDir>/extensions/ of pi and of gateways that load pi's extensions; see README.md here.
import { createExtension } from 'auth-failover/pi-extension';

export default createExtension({
  // Server faults and broken connections are tried again up to 3 times, a 429 never. 'none': nothing is.
  retry: 'transient',
  // Silence for so long between two pieces of an answer ends the request.
  idleTimeoutMs: 120_000,
});
