use proptest::prelude::*;

use super::*;

fn assembled(frames: &[String]) -> (Vec<Update>, Option<Ending>) {
    let mut next = 0;
    let ids = Box::new(move |name: &str| {
        next += 1;
        format!("{name}_{next}")
    });
    let mut assembler = Assembler::new(ids, Cost::default());
    let mut updates = Vec::new();
    for frame in frames {
        if assembler
            .push(&Frame { data: frame.clone().into_bytes(), ..Frame::default() }, &mut updates)
            .is_err()
        {
            return (updates, None);
        }
    }
    let ending = assembler.finish(&mut updates);
    (updates, Some(ending))
}

/// Blocks open and close in pairs, and nothing comes before the start.
fn assert_well_formed(updates: &[Update], is_whole: bool) {
    let (mut started, mut open) = (false, None);
    for update in updates {
        match update {
            Update::Start => assert!(!std::mem::replace(&mut started, true)),
            Update::Open(kind) => assert!(started && open.replace(*kind).is_none()),
            Update::Close => assert!(open.take().is_some()),
            Update::Delta(_) | Update::Signature(_) => assert!(open.is_some()),
            Update::ToolCall { .. } => assert!(started && open.is_none()),
            Update::Usage(..) | Update::ResponseId(_) => {}
        }
    }
    assert!(open.is_none() || !is_whole);
}

fn chunk() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just(r#"{"text":"a"}"#),
        Just(r#"{"text":"","thought":true,"thoughtSignature":"c2ln"}"#),
        Just(r#"{"text":null}"#),
        Just(r#"{"functionCall":{"name":"ls","id":"x"}}"#),
        Just(r#"{"functionCall":{"args":{}},"text":"b"}"#),
    ];
    let finish = prop_oneof![Just(""), Just("STOP"), Just("MAX_TOKENS"), Just("SAFETY")];
    (proptest::collection::vec(part, 0..3), finish).prop_map(|(parts, finish)| {
        format!(
            r#"{{"response":{{"candidates":[{}],{}"responseId":"r"}}}}"#,
            format_args!(
                r#"{{"content":{{"parts":[{}]}},"finishReason":"{finish}"}}"#,
                parts.join(",")
            ),
            r#""usageMetadata":{"promptTokenCount":3},"#
        )
    })
}

proptest! {
    #[test]
    fn any_chunks_give_a_well_formed_message(
        frames in proptest::collection::vec(prop_oneof![8 => chunk(), 1 => "\\PC{0,20}"], 0..8)
    ) {
        let (updates, ending) = assembled(&frames);
        assert_well_formed(&updates, ending.is_some_and(|ending| ending != Ending::Truncated));
    }
}

#[test]
fn an_id_that_is_taken_is_replaced() {
    let call = r#"{"response":{"candidates":[{"content":{"parts":[
        {"functionCall":{"name":"a","id":"x"}},{"functionCall":{"name":"a","id":"x"}}]}}]}}"#;
    let (updates, _) = assembled(&[call.to_owned()]);
    let ids: Vec<_> = updates
        .iter()
        .filter_map(|update| match update {
            Update::ToolCall { id, .. } => Some(id.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(ids, ["x", "a_1"]);
}

#[test]
fn the_end_tells_what_the_whole_was() {
    let end = |parts: &str, reason: &str| {
        let frame = format!(
            r#"{{"response":{{"candidates":[{{"content":{{"parts":[{parts}]}},"finishReason":"{reason}"}}]}}}}"#
        );
        assembled(&[frame]).1
    };
    let (text, thought, call) =
        (r#"{"text":"a"}"#, r#"{"text":"a","thought":true}"#, r#"{"functionCall":{"name":"ls"}}"#);
    assert_eq!(end(text, "STOP"), Some(Ending::Stop));
    assert_eq!(end(text, "MAX_TOKENS"), Some(Ending::Length));
    assert_eq!(end(call, "STOP"), Some(Ending::ToolUse));
    assert_eq!(end(text, ""), Some(Ending::Truncated));
    assert_eq!(end("", ""), Some(Ending::Empty));
    assert_eq!(end(thought, "STOP"), Some(Ending::Empty));
    assert!(matches!(end(call, "SAFETY"), Some(Ending::Refused { .. })));
}
