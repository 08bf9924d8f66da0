//! Which tool calls still wait for a result, and under which id each is sent.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::mem;

use super::context::Block;
use crate::gemini::call::model::Model;
use crate::gemini::literal::{Raw, is_string, string_inner};

/// The longest id that the models behind this API accept.
const LONGEST_ID: usize = 64;

/// A call's id as a JSON literal; `None` when it has none.
pub(crate) type CallId<'a> = Option<Cow<'a, str>>;

/// Calls of the latest assistant turn, and the ids that were answered since.
#[derive(Default)]
pub(crate) struct History<'a> {
    open: Vec<(CallId<'a>, Raw<'a>)>,
    answered: HashSet<CallId<'a>>,
}

impl<'a> History<'a> {
    pub(crate) fn called(&mut self, calls: Vec<(CallId<'a>, Raw<'a>)>) {
        if !calls.is_empty() {
            self.open = calls;
            self.answered.clear();
        }
    }

    pub(crate) fn answered(&mut self, id: CallId<'a>) {
        self.answered.insert(id);
    }

    /// The calls that nobody answered, in order. They count as answered from here on.
    pub(crate) fn take_unanswered(&mut self) -> Vec<(CallId<'a>, Raw<'a>)> {
        if self.open.is_empty() {
            return Vec::new();
        }
        let answered = mem::take(&mut self.answered);
        mem::take(&mut self.open).into_iter().filter(|(id, _)| !answered.contains(id)).collect()
    }
}

/// Ids that had to be spelled differently, so that a result finds its call.
#[derive(Default)]
pub(crate) struct CallIds<'a> {
    respelled: HashMap<&'a str, Cow<'a, str>>,
}

impl<'a> CallIds<'a> {
    /// The id under which a call is sent.
    pub(crate) fn outgoing(
        &mut self,
        block: &Block<'a>,
        model: &Model,
        same_model: bool,
    ) -> CallId<'a> {
        let literal = block.id?.get();
        if same_model || !model.needs_call_ids() || !is_string(block.kind, "toolCall") {
            return Some(Cow::Borrowed(literal));
        }
        let Some(respelled) = respell(string_inner(block.id)?) else {
            return Some(Cow::Borrowed(literal));
        };
        let respelled: Cow<'a, str> = Cow::Owned(format!("\"{respelled}\""));
        self.respelled.insert(literal, respelled.clone());
        Some(respelled)
    }

    /// The id under which a result is sent.
    pub(crate) fn incoming(&self, id: Raw<'a>) -> CallId<'a> {
        let literal = id?.get();
        Some(self.respelled.get(literal).cloned().unwrap_or(Cow::Borrowed(literal)))
    }
}

/// Keeps letters, digits, `_` and `-`, at most 64; `None` when that changes nothing.
fn respell(inner: &str) -> Option<String> {
    let decoded = decode_units(inner)?;
    let spelled: String = decoded
        .iter()
        .map(|unit| u8::try_from(*unit).ok().map_or('_', char::from))
        .map(|char| if char.is_ascii_alphanumeric() || char == '-' { char } else { '_' })
        .take(LONGEST_ID)
        .collect();
    (spelled != inner).then_some(spelled)
}

/// The UTF-16 units of a literal's inside: each that is not allowed becomes one underscore.
fn decode_units(inner: &str) -> Option<Vec<u16>> {
    let mut units = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(escape) = rest.find('\\') {
        units.extend(rest[..escape].encode_utf16());
        let code = rest.as_bytes().get(escape + 1)?;
        let length = if *code == b'u' { 6 } else { 2 };
        let unit =
            rest.get(escape + 2..escape + length).and_then(|it| u16::from_str_radix(it, 16).ok());
        // A short escape is a quote, a backslash or a control character: none of them is allowed.
        units.push(unit.unwrap_or(0));
        rest = rest.get(escape + length..)?;
    }
    units.extend(rest.encode_utf16());
    Some(units)
}
