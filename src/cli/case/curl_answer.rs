//! Pasted text: a whole answer of `curl -i` or `curl -v`, a bare body, or the words of an error.
//!
//! Invariant: pure, linear in the text, and never fails: text without a head is taken whole. Of several heads (interim
//! answers, a proxy's, redirects, retries) the last one counts, with what follows it.

/// The parts that a failure is read from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub status: Option<u16>,
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
    /// Words that are no body.
    pub message: Option<String>,
}

/// What a body begins with: JSON, markup, an event stream, the guard that some services put before JSON.
const BODY_STARTS: [&str; 8] = ["{", "[", "\"", "<", "data:", "event:", "id:", ")]}'"];
/// What `curl -v` appends to a body that ends without a line break.
const GLUED: [&str; 3] = ["* Connection #", "* Closing connection", "* shutting down connection #"];

/// Reads a text of any of the kinds.
#[must_use]
pub(crate) fn read(text: &str) -> Answer {
    let text = text.trim_start_matches('\u{feff}').trim();
    let quiet = without_noise(text);
    let text = quiet.as_deref().unwrap_or(text).trim();
    match last_head(text) {
        Some(start) => with_head(&text[start..]),
        None if text.is_empty() => Answer::default(),
        None if BODY_STARTS.iter().any(|start| text.starts_with(start)) => {
            Answer { body: Some(text.to_owned()), ..Answer::default() }
        }
        None => Answer { message: Some(text.to_owned()), ..Answer::default() },
    }
}

/// The answer of `curl -v` as `curl -i` writes it; `None` where the text is none.
fn without_noise(text: &str) -> Option<String> {
    if !text.lines().any(|line| line.starts_with("< HTTP/")) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let noise = ["* ", "> ", "{ [", "} ["];
        if line.trim_end() == ">" || noise.iter().any(|start| line.starts_with(start)) {
            continue;
        }
        let line = match line.strip_prefix("< ") {
            Some(head) => head,
            None if line.trim_end() == "<" => "",
            None => GLUED.iter().find_map(|it| line.rfind(it)).map_or(line, |end| &line[..end]),
        };
        out.push_str(line);
        out.push('\n');
    }
    Some(out)
}

/// Where the last head begins. A body cannot hold one unnoticed: JSON has no line break inside a text.
fn last_head(text: &str) -> Option<usize> {
    text.rmatch_indices("HTTP/").map(|(at, _)| at).find(|at| is_head(text, *at))
}

/// A status line where one may begin, with a header below it or nothing but blanks around it.
fn is_head(text: &str, at: usize) -> bool {
    let before = &text[..at];
    // A body without a line break at its end has the next answer right behind it.
    let begins = before.is_empty() || before.ends_with(['\n', '}', ']', '>']);
    let mut lines = text[at..].lines();
    if !begins || lines.next().and_then(status_of).is_none() {
        return false;
    }
    let next = lines.next().unwrap_or_default();
    let stands_alone = next.trim().is_empty()
        && (before.is_empty() || before.ends_with("\n\n") || before.ends_with("\n\r\n"));
    stands_alone || before.is_empty() || header(next).is_some()
}

/// `HTTP/1.1 429 Too Many Requests`, `HTTP/2 429`.
fn status_of(line: &str) -> Option<u16> {
    let (version, rest) = line.strip_prefix("HTTP/")?.split_once(' ')?;
    let is_version = version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let code = rest.split_whitespace().next()?;
    let status = code.parse().ok().filter(|status| (100..600).contains(status));
    status.filter(|_| is_version && !version.is_empty() && code.len() == 3)
}

fn header(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!#$%&'*+^`|~".contains(&byte);
    (!name.is_empty() && name.bytes().all(is_name)).then(|| (name, value.trim()))
}

/// A head and what follows it. Where no blank line ends the head, the first line that is no header does.
fn with_head(text: &str) -> Answer {
    let mut headers: Vec<(String, String)> = Vec::new();
    let mut lines = text.split_inclusive('\n');
    let first = lines.next().unwrap_or_default();
    let mut done = first.len();
    for line in lines {
        if line.trim().is_empty() {
            break;
        }
        match (line.starts_with([' ', '\t']), headers.last_mut(), header(line)) {
            (true, Some((_, value)), _) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            (false, _, Some((name, value))) => headers.push((name.to_owned(), value.to_owned())),
            _ => break,
        }
        done += line.len();
    }
    let body = text[done..].trim();
    Answer {
        status: status_of(first),
        headers,
        body: (!body.is_empty()).then(|| body.to_owned()),
        message: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSED: &str = "HTTP/2 429 \r\nretry-after: 30\r\nX-Request-Id: r1\r\n\r\n{\"error\":1}";

    fn header_of<'a>(answer: &'a Answer, name: &str) -> &'a str {
        answer.headers.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value)
    }

    fn is_refusal(text: &str) {
        let answer = read(text);
        assert_eq!(answer.status, Some(429), "{text}");
        assert_eq!(header_of(&answer, "retry-after"), "30", "{text}");
        assert_eq!(answer.body.as_deref(), Some("{\"error\":1}"), "{text}");
        assert_eq!(answer.message, None, "{text}");
    }

    #[test]
    fn an_answer_has_a_status_headers_and_a_body() {
        is_refusal(REFUSED);
        is_refusal(&REFUSED.replace("\r\n", "\n"));
        is_refusal(&REFUSED.replace("HTTP/2 429 ", "HTTP/1.1 429 Too Many Requests"));
        is_refusal(&format!("\n$ curl -i https://api.example.com/v1\n{REFUSED}\n"));
    }

    #[test]
    fn the_last_head_counts() {
        for first in [
            "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 200 Connection established\r\n\r\n",
            "HTTP/1.1 301 Moved\r\nlocation: /x\r\nretry-after: 1\r\n\r\n",
            "HTTP/1.1 301 Moved\r\nlocation: /x\r\n\r\n<html>moved</html>",
            "HTTP/1.1 503 Busy\r\nretry-after: 1\r\n\r\n{\"error\":2}",
        ] {
            is_refusal(&format!("{first}{REFUSED}"));
        }
        let bare = read("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 502 Bad Gateway\r\n\r\n");
        assert_eq!((bare.status, bare.body), (Some(502), None));
    }

    #[test]
    fn a_body_that_quotes_a_head_stays_a_body() {
        let body =
            r#"{"error":{"message":"upstream said HTTP/1.1 500 and \nHTTP/1.1 500 x\na: b"}}"#;
        let answer = read(&format!("HTTP/1.1 400 Bad Request\r\na: b\r\n\r\n{body}"));
        assert_eq!((answer.status, answer.body.as_deref()), (Some(400), Some(body)));
        assert_eq!(read(body).status, None);
    }

    #[test]
    fn a_header_goes_on_in_the_next_line() {
        let answer = read("HTTP/1.1 429 x\r\nx-note: one\r\n\ttwo\r\nretry-after: 5\r\n\r\nbody");
        assert_eq!(header_of(&answer, "x-note"), "one two");
        assert_eq!(header_of(&answer, "retry-after"), "5");
    }

    #[test]
    fn a_head_without_a_blank_line_ends_where_the_body_begins() {
        is_refusal("HTTP/2 429\nretry-after: 30\n{\"error\":1}");
    }

    #[test]
    fn the_noise_of_a_verbose_curl_is_no_part_of_it() {
        is_refusal(
            "* Connected to x (127.0.0.1) port 443\r\n> POST /v1 HTTP/2\r\n> authorization: x\r\n>\r\n} [5 bytes data]\r\n\
             < HTTP/2 429 \r\n< retry-after: 30\r\n< \r\n{ [64 bytes data]\r\n{\"error\":1}* Connection #0 to host x left intact\r\n",
        );
        is_refusal("> GET / HTTP/1.1\n>\n< HTTP/1.1 429 No\n< retry-after: 30\n<\n{\"error\":1}");
    }

    #[test]
    fn a_bare_body_is_a_body_and_words_are_a_message() {
        for body in ["{\"a\":1}", "[{}]", "<html></html>", "data: {}\n\n", "event: error\ndata: {}"]
        {
            let answer = read(&format!("\u{feff} {body}\n"));
            assert_eq!(answer.body.as_deref(), Some(body.trim()), "{body}");
            assert_eq!((answer.status, answer.message), (None, None), "{body}");
        }
        for words in ["429 Too Many Requests {\"error\":1}", "HTTP/ is a name", "error: HTTP/2 429"]
        {
            assert_eq!(read(words).message.as_deref(), Some(words));
        }
        assert_eq!(read(" \n"), Answer::default());
    }
}
