// npm run bench:stream: this package's stream against pi-ai 0.70.6, in one run, as ratios with both numbers.
//
// The server is a process of its own, so that its work is not counted. "Active" is the time in which the client's event
// loop did something (performance.eventLoopUtilization), whoever made it do so. The two take turns, and the median of
// the rounds counts.

import { heading } from './store/report.mjs';
import { aborts } from './stream/aborts.mjs';
import { deltas } from './stream/deltas.mjs';
import { latency } from './stream/latency.mjs';
import { sending } from './stream/sending.mjs';
import { startServer } from './stream/server.mjs';
import { slowReader } from './stream/slow-reader.mjs';

const only = process.argv.slice(2);
const server = await startServer();
for (const [name, run] of Object.entries({ deltas, latency, sending, slowReader, aborts })) {
  if (only.length > 0 && !only.includes(name)) continue;
  heading(name);
  await run(server);
}
server.stop();
