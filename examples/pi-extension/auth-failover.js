// Put this file into <agent directory>/extensions/ and install the package beside it (README.md says how). It swaps the
// Gemini CLI request of pi, and of gateways that load pi's extensions, for the native one.
import { createExtension } from 'auth-failover/pi-extension';

export default createExtension({
  // One request on an account out of quota; with 'status', pi's session repeats it three times.
  rateLimitText: 'quota',
});
