// What one Rust file says about modules: those it declares, what it imports, which paths it names and what it defines.
import { afterBrackets, tokenize, withoutTests } from './tokens.mjs';

const DEFINES = new Set(['fn', 'struct', 'enum', 'union', 'trait', 'type', 'const', 'static']);
// `const fn` and its kin: the name follows the last of them.
const BEFORE_NAME = new Set(['fn', 'mut', 'unsafe', 'async', 'extern', 'const', 'static', 'struct', 'trait']);

/** The imports of the tree at `at`: `{ path, name, line }`, with the name `*` for a glob. */
function useTree(tokens, start, prefix, imports) {
  let path = prefix;
  let at = start;
  for (;;) {
    const { text, line } = tokens[at] ?? { text: ';', line: 0 };
    if (text === '{') {
      const end = afterBrackets(tokens, at);
      at++;
      while (at < end - 1) {
        at = useTree(tokens, at, path, imports);
        if (tokens[at]?.text === ',') at++;
      }
      return end;
    }
    if (text === '*') {
      imports.push({ path, name: '*', line });
      return at + 1;
    }
    if (text === '::') {
      // A path that begins with `::` is another crate's.
      if (path.length === 0) path = ['::'];
      at++;
      continue;
    }
    if (tokens[at]?.kind !== 'name') return at;
    if (text === 'as') {
      imports.at(-1).name = tokens[at + 1].text;
      return at + 2;
    }
    path = text === 'self' && path.length > 0 ? path : [...path, text];
    at++;
    if (tokens[at]?.text === '::') continue;
    imports.push({ path, name: path.at(-1), line });
  }
}

/** The path that begins at `at` (`a::b`, also a single name) and the index after it. */
function pathAt(tokens, at) {
  const segments = [tokens[at].text];
  let next = at + 1;
  while (tokens[next]?.text === '::' && tokens[next + 1]?.kind === 'name') {
    segments.push(tokens[next + 1].text);
    next += 2;
  }
  return { segments, next };
}

/** `#[path = "…"]` right before a `mod`. */
function declaredPath(tokens, mod) {
  for (let at = mod - 1; at >= Math.max(0, mod - 16); at--) {
    if ([';', '}'].includes(tokens[at].text)) return undefined;
    if (tokens[at].text === 'path' && tokens[at + 1]?.text === '=') return tokens[at + 2].text.slice(1, -1);
  }
  return undefined;
}

/** `pub use`, `pub(crate) use`. */
const isVisible = (tokens, use) => ['pub', ')'].includes(tokens[use - 1]?.text);

function emptyModule() {
  return { children: new Map(), imports: [], paths: [], names: [], defined: new Set() };
}

function readModule(tokens) {
  const module = emptyModule();
  let depth = 0;
  let at = 0;
  while (at < tokens.length) {
    const { kind, text, line } = tokens[at];
    if (kind === 'sign' && text === '{') depth++;
    if (kind === 'sign' && text === '}') depth--;
    if (kind !== 'name' || tokens[at - 1]?.text === '::') {
      at++;
    } else if (text === 'use' && tokens[at + 1]?.text !== '<') {
      const found = [];
      const visible = depth === 0 && isVisible(tokens, at);
      at = useTree(tokens, at + 1, [], found);
      module.imports.push(...found.map((entry) => ({ ...entry, visible })));
    } else if (text === 'mod' && tokens[at + 1]?.kind === 'name') {
      const name = tokens[at + 1].text;
      const inline = tokens[at + 2]?.text === '{';
      const end = inline ? afterBrackets(tokens, at + 2) : at + 2;
      const content = inline ? readModule(tokens.slice(at + 3, end - 1)) : undefined;
      module.children.set(name, { path: declaredPath(tokens, at), content });
      at = end;
    } else {
      if (depth === 0) define(module, tokens, at);
      const { segments, next } = pathAt(tokens, at);
      if (segments.length > 1) module.paths.push({ segments, line });
      else module.names.push({ name: text, line });
      at = next;
    }
  }
  return module;
}

function define(module, tokens, at) {
  if (tokens[at].text === 'macro_rules') module.defined.add(tokens[at + 2]?.text);
  if (!DEFINES.has(tokens[at].text)) return;
  let name = at + 1;
  while (BEFORE_NAME.has(tokens[name]?.text) || tokens[name]?.kind === 'literal') name++;
  module.defined.add(tokens[name]?.text);
}

/**
 * `{ children, imports, paths, names, defined }` of a file's text, without what is compiled for tests only. A child with
 * `content` is written in the same file.
 */
export const readSource = (text) => readModule(withoutTests(tokenize(text)));

/** The lines on which one of these names stands, tests included, comments and strings not. */
export const linesNaming = (text, names) =>
  tokenize(text)
    .filter((token) => token.kind === 'name' && names.includes(token.text))
    .map((token) => token.line);
