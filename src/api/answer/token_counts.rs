//! The tokens that an answer says it has used, in the words of each API.

use crate::failure::read::json::Json;

/// Counts only grow: streams repeat them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct TokenCounts {
    pub(crate) input: u64,
    pub(crate) output: u64,
}

const INPUT: [&str; 4] = ["prompt_tokens", "input_tokens", "promptTokenCount", "prompt_eval_count"];
const OUTPUT: [&str; 4] =
    ["completion_tokens", "output_tokens", "candidatesTokenCount", "eval_count"];

impl TokenCounts {
    /// What an event or a document states, if it does.
    pub(crate) fn of(value: &Json<'_>) -> Option<Self> {
        let holders = [Some(value), value.get("response"), value.get("message")];
        holders.into_iter().flatten().find_map(|holder| {
            let counts = holder.any(&["usage", "usageMetadata"]);
            // Ollama has them beside the answer.
            read(counts.filter(|counts| !counts.members().is_empty()).unwrap_or(holder))
        })
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.input = self.input.max(other.input);
        self.output = self.output.max(other.output);
    }
}

fn read(counts: &Json<'_>) -> Option<TokenCounts> {
    let count = |names: &[&str]| {
        let number = counts.any(names).and_then(Json::number);
        number.filter(|number| (0.0..1e12).contains(number)).map(|number| number as u64)
    };
    // Anthropic counts what it reads from its cache, or writes to it, apart.
    let cached = ["cache_read_input_tokens", "cache_creation_input_tokens"];
    let cached: u64 = cached.iter().filter_map(|name| count(&[name])).sum();
    // Gemini counts thoughts apart, and bills them as output.
    let thoughts = count(&["thoughtsTokenCount"]).unwrap_or(0);
    let (input, output) = (count(&INPUT), count(&OUTPUT));
    (input.is_some() || output.is_some()).then(|| TokenCounts {
        input: input.unwrap_or(0) + cached,
        output: output.unwrap_or(0) + thoughts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::read::json;

    #[test]
    fn each_api_counts_in_its_own_words() {
        for (text, input, output) in [
            (r#"{"usage":{"prompt_tokens":3,"completion_tokens":5,"total_tokens":8}}"#, 3, 5),
            (r#"{"response":{"usage":{"input_tokens":3,"output_tokens":5}}}"#, 3, 5),
            (r#"{"message":{"usage":{"input_tokens":3,"cache_read_input_tokens":4}}}"#, 7, 0),
            (
                r#"{"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":5,"thoughtsTokenCount":2}}"#,
                3,
                7,
            ),
            (r#"{"done":true,"prompt_eval_count":3,"eval_count":5}"#, 3, 5),
        ] {
            let counts = TokenCounts::of(&json::read(text).value);
            assert_eq!(counts, Some(TokenCounts { input, output }), "{text}");
        }
        assert_eq!(TokenCounts::of(&json::read(r#"{"usage":null,"choices":[]}"#).value), None);
    }
}
