// Watches and does nothing else: shows whether a watch keeps the process alive.
import { watchAuthProfiles } from '../../index.js';
import { argument } from './child.mjs';

await watchAuthProfiles({ agentDir: argument().agentDir, onChange() {} });
process.send('watching');
process.disconnect();
