//! Which model a request asks: in its URL, or at the top of its body.
//!
//! Invariant: one pass over the body that builds nothing and looks into no message: bodies with images are long.

use memchr::{memchr2, memmem};

use crate::api::family::host_and_path;
use crate::failure::read::json;

/// Longer names are none.
const MOST_CHARS: usize = 200;

/// The URL's, else the body's. A path names it as Gemini (`models/m:generateContent`), Azure (`deployments/d`) and
/// Bedrock (`model/m/converse`) have it.
pub(crate) fn model_of(url: &str, body: Option<&str>) -> Option<String> {
    let in_url = in_path(host_and_path(url).1);
    in_url.or_else(|| in_body(body?)).filter(|model| {
        !model.is_empty() && model.len() <= MOST_CHARS && !model.contains(char::is_control)
    })
}

fn in_path(path: &str) -> Option<String> {
    let parts: Vec<&str> = path.split('/').collect();
    let pair = |names: &[&str], is_it: fn(&str) -> bool| {
        let found = parts.windows(2).find(|pair| names.contains(&pair[0]) && is_it(pair[1]))?;
        Some(found[1])
    };
    let gemini = pair(&["models", "tunedModels"], |name| name.contains(':'));
    let gemini = gemini.and_then(|name| name.split(':').next());
    let azure = || pair(&["deployments"], |name| !name.is_empty());
    let bedrock = || {
        let found = parts.windows(3).find(|it| it[0] == "model" && is_bedrock(it[2]))?;
        Some(found[1])
    };
    gemini.or_else(azure).or_else(bedrock).map(percent_decoded)
}

fn is_bedrock(verb: &str) -> bool {
    matches!(verb, "invoke" | "invoke-with-response-stream" | "converse" | "converse-stream")
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        let decoded = code.filter(|_| bytes[at] == b'%');
        out.push(decoded.unwrap_or(bytes[at]));
        at += if decoded.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The text of the member `model` of the outermost object.
fn in_body(body: &str) -> Option<String> {
    let bytes = body.as_bytes();
    if !body.trim_start().starts_with('{') || memmem::find(bytes, b"\"model\"").is_none() {
        return None;
    }
    let mut depth = 0_usize;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                let end = end_of_string(bytes, at + 1)?;
                if depth == 1 && &body[at..=end] == "\"model\"" {
                    let value = body[end + 1..].trim_start().strip_prefix(':');
                    if let Some(value) = value.map(str::trim_start) {
                        return value.starts_with('"').then(|| text_at(value))?;
                    }
                }
                at = end;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    None
}

fn text_at(value: &str) -> Option<String> {
    let end = end_of_string(value.as_bytes(), 1)?;
    json::read(&value[..=end]).value.text().map(str::to_owned)
}

/// Where the quote is that ends the string.
fn end_of_string(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let found = at + memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[found] == b'"' {
            return Some(found);
        }
        at = found + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_may_name_it() {
        for (url, model) in [
            (
                "https://g/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse",
                "gemini-2.5-pro",
            ),
            ("https://g/v1/projects/p/locations/l/publishers/google/models/m:generateContent", "m"),
            (
                "https://x.openai.azure.com/openai/deployments/my-gpt/chat/completions?api-version=1",
                "my-gpt",
            ),
            ("https://b/model/anthropic.claude-3%3A0/converse", "anthropic.claude-3:0"),
        ] {
            assert_eq!(model_of(url, None).as_deref(), Some(model), "{url}");
        }
        assert_eq!(model_of("https://g/v1/models/gpt-5", None), None);
    }

    #[test]
    fn the_body_names_it_at_its_top() {
        for (body, model) in [
            (r#"{"model":"a","messages":[]}"#, Some("a")),
            (
                " {\n \"messages\": [{\"model\": \"b\", \"c\": \"\\\"model\\\"\"}],\n \"model\" : \"a/b\\u002dc\"}",
                Some("a/b-c"),
            ),
            (r#"{"x":"model","model":7}"#, None),
            (r#"{"messages":[{"model":"b"}]}"#, None),
            (r#"{"model":"#, None),
            (r#"[{"model":"a"}]"#, None),
            ("model=a", None),
            ("", None),
        ] {
            assert_eq!(model_of("https://x/v1/chat", Some(body)).as_deref(), model, "{body}");
        }
    }

    #[test]
    fn what_is_no_name_is_none() {
        let long = format!("{{\"model\":\"{}\"}}", "x".repeat(201));
        assert_eq!(model_of("https://x", Some(&long)), None);
        assert_eq!(model_of("https://x", Some(r#"{"model":""}"#)), None);
    }
}
