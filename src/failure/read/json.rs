//! A forgiving JSON reader for error bodies that were cut, corrupted or printed by another language.
//!
//! Invariant: it never fails, reads every byte at most once, and never goes deeper than [`MAX_DEPTH`] or builds more
//! than [`MAX_NODES`] values. What cannot be read is left out; what was read before stays.
//! Accepted beyond JSON: runs of commas, single quotes, bare words as keys and values (JavaScript's and Python's
//! printed objects), raw control characters in strings, an end in the middle.

use std::borrow::Cow;

use memchr::memchr2;

/// Deeper values are skipped; error bodies need 6 levels.
const MAX_DEPTH: usize = 64;
/// Later values are skipped; the largest real error body seen has some 200.
const MAX_NODES: usize = 20_000;

/// A JSON value that borrows from the body wherever no escape forces a copy.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json<'a> {
    /// `null`, and whatever was skipped.
    Null,
    Bool(bool),
    /// A number or any other bare word, as written.
    Word(&'a str),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

impl<'a> Json<'a> {
    /// The last member of that name, as JavaScript would keep it.
    pub(crate) fn get(&self, name: &str) -> Option<&Json<'a>> {
        let Self::Object(members) = self else { return None };
        let is_it = |(key, value): &&(Cow<'_, str>, Self)| key == name && *value != Self::Null;
        members.iter().rev().find(is_it).map(|(_, value)| value)
    }

    /// The first of several names that is there.
    pub(crate) fn any(&self, names: &[&str]) -> Option<&Json<'a>> {
        names.iter().find_map(|name| self.get(name))
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            _ => None,
        }
    }

    /// A string, or a number or bare word as it was written.
    pub(crate) fn scalar(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            _ => self.text(),
        }
    }

    pub(crate) fn list(&self) -> &[Json<'a>] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn members(&self) -> &[(Cow<'a, str>, Json<'a>)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    pub(crate) fn is_container(&self) -> bool {
        matches!(self, Self::List(_) | Self::Object(_))
    }

    /// A finite number, written as one or as a string.
    pub(crate) fn number(&self) -> Option<f64> {
        self.scalar()?.parse::<f64>().ok().filter(|value| value.is_finite())
    }
}

/// One value with what it took to read it.
#[derive(Debug)]
pub(crate) struct Piece<'a> {
    pub(crate) value: Json<'a>,
    /// Bytes from the start of the text to the end of the value.
    pub(crate) used: usize,
    /// Every container and string was closed.
    pub(crate) whole: bool,
}

/// Reads one value from the start of `text`.
pub(crate) fn read(text: &str) -> Piece<'_> {
    let mut reader = Reader { text, at: 0, nodes: 0, whole: true };
    let value = reader.value(0).unwrap_or(Json::Null);
    Piece { value, used: reader.at, whole: reader.whole }
}

/// Blanks round a member's name come from corruption, and do not count.
fn without_blanks(name: Cow<'_, str>) -> Cow<'_, str> {
    let bytes = name.as_bytes();
    let is_edge = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_graphic);
    match name {
        _ if is_edge(bytes.first()) && is_edge(bytes.last()) => name,
        Cow::Borrowed(name) => Cow::Borrowed(name.trim()),
        Cow::Owned(name) => Cow::Owned(name.trim().to_owned()),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    nodes: usize,
    whole: bool,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_while(&mut self, keep: impl Fn(u8) -> bool) {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(|byte| keep(*byte)) {
            self.at += 1;
        }
    }

    fn skip_blanks(&mut self) {
        self.skip_while(|byte| byte.is_ascii_whitespace());
    }

    /// Commas are only fences between values: their number says nothing.
    fn skip_commas(&mut self) {
        self.skip_while(|byte| byte.is_ascii_whitespace() || byte == b',');
    }

    /// `None` where no value begins.
    fn value(&mut self, depth: usize) -> Option<Json<'a>> {
        self.skip_blanks();
        self.nodes += 1;
        match self.peek()? {
            b'{' | b'[' if depth >= MAX_DEPTH || self.nodes > MAX_NODES => {
                self.skip_container();
                Some(Json::Null)
            }
            b'{' => Some(self.object(depth + 1)),
            b'[' => Some(self.array(depth + 1)),
            quote @ (b'"' | b'\'') => Some(Json::Text(self.string(quote))),
            _ => self.word(),
        }
    }

    fn object(&mut self, depth: usize) -> Json<'a> {
        self.at += 1;
        let mut members = Vec::new();
        loop {
            self.skip_commas();
            let key = match self.peek() {
                Some(b'}') => {
                    self.at += 1;
                    break;
                }
                Some(quote @ (b'"' | b'\'')) => self.string(quote),
                _ => match self.bare() {
                    "" => {
                        self.whole = false;
                        break;
                    }
                    word => Cow::Borrowed(word),
                },
            };
            self.skip_blanks();
            let value = if self.peek() == Some(b':') {
                self.at += 1;
                self.value(depth)
            } else {
                None
            };
            let Some(value) = value else {
                self.whole = false;
                break;
            };
            if self.nodes <= MAX_NODES {
                members.push((without_blanks(key), value));
            }
        }
        Json::Object(members)
    }

    fn array(&mut self, depth: usize) -> Json<'a> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip_commas();
            if self.peek() == Some(b']') {
                self.at += 1;
                break;
            }
            let Some(value) = self.value(depth) else {
                self.whole = false;
                break;
            };
            if self.nodes <= MAX_NODES {
                items.push(value);
            }
        }
        Json::List(items)
    }

    fn word(&mut self) -> Option<Json<'a>> {
        Some(match self.bare() {
            "" => return None,
            "null" | "undefined" | "None" => Json::Null,
            "true" | "True" => Json::Bool(true),
            "false" | "False" => Json::Bool(false),
            word => Json::Word(word),
        })
    }

    /// A run up to a blank or a mark of JSON; empty where such stands.
    fn bare(&mut self) -> &'a str {
        let start = self.at;
        self.skip_while(|byte| !byte.is_ascii_whitespace() && !b":,{}[]\"'".contains(&byte));
        &self.text[start..self.at]
    }

    fn string(&mut self, quote: u8) -> Cow<'a, str> {
        self.at += 1;
        let mut unescaped: Option<String> = None;
        loop {
            let rest = &self.text[self.at..];
            let stop = memchr2(quote, b'\\', rest.as_bytes()).unwrap_or(rest.len());
            let run = &rest[..stop];
            self.at += stop;
            if self.peek() != Some(b'\\') {
                // The closing quote, or the end of a body that was cut.
                self.whole &= self.at < self.text.len();
                self.at = (self.at + 1).min(self.text.len());
                return match unescaped {
                    Some(text) => Cow::Owned(text + run),
                    None => Cow::Borrowed(run),
                };
            }
            let text = unescaped.get_or_insert_with(String::new);
            text.push_str(run);
            self.at += 1;
            let escaped = self.escape();
            text.extend(escaped);
        }
    }

    /// What the escape after a backslash stands for; nothing at the end of the text.
    fn escape(&mut self) -> Option<char> {
        let escaped = self.text[self.at..].chars().next()?;
        self.at += escaped.len_utf8();
        Some(match escaped {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'u' => self.unicode(),
            other => other,
        })
    }

    fn unicode(&mut self) -> char {
        let Some(unit) = self.hex4() else { return char::REPLACEMENT_CHARACTER };
        if !(0xD800..0xDC00).contains(&unit) {
            return char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER);
        }
        let resume = self.at;
        if self.text[self.at..].starts_with("\\u") {
            self.at += 2;
            if let Some(low) = self.hex4().filter(|low| (0xDC00..0xE000).contains(low)) {
                let point = 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                return char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER);
            }
        }
        self.at = resume;
        char::REPLACEMENT_CHARACTER
    }

    fn hex4(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        let unit = digits
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit())
            .then(|| u32::from_str_radix(digits, 16).ok())??;
        self.at += 4;
        Some(unit)
    }

    /// Passes over a container without building or recursing: counts brackets, minds strings.
    fn skip_container(&mut self) {
        let mut open = 0usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'{' | b'[' => open += 1,
                b'}' | b']' => open -= 1,
                b'"' => {
                    self.skip_string();
                    continue;
                }
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                break;
            }
        }
    }

    fn skip_string(&mut self) {
        self.at += 1;
        while let Some(step) = memchr2(b'"', b'\\', &self.text.as_bytes()[self.at..]) {
            self.at += step;
            if self.peek() == Some(b'"') {
                self.at += 1;
                return;
            }
            self.at = (self.at + 2).min(self.text.len());
        }
        self.at = self.text.len();
    }
}
