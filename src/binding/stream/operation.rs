//! The operations that a stream's Rust half sends to its JavaScript half.
//!
//! Invariant: this is the one place that numbers them; JavaScript is handed the table when the two halves are linked.

macro_rules! operations {
    ($($name:ident $js_name:literal,)*) => {
        /// What the JavaScript half is to do. Its operands follow it in the batch.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Operation {
            $($name,)*
        }

        impl Operation {
            /// Every operation: its name in JavaScript and its number in a batch.
            pub(crate) fn table() -> impl Iterator<Item = (&'static str, u8)> {
                [$(($js_name, Self::$name as u8),)*].into_iter()
            }
        }
    };
}

operations! {
    Start "START",
    OpenText "OPEN_TEXT",
    OpenThinking "OPEN_THINKING",
    Delta "DELTA",
    Close "CLOSE",
    Signature "SIGNATURE",
    ToolCall "TOOL_CALL",
    Usage "USAGE",
    ResponseId "RESPONSE_ID",
    AskPayload "ASK_PAYLOAD",
    AskResponse "ASK_RESPONSE",
    PlainTextHost "PLAIN_TEXT_HOST",
    Done "DONE",
    Failed "FAILED",
}
