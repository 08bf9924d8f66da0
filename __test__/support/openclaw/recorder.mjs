// Stands in for the gateway's command: notes how it was called, and ends as `RECORDER_FAILS` says.
import { appendFileSync } from 'node:fs';

const { RECORDER_FILE, RECORDER_FAILS, OPENCLAW_STATE_DIR } = process.env;
const args = process.argv.slice(2);
appendFileSync(RECORDER_FILE, `${JSON.stringify({ args, stateDir: OPENCLAW_STATE_DIR })}\n`);
process.exitCode = args.includes(RECORDER_FAILS) ? 1 : 0;
