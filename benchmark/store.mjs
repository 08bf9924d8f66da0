// npm run bench:store: our marks against the JavaScript original's way, in one run, as ratios with both numbers.
//
// The original (clawdbot 2026.1.24 / openclaw 2026.1.29): proper-lockfile with the host's options, read the file,
// JSON.parse, change one entry, JSON.stringify, write in place. One after the other, the two take turns, so that
// whatever else the machine does hits both.

import { burst } from './store/burst.mjs';
import { eventLoop } from './store/event-loop.mjs';
import { loop } from './store/loop.mjs';
import { manyProcesses } from './store/many-processes.mjs';
import { news } from './store/news.mjs';
import { oneProcess } from './store/one-process.mjs';
import { heading } from './store/report.mjs';

const only = process.argv.slice(2);
for (const [name, run] of Object.entries({ oneProcess, burst, manyProcesses, eventLoop, loop, news })) {
  if (only.length > 0 && !only.includes(name)) continue;
  heading(name);
  await run();
}
