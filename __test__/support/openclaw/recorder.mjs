// Stands in for the gateway's command: notes how it was called, and ends as `RECORDER_FAILS` says. It is the version that
// `RECORDER_VERSION` names.
import { appendFileSync } from 'node:fs';

const { RECORDER_FILE, RECORDER_FAILS, RECORDER_VERSION = '2026.9.6', OPENCLAW_STATE_DIR } = process.env;
const args = process.argv.slice(2);
appendFileSync(RECORDER_FILE, `${JSON.stringify({ args, stateDir: OPENCLAW_STATE_DIR })}\n`);
process.exitCode = args.includes(RECORDER_FAILS) ? 1 : 0;
if (args[0] === '--version') console.log(`OpenClaw ${RECORDER_VERSION} (0123abc)`);
