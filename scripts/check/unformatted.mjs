// Finds code that rustfmt gives up on without a word: it leaves a statement as it is when some part of it, such as a
// text in a chain of calls, does not fit the width, and `cargo fmt --check` is content with whatever stands there.
//
// A copy of the source is put out of shape and formatted. What rustfmt handles comes back as it was.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterBrackets, tokenize } from './rust/tokens.mjs';

/** Where the brackets of an attribute or of a macro call open that begins at `at`. */
function opening(tokens, at) {
  if (tokens[at].text === '#' && tokens[at + 1]?.text === '[') return at + 1;
  if (tokens[at].kind !== 'name' || tokens[at + 1]?.text !== '!') return undefined;
  // `macro_rules! name {` has a name in between.
  const open = tokens[at + 2]?.kind === 'name' ? at + 3 : at + 2;
  return ['(', '[', '{'].includes(tokens[open]?.text) ? open : undefined;
}

/** First and last line of each macro call and attribute: rustfmt formats some of them and leaves the rest, as documented. */
function macroRanges(tokens) {
  const ranges = [];
  for (let at = 0; at < tokens.length; at++) {
    const open = opening(tokens, at);
    if (open === undefined) continue;
    const end = afterBrackets(tokens, open);
    ranges.push([tokens[at].line, tokens[end - 1].line]);
    at = end - 1;
  }
  return ranges;
}

/** Lines that may be moved: code that begins a line, outside of macros and of texts of several lines. */
function movable(text) {
  const tokens = tokenize(text);
  const lines = new Set(tokens.map((token) => token.line));
  for (const [first, last] of macroRanges(tokens)) for (let line = first + 1; line <= last; line++) lines.delete(line);
  for (const { kind, text: value, line } of tokens) {
    if (kind !== 'literal') continue;
    const more = value.split('\n').length - 1;
    for (let i = 1; i <= more; i++) lines.delete(line + i);
  }
  // rustfmt makes a blank line of a space at the very beginning.
  lines.delete(1);
  return lines;
}

/** The text with one space more before each line of code. */
export function outOfShape(text) {
  const lines = movable(text);
  return text
    .split('\n')
    .map((line, index) => (lines.has(index + 1) && !/^\s*\/\//.test(line) ? ` ${line}` : line))
    .join('\n');
}

/** The first line of each stretch that differs. */
export function differences(before, after) {
  const [left, right] = [before.split('\n'), after.split('\n')];
  const found = [];
  // Lines are moved and not joined, so the texts have the same lines as long as rustfmt leaves them alone.
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    if (left[i] === right[i]) continue;
    if (left.length !== right.length) return [i + 1];
    if (left[i - 1] === right[i - 1]) found.push(i + 1);
  }
  return found;
}

/** `format: …` of each place; `files` is a map from path to text, all of one crate with the root `src/lib.rs`. */
export function unformatted(files, { configuration, edition = '2024' }) {
  const scratch = mkdtempSync(join(tmpdir(), 'auth-failover-format-'));
  try {
    for (const [path, text] of files) {
      mkdirSync(dirname(join(scratch, path)), { recursive: true });
      writeFileSync(join(scratch, path), outOfShape(text));
    }
    writeFileSync(join(scratch, '.rustfmt.toml'), configuration);
    const { status, stderr, error } = spawnSync('rustfmt', ['--edition', edition, 'src/lib.rs'], {
      cwd: scratch,
      encoding: 'utf8',
    });
    if (error) throw error;
    if (status !== 0) throw new Error(`rustfmt ended with ${status}\n${stderr}`);
    return [...files].flatMap(([path, text]) =>
      differences(text, readFileSync(join(scratch, path), 'utf8')).map(
        (line) => `format: ${path}:${line} rustfmt gives up on this statement; shorten or split what is over the width`,
      ),
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
