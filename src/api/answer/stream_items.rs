//! What one item of an SDK's own stream means: events of the APIs as the SDKs hand them on, and the parts of the AI SDK.

use super::meaning::{Kind, of_event};
use crate::failure::read::json;

/// Of the AI SDK, versions 5 to 6: what announces an answer.
const ANNOUNCEMENTS: [&str; 9] = [
    "stream-start",
    "response-metadata",
    "start",
    "start-step",
    "text-start",
    "reasoning-start",
    "tool-input-start",
    "raw",
    "message-metadata",
];

/// `item` is JSON; what is no object is content unless it is an empty text.
pub(crate) fn of_item(item: &str) -> Kind {
    let value = json::read(item).value;
    let kind = value.get("type").and_then(json::Json::text);
    match kind {
        Some("error") => Kind::Error,
        Some(kind) if ANNOUNCEMENTS.contains(&kind) => Kind::Nothing,
        // Version 5 passes an empty text on.
        Some("text-delta" | "reasoning-delta") => {
            let is_some = |name: &str| matches!(value.get(name), Some(json::Json::Text(text)) if !text.is_empty());
            if ["delta", "text", "textDelta"].iter().any(|name| is_some(name)) {
                Kind::Content
            } else {
                Kind::Nothing
            }
        }
        _ if value.members().is_empty() => {
            if matches!(item, "\"\"" | "null" | "{}") {
                Kind::Nothing
            } else {
                Kind::Content
            }
        }
        _ => of_event(&value, "").kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_announces_an_answer_is_not_one() {
        for (item, kind) in [
            (r#"{"type":"stream-start","warnings":[]}"#, Kind::Nothing),
            (r#"{"type":"text-start","id":"0"}"#, Kind::Nothing),
            (r#"{"type":"text-delta","id":"0","delta":"a"}"#, Kind::Content),
            (r#"{"type":"text-delta","id":"0","delta":""}"#, Kind::Nothing),
            (r#"{"type":"reasoning-delta","text":" "}"#, Kind::Content),
            (r#"{"type":"error","error":{}}"#, Kind::Error),
            (r#"{"type":"message_start","message":{}}"#, Kind::Nothing),
            (r#"{"type":"tool-call","toolName":"a"}"#, Kind::Content),
            (r#""""#, Kind::Nothing),
            (r#"" ""#, Kind::Content),
            ("7", Kind::Content),
        ] {
            assert_eq!(of_item(item), kind, "{item}");
        }
    }
}
