//! Streams and documents as the APIs send them, and what the judge says of each, however their bytes are cut.

use proptest::strategy::Strategy as _;

use super::judge::{EndKind, Ending, Judge, UNDECIDED_BYTES, Verdict};

const EVENTS: &str = "text/event-stream";
const JSON: &str = "application/json";

fn events(list: &[&str]) -> String {
    list.iter().flat_map(|data| ["data: ", data, "\n\n"]).collect()
}

/// The verdict after each event, and the ending; the same for every cut.
fn judged(content_type: &str, body: &str) -> (Verdict, Ending) {
    let run = |pieces: &[&[u8]]| {
        let mut judge = Judge::new(content_type);
        for piece in pieces {
            judge.push(piece);
        }
        let ending = judge.end(true);
        (judge.verdict(), ending)
    };
    let whole = run(&[body.as_bytes()]);
    let bytes: Vec<&[u8]> = body.as_bytes().chunks(1).collect();
    assert_eq!(run(&bytes), whole, "byte by byte");
    whole
}

fn verdict_on(content_type: &str, body: &str) -> Verdict {
    Judge::new(content_type).push(body.as_bytes())
}

const CHAT_ROLE: &str = r#"{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#;
const CHAT_TEXT: &str = r#"{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":" "},"finish_reason":null}]}"#;
const CHAT_STOP: &str = r#"{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":4}}"#;
const START: &str = r#"{"type":"message_start","message":{"type":"message","role":"assistant","content":[],"stop_reason":null,"usage":{"input_tokens":9,"output_tokens":1}}}"#;
const BLOCK: &str =
    r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#;
const DELTA: &str =
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}"#;
const CREATED: &str = r#"{"type":"response.created","response":{"object":"response","status":"in_progress","error":null}}"#;

#[test]
fn what_announces_an_answer_decides_nothing() {
    for list in [
        &[CHAT_ROLE][..],
        &[r#"{"choices":[],"prompt_filter_results":[{}]}"#],
        &[START, r#"{"type":"ping"}"#, BLOCK],
        &[CREATED, r#"{"type":"response.output_item.added","item":{"type":"message"}}"#],
        &[r#"{"usageMetadata":{"promptTokenCount":4}}"#],
        &[r#"{"candidates":[{"content":{"role":"model","parts":[{"text":""}]}}]}"#],
        &[r#"{"type":"message-start","id":"a"}"#],
        &[""],
    ] {
        assert_eq!(verdict_on(EVENTS, &events(list)), Verdict::Undecided, "{list:?}");
    }
    assert_eq!(verdict_on(EVENTS, ": OPENROUTER PROCESSING\n\n"), Verdict::Undecided);
    assert_eq!(verdict_on(JSON, "\n\n  {\"id\":"), Verdict::Undecided);
    let loading = r#"{"model":"m","message":{"role":"assistant","content":""},"done":false}"#;
    assert_eq!(verdict_on("application/x-ndjson", loading), Verdict::Undecided);
}

#[test]
fn the_first_content_lets_an_answer_through() {
    for list in [
        &[CHAT_ROLE, CHAT_TEXT][..],
        &[r#"{"choices":[{"delta":{"tool_calls":[{"index":0}]}}]}"#],
        &[r#"{"choices":[{"delta":{"reasoning_content":"hm"}}]}"#],
        &[r#"{"object":"text_completion","choices":[{"text":"a"}]}"#],
        &[CHAT_STOP],
        &[START, BLOCK, DELTA],
        &[r#"{"type":"content_block_start","content_block":{"type":"tool_use","name":"f"}}"#],
        &[CREATED, r#"{"type":"response.output_text.delta","delta":"a"}"#],
        &[r#"{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}"#],
        &[r#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}}]}}]}"#],
        &[r#"{"promptFeedback":{"blockReason":"SAFETY"}}"#],
        &[r#"{"response":{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}}"#],
        &[r#"{"anything":"of an API that is not known here"}"#],
        &["words"],
        &["[DONE]"],
    ] {
        assert_eq!(verdict_on(EVENTS, &events(list)), Verdict::Content, "{list:?}");
    }
    let array = "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}}]}";
    assert_eq!(verdict_on(JSON, array), Verdict::Content);
    let line = r#"{"message":{"role":"assistant","content":"a"},"done":false}"#;
    assert_eq!(verdict_on("application/x-ndjson", line), Verdict::Content);
    assert_eq!(verdict_on("audio/mpeg", ""), Verdict::Content);
}

#[test]
fn an_error_before_the_first_content_fails() {
    let overloaded =
        r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    let limited =
        r#"{"error":{"message":"slow down","type":"requests","code":"rate_limit_exceeded"}}"#;
    let google = r#"{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}"#;
    for list in [
        &[START, overloaded][..],
        &[CHAT_ROLE, limited],
        &[
            CREATED,
            r#"{"type":"response.failed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"m"}}}"#,
        ],
        &[CREATED, r#"{"type":"error","code":"rate_limit_exceeded","message":"m","param":null}"#],
        &[
            r#"{"id":"g","object":"chat.completion.chunk","error":{"code":429,"message":"m"},"choices":[{"delta":{"content":""},"finish_reason":"error"}]}"#,
        ],
        &[google],
        &[r#"{"object":"error","message":"m","type":"BadRequestError","code":400}"#],
        &[r#"{"base_resp":{"status_code":1002,"status_msg":"rate limit"}}"#],
    ] {
        let (verdict, ending) = judged(EVENTS, &events(list));
        assert_eq!((verdict, ending.kind), (Verdict::Failed, EndKind::Failed), "{list:?}");
    }
    let named = judged(EVENTS, "event: error\ndata: too many requests\n\n");
    assert_eq!(named.1.kind, EndKind::Failed);
    for body in [limited, google, &format!("[{google}"), &format!("\n{limited}\n")] {
        assert_eq!(judged(JSON, body).0, Verdict::Failed, "{body}");
        // Mislabelled.
        assert_eq!(judged(EVENTS, body).0, Verdict::Failed, "{body}");
    }
    assert_eq!(
        judged("application/x-ndjson", "{\"error\":\"model is busy\"}\n").0,
        Verdict::Failed
    );
}

#[test]
fn an_answer_that_speaks_of_errors_is_none() {
    for body in [
        r#"{"object":"fine_tuning.job","status":"failed","error":{"code":"a","message":"m"}}"#,
        r#"{"object":"batch","errors":{"data":[{"message":"m","code":"c"}]}}"#,
        r#"{"object":"chat.completion","choices":[{"message":{"role":"assistant","content":"{\"error\":{}}"},"finish_reason":"stop"}]}"#,
        r#"{"object":"response","status":"completed","error":null,"output":[{}]}"#,
        r#"{"type":"message","content":[{"type":"text","text":"error"}],"stop_reason":"end_turn"}"#,
        r#"{"object":"list","data":[{"embedding":[0.1]}]}"#,
        r#"{"embedding":{"values":[0.1]}}"#,
        r#"{"totalTokens":12}"#,
        "[]",
        "{}",
    ] {
        let (verdict, ending) = judged(JSON, body);
        assert_eq!((verdict, ending.kind), (Verdict::Content, EndKind::Complete), "{body}");
    }
}

#[test]
fn a_stream_is_complete_once_its_api_has_said_so() {
    let stop = r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":7}}"#;
    let completed = r#"{"type":"response.completed","response":{"usage":{"input_tokens":1,"output_tokens":2}}}"#;
    let incomplete = r#"{"type":"response.incomplete","response":{"incomplete_details":{"reason":"max_output_tokens"}}}"#;
    let google = r#"{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]}"#;
    for (list, finish) in [
        (&[CHAT_TEXT, CHAT_STOP, "[DONE]"][..], Some("stop")),
        (&[CHAT_TEXT, CHAT_STOP], Some("stop")),
        (&[CHAT_TEXT, "[DONE]"], None),
        (&[START, BLOCK, DELTA, stop, r#"{"type":"message_stop"}"#], Some("end_turn")),
        (&[CREATED, completed], Some("completed")),
        (&[CREATED, incomplete], Some("max_output_tokens")),
        (&[google], Some("STOP")),
        (&[r#"{"unknown":1}"#], None),
    ] {
        let (_, ending) = judged(EVENTS, &events(list));
        assert_eq!(
            (ending.kind, ending.finish.as_deref()),
            (EndKind::Complete, finish),
            "{list:?}"
        );
    }
    let lines = "{\"message\":{\"content\":\"a\"},\"done\":false}\n{\"done\":true,\"done_reason\":\"stop\"}\n";
    assert_eq!(judged("application/x-ndjson", lines).1.finish.as_deref(), Some("stop"));
}

#[test]
fn a_stream_that_stops_before_that_is_cut() {
    for list in [
        &[CHAT_TEXT][..],
        &[START, BLOCK, DELTA],
        &[CREATED, r#"{"type":"response.output_text.delta","delta":"a"}"#],
        &[r#"{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}"#],
    ] {
        let (verdict, ending) = judged(EVENTS, &events(list));
        assert_eq!((verdict, ending.kind), (Verdict::Content, EndKind::Cut), "{list:?}");
    }
    assert_eq!(judged(JSON, r#"{"choices":[{"message":"#).1.kind, EndKind::Cut);
    let lines = "{\"message\":{\"content\":\"a\"},\"done\":false}\n";
    assert_eq!(judged("application/x-ndjson", lines).1.kind, EndKind::Cut);
}

#[test]
fn a_stream_that_ends_before_it_begins_has_failed() {
    let announced = judged(EVENTS, &events(&[CHAT_ROLE]));
    assert_eq!((announced.0, announced.1.kind), (Verdict::Failed, EndKind::Cut));
    for body in ["", ": ping\n\n"] {
        let empty = judged(EVENTS, body);
        assert_eq!((empty.0, empty.1.kind), (Verdict::Failed, EndKind::Empty), "{body}");
    }
    // No stream was announced: an empty body may be all there is to say.
    assert_eq!(judged("", "").1.kind, EndKind::Complete);
}

#[test]
fn a_connection_that_breaks_cuts_what_was_not_over() {
    let mut judge = Judge::new(EVENTS);
    judge.push(events(&[r#"{"unknown":1}"#]).as_bytes());
    assert_eq!(judge.end(false).kind, EndKind::Cut);
    let mut judge = Judge::new(EVENTS);
    judge.push(events(&[CHAT_TEXT, CHAT_STOP]).as_bytes());
    assert_eq!(judge.end(false).kind, EndKind::Complete);
}

#[test]
fn an_error_after_content_is_told_and_takes_nothing_back() {
    let error = r#"{"error":{"message":"m","code":"rate_limit_exceeded"}}"#;
    let mut judge = Judge::new(EVENTS);
    assert_eq!(judge.push(events(&[CHAT_TEXT, error, CHAT_STOP]).as_bytes()), Verdict::Content);
    assert_eq!(judge.error(), Some(error.as_bytes()));
    assert_eq!(judge.end(true).kind, EndKind::Failed);
}

#[test]
fn a_document_is_over_with_its_last_bracket() {
    for (content_type, body, is_over) in [
        (JSON, r#"{"choices":[]}"#, true),
        ("application/json; charset=utf-8", r#"[{"candidates":[]}]"#, true),
        (JSON, r#"[{"candidates":[]}"#, false),
        ("application/x-ndjson", "{\"done\":false}\n", false),
    ] {
        let mut judge = Judge::new(content_type);
        judge.push(body.as_bytes());
        assert_eq!(judge.is_over(), is_over, "{body}");
    }
}

#[test]
fn tokens_are_picked_up() {
    let (_, ending) = judged(EVENTS, &events(&[CHAT_TEXT, CHAT_STOP]));
    assert_eq!((ending.tokens.input, ending.tokens.output), (3, 4));
    let (_, ending) = judged(
        EVENTS,
        &events(&[START, DELTA, r#"{"type":"message_delta","usage":{"output_tokens":7}}"#]),
    );
    assert_eq!((ending.tokens.input, ending.tokens.output), (9, 7));
}

#[test]
fn waiting_is_bounded_in_bytes() {
    let mut judge = Judge::new(EVENTS);
    let ping = b": ping\n\n".repeat(UNDECIDED_BYTES / 8 - 1);
    assert_eq!(judge.push(&ping), Verdict::Undecided);
    assert_eq!(judge.push(b": ping\n\n"), Verdict::Content);
    // An error that comes together with the last byte that is waited for, and one byte later.
    let error = events(&[r#"{"error":{"code":429}}"#]);
    for (late, expected) in [(0, Verdict::Failed), (1, Verdict::Content)] {
        let mut body = vec![b'\n'; UNDECIDED_BYTES - error.len() + late];
        body.extend_from_slice(error.as_bytes());
        let mut judge = Judge::new(EVENTS);
        assert_eq!(judge.push(&body), expected, "{late}");
        let mut judge = Judge::new(EVENTS);
        for piece in body.chunks(7) {
            judge.push(piece);
        }
        assert_eq!(judge.verdict(), expected, "{late}, in pieces");
    }
}

#[test]
fn waiting_ends_when_the_reader_says_so() {
    let mut judge = Judge::new(EVENTS);
    judge.push(events(&[CHAT_ROLE]).as_bytes());
    judge.let_through();
    let error = events(&[r#"{"error":{"code":429}}"#]);
    assert_eq!(judge.push(error.as_bytes()), Verdict::Content);
    assert_eq!(judge.end(true).kind, EndKind::Failed);
}

proptest::proptest! {
    #[test]
    fn any_bytes_in_any_pieces_come_to_the_same(
        content_type in proptest::sample::select(vec![EVENTS, JSON, "", "text/plain", "application/x-ndjson"]),
        parts in proptest::collection::vec(
            proptest::prop_oneof![
                proptest::sample::select(vec![
                    CHAT_ROLE, CHAT_TEXT, CHAT_STOP, START, BLOCK, DELTA, CREATED, "[DONE]", "[", "]", ",", "\n", "\r\n",
                    "data: ", "event: error\n", "\n\n", "{\"error\":{\"code\":429}}", "{\"a\":\"\\\"", "\u{feff}", ": p\n",
                ]).prop_map(str::to_owned),
                "\\PC{0,9}",
            ],
            0..14,
        ),
        sizes in proptest::collection::vec(1_usize..40, 1..9),
    ) {
        let body = parts.concat();
        let judge = |sizes: &[usize]| {
            let mut judge = Judge::new(content_type);
            let mut rest = body.as_bytes();
            for size in sizes.iter().cycle() {
                if rest.is_empty() { break; }
                let (first, other) = rest.split_at((*size).min(rest.len()));
                judge.push(first);
                rest = other;
            }
            let error = judge.error().map(<[u8]>::to_vec);
            (judge.verdict(), judge.is_over(), error, judge.end(true), judge.verdict())
        };
        proptest::prop_assert_eq!(judge(&sizes), judge(&[usize::MAX]));
    }
}
