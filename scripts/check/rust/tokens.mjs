// Rust source as tokens: names, punctuation and literals, without comments. Not a parser: enough to find paths.

const RAW_STRING = /(?:b|c)?r(#*)"/y;
const STRING = /(?:b|c)?"(?:[^"\\]|\\[\s\S])*"/y;
// A lifetime has no closing quote right after its first character.
const CHARACTER = /b?'(?:[^'\\\n]|\\(?:u\{[^}]*\}|x..|.))'/y;
const LIFETIME = /'[A-Za-z_]\w*/y;
const NAME = /(?:r#)?[A-Za-z_]\w*/y;
const NUMBER = /\d[\w]*(?:\.\d\w*)?/y;

function match(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function endOfBlockComment(text, start) {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text.startsWith('/*', at)) {
      depth++;
      at++;
    } else if (text.startsWith('*/', at)) {
      depth--;
      at++;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

function endOfComment(text, at) {
  if (text.startsWith('//', at)) {
    const end = text.indexOf('\n', at);
    return end < 0 ? text.length : end;
  }
  return text.startsWith('/*', at) ? endOfBlockComment(text, at) : undefined;
}

function literal(text, at) {
  const raw = match(RAW_STRING, text, at);
  if (raw) {
    const closing = `"${raw[1]}`;
    const end = text.indexOf(closing, at + raw[0].length);
    return text.slice(at, end < 0 ? text.length : end + closing.length);
  }
  for (const pattern of [STRING, CHARACTER, LIFETIME, NUMBER]) {
    const found = match(pattern, text, at);
    if (found) return found[0];
  }
  return undefined;
}

function tokenAt(text, at) {
  const value = literal(text, at);
  if (value !== undefined) return { kind: 'literal', text: value };
  const name = match(NAME, text, at);
  if (name) return { kind: 'name', text: name[0] };
  const sign = text.startsWith('::', at) ? '::' : text[at];
  return { kind: 'sign', text: sign };
}

/** `{ kind: 'name' | 'sign' | 'literal', text, start, line }` of each token; `::` is one sign. */
export function tokenize(text) {
  const tokens = [];
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const start = at;
    const comment = endOfComment(text, at);
    if (comment !== undefined) {
      at = comment;
    } else if (/\s/.test(text[at])) {
      at++;
    } else {
      const token = tokenAt(text, at);
      tokens.push({ ...token, start, line });
      at += token.text.length;
    }
    for (let i = start; i < at; i++) if (text[i] === '\n') line++;
  }
  return tokens;
}

const OPENING = { '{': '}', '(': ')', '[': ']' };

/** The index after the bracket that closes the one at `open`. */
export function afterBrackets(tokens, open) {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    const { kind, text } = tokens[at];
    if (kind !== 'sign') continue;
    if (text in OPENING) depth++;
    else if (Object.values(OPENING).includes(text) && --depth === 0) return at + 1;
  }
  return tokens.length;
}

const ITEM = new Set(
  'pub fn mod use impl struct enum union const static type trait unsafe async extern let macro_rules'.split(' '),
);

/** The index after the item, statement or field that begins at `start`. */
function afterItem(tokens, start) {
  const isItem = ITEM.has(tokens[start]?.text);
  for (let at = start; at < tokens.length; at++) {
    const { kind, text } = tokens[at];
    if (kind !== 'sign') continue;
    if (text === ';') return at + 1;
    if (text === '{') {
      const end = afterBrackets(tokens, at);
      // `use a::{b};` and `const A: T = { … };` go on after their braces.
      return tokens[end]?.text === ';' ? end + 1 : end;
    }
    if (text in OPENING) at = afterBrackets(tokens, at) - 1;
    else if (text === ',' && !isItem) return at + 1;
    else if (Object.values(OPENING).includes(text)) return at;
  }
  return tokens.length;
}

const isAttribute = (tokens, at) => tokens[at]?.text === '#' && tokens[at + 1]?.text === '[';

/** `#[cfg(test)]`, and `#[cfg(all(test, …))]`; not `any(test, …)`, which holds elsewhere too. */
function isForTests(attribute) {
  const text = attribute.map((token) => token.text).join('');
  if (text === '#[cfg(test)]') return true;
  return text.startsWith('#[cfg(all(') && /[(,]test[,)]/.test(text) && !/\b(any|not)\(/.test(text);
}

/** The tokens without what is compiled for tests only. */
export function withoutTests(tokens) {
  const kept = [];
  let at = 0;
  while (at < tokens.length) {
    if (!isAttribute(tokens, at)) {
      kept.push(tokens[at++]);
      continue;
    }
    const end = afterBrackets(tokens, at + 1);
    if (isForTests(tokens.slice(at, end))) {
      at = end;
      while (isAttribute(tokens, at)) at = afterBrackets(tokens, at + 1);
      at = afterItem(tokens, at);
    } else {
      // An attribute before `cfg(test)` stays behind without its item, which harms nobody: it holds no paths of ours.
      kept.push(...tokens.slice(at, end));
      at = end;
    }
  }
  return kept;
}
