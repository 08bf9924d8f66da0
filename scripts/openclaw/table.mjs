// The measurements as markdown, and their place in the guide.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

import { root } from '../addon.mjs';
import { BAR_MS, seconds } from './bar.mjs';
import { hangLimitMs } from './with-plugin.mjs';

const guide = join(root, 'docs', 'openclaw.md');
const [begin, end] = ['<!-- table: begin -->', '<!-- table: end -->'];

/** `reports` are `{ version, load, before, rows, checks }`, `before` being the rows of the gateway as it comes, if measured. */
export function markdown(reports) {
  return reports.map(section).join('\n\n');
}

function section({ version, load, before, rows, checks }) {
  const measured = [
    `### openclaw ${version}`,
    '',
    `Five of six accounts fail. Bar: ${seconds(BAR_MS)} from the first request to the one that is answered, with ` +
      `\`firstByteTimeoutMs\` (here ${hangLimitMs}) for each account that hangs; one request for each account that fails; ` +
      `one request for the second prompt. Measured on ${cpus().length} cores at load ${load.toFixed(0)}.`,
    '',
    '| the five | without: requests | time to the answer | 2nd prompt | with: requests | time to the answer | 2nd prompt | bar |',
    '|---|---|---|---|---|---|---|---|',
    ...rows.map((row) =>
      line(
        row,
        before?.find(({ name }) => name === row.name),
      ),
    ),
    '',
    '| with the plugin | seen | as it should |',
    '|---|---|---|',
    ...checks.map(({ name, seen, faults }) => cells([name, seen, verdict(faults)])),
  ];
  return measured.join('\n');
}

function line(row, before) {
  const without = before
    ? [counts(before.first), time(before.first, before.limitMs), requests(before.second)]
    : ['', '', ''];
  const after = [counts(row.first), time(row.first), requests(row.second)];
  return cells([row.name, ...without, ...after, verdict(row.faults)]);
}

const cells = (texts) => `| ${texts.map((text) => String(text).replaceAll('|', '\\|')).join(' | ')} |`;
const verdict = (faults) => (faults.length === 0 ? 'yes' : `**no**: ${faults.join('; ')}`);
const requests = (prompt) => (prompt?.ms === undefined ? '' : `${prompt.asked.length}`);
const time = ({ ms }, limitMs) => (ms === undefined ? `not before ${seconds(limitMs ?? 0)}` : seconds(ms));

/** `a1 ×10, a2, a3`: in the order of their first request. */
function counts({ asked }) {
  const times = new Map();
  for (const account of asked) times.set(account, (times.get(account) ?? 0) + 1);
  return [...times].map(([account, count]) => (count === 1 ? account : `${account} ×${count}`)).join(', ');
}

/** Puts the tables between the marks of the guide. Throws if they are not there. */
export function writeInto(text) {
  const old = existsSync(guide) ? readFileSync(guide, 'utf8') : '';
  const [from, to] = [old.indexOf(begin), old.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/openclaw.md lacks ${begin} … ${end}`);
  writeFileSync(guide, `${old.slice(0, from + begin.length)}\n${text}\n${old.slice(to)}`);
}
