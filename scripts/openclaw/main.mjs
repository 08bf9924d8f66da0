// The plugin in the gateways that people run, against accounts that fail: real packages, real turns, a provider on
// loopback. `npm run test:openclaw`; needs a release build, and the registry once.
//
//   npm run test:openclaw [-- --before] [--write] [--only=words] [versions]
//   node scripts/openclaw/main.mjs --unpacked [--only=words] [versions]
//
// --only chooses among the cases (hang, four, compacts, …), separated by commas. --before measures the gateway without
// the plugin too, which takes five minutes more; --write puts the tables into docs/openclaw.md. --unpacked takes the
// checkout as it is, with the addon that was built last. Exits with 1 if the bar is missed.
import { loadavg } from 'node:os';

import { gateways, installAll } from './install.mjs';
import { checkedOutProject, packedProject } from './plugin.mjs';
import { markdown, writeInto } from './table.mjs';
import { withPlugin } from './with-plugin.mjs';
import { withoutPlugin } from './without-plugin.mjs';

const words = process.argv.slice(2);
const flags = words.filter((word) => word.startsWith('--'));
const only = flags
  .find((flag) => flag.startsWith('--only='))
  ?.slice('--only='.length)
  .split(',');
const known = ['--before', '--write', '--unpacked'];
const unknown = flags.filter((flag) => !known.includes(flag) && !flag.startsWith('--only='));
if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(', ')}; there are ${known.join(', ')} and --only=`);
const isUnpacked = flags.includes('--unpacked');
if (flags.includes('--write') && (only || isUnpacked)) throw new Error('--write is for all of it, packed');
const versions = words.filter((word) => !word.startsWith('--'));
const chosen = gateways.filter(
  ({ version }) => versions.length === 0 || versions.some((each) => version.includes(each)),
);
if (chosen.length === 0)
  throw new Error(`no such gateway; there are ${gateways.map(({ version }) => version).join(', ')}`);

installAll();
const project = isUnpacked ? checkedOutProject() : await packedProject();
const reports = [];
try {
  for (const gateway of chosen) {
    console.error(`openclaw ${gateway.version}`);
    const before = flags.includes('--before') ? await withoutPlugin(gateway) : undefined;
    const after = await withPlugin(gateway, project, (id) => !only || only.includes(id));
    reports.push({ version: gateway.version, load: loadavg()[2], before, ...after });
  }
} finally {
  project.remove();
}
const text = markdown(reports);
console.log(text);
if (flags.includes('--write')) writeInto(text);
const faults = reports.flatMap(({ rows, checks }) => [...rows, ...checks].flatMap((each) => each.faults));
console.error(faults.length === 0 ? 'the bar is held' : `missed: ${faults.length}`);
process.exitCode = faults.length === 0 ? 0 : 1;
