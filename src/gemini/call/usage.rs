//! What a request used, in tokens and in dollars.

/// Token counts. `input` is what was not read from the cache.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Usage {
    pub input: f64,
    pub output: f64,
    pub cache_read: f64,
    pub total: f64,
}

/// Dollars per million tokens.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    pub input: f64,
    pub output: f64,
    pub cache_read: f64,
}

/// What a request cost, in dollars.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spent {
    pub input: f64,
    pub output: f64,
    pub cache_read: f64,
    pub total: f64,
}

impl Cost {
    /// What these tokens cost.
    #[must_use]
    pub(crate) fn of(self, usage: Usage) -> Spent {
        let price = |dollars: f64, tokens: f64| dollars / 1_000_000.0 * tokens;
        let input = price(self.input, usage.input);
        let output = price(self.output, usage.output);
        let cache_read = price(self.cache_read, usage.cache_read);
        Spent { input, output, cache_read, total: input + output + cache_read }
    }
}
