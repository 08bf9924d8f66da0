//! Enums whose values have public names.
//!
//! Invariant: a value and its name are written once, in one place, so that neither can be without the other.

/// Declares an enum with the public name of each value, and the functions that turn one into the other.
macro_rules! named {
    ($(#[$meta:meta])* $kind:ident { $($(#[$doc:meta])* $value:ident = $name:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) enum $kind { $($(#[$doc])* $value,)+ }

        impl $kind {
            /// Every value, in the order of its declaration.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$value,)+];

            /// The public name.
            #[must_use]
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$value => $name,)+ }
            }

            /// The value of a public name.
            #[must_use]
            pub(crate) fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name() == name)
            }
        }

        impl serde::Serialize for $kind {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }
    };
}

named! {
    /// What kind of failure it is.
    Class {
        RateLimit = "rate_limit",
        Quota = "quota",
        Capacity = "capacity",
        Overloaded = "overloaded",
        Billing = "billing",
        Auth = "auth",
        AuthPermanent = "auth_permanent",
        VerificationRequired = "verification_required",
        AccountDisabled = "account_disabled",
        UnsupportedClient = "unsupported_client",
        NoLicense = "no_license",
        Format = "format",
        ModelNotFound = "model_not_found",
        Timeout = "timeout",
        Aborted = "aborted",
        Network = "network",
        Truncated = "truncated",
        Empty = "empty",
        Unknown = "unknown",
    }
}

named! {
    /// Whom the failure concerns, and so what a cooldown should cover.
    Scope {
        /// This account with this model.
        Model = "model",
        /// This account with a group of models that share one quota.
        Pool = "pool",
        /// This account with every model.
        Account = "account",
        /// This server, whoever asks.
        Endpoint = "endpoint",
        /// This request, whoever sends it.
        Request = "request",
    }
}

named! {
    /// How far the stated wait can be believed.
    Trust {
        /// Stated by the server and plausible.
        Server = "server",
        /// Stated by the server, but shortened to the cap because nothing else supports so long a wait.
        Capped = "capped",
    }
}

named! {
    /// Where a wait was found.
    Source {
        RetryInfo = "retry-info",
        QuotaResetDelay = "quota-reset-delay",
        QuotaResetTimestamp = "quota-reset-timestamp",
        Message = "message",
        MessageTime = "message-time",
        MessageTimeNoZone = "message-time-no-zone",
        /// The record came from a version that named a source which this one does not know.
        Given = "given",
        OwnRule = "own-rule",
        BodyRetryAfter = "body:retry-after",
        BodyResetsAt = "body:resets-at",
        RetryAfter = "header:retry-after",
        RetryAfterMs = "header:retry-after-ms",
        XMsRetryAfterMs = "header:x-ms-retry-after-ms",
        RatelimitReset = "header:ratelimit-reset",
        XRatelimitReset = "header:x-ratelimit-reset",
        XRatelimitResetMs = "header:x-ratelimit-reset-ms",
        XRatelimitResetAfter = "header:x-ratelimit-reset-after",
        AnthropicRatelimitReset = "header:anthropic-ratelimit-reset",
        XCodexReset = "header:x-codex-reset",
    }
}

named! {
    /// The rule that decided.
    Rule {
        // Of `classify`: by codes.
        ReasonRateLimit = "reason-rate-limit",
        ReasonQuota = "reason-quota",
        ReasonCapacity = "reason-capacity",
        ReasonOverloaded = "reason-overloaded",
        ShouldRetry = "should-retry",
        ReasonBilling = "reason-billing",
        ReasonAuth = "reason-auth",
        ReasonAuthPermanent = "reason-auth-permanent",
        ReasonVerification = "reason-verification",
        ReasonAccountDisabled = "reason-account-disabled",
        ReasonClient = "reason-client",
        ReasonLicense = "reason-license",
        ReasonModel = "reason-model",
        ReasonFormat = "reason-format",
        /// The place that we call from is refused.
        ReasonRegion = "reason-region",
        ReasonTimeout = "reason-timeout",
        /// Too many requests at once, or a refusal while the plan has room: over in seconds. Wait with jitter.
        Concurrency = "concurrency",
        // By quotas and windows.
        QuotaDaily = "quota-daily",
        QuotaLimitZero = "quota-limit-zero",
        QuotaLongWait = "quota-long-wait",
        QuotaWindow = "quota-window",
        StatedWait = "stated-wait",
        // By the status.
        Status401 = "status-401",
        Status402 = "status-402",
        Status403 = "status-403",
        Status404 = "status-404",
        Status429 = "status-429",
        Status499 = "status-499",
        Status5xx = "status-5xx",
        TimeoutStatus = "timeout-status",
        PermissionDenied = "permission-denied",
        AuthAfterRefresh = "auth-after-refresh",
        Format = "format",
        FormatContextLength = "format-context-length",
        FormatThoughtSignature = "format-thought-signature",
        FormatToolId = "format-tool-id",
        /// The request alone is more than the limit.
        FormatTooLarge = "format-too-large",
        FormatPolicy = "format-policy",
        // By the words.
        WordsRateLimit = "words-rate-limit",
        WordsQuota = "words-quota",
        WordsCapacity = "words-capacity",
        WordsOverloaded = "words-overloaded",
        WordsBilling = "words-billing",
        WordsAuth = "words-auth",
        WordsDeadKey = "words-dead-key",
        WordsVerification = "words-verification",
        WordsAccountDisabled = "words-account-disabled",
        WordsClient = "words-client",
        WordsLicense = "words-license",
        WordsModel = "words-model",
        WordsAborted = "words-aborted",
        WordsTimeout = "words-timeout",
        WordsNetwork = "words-network",
        WordsRegion = "words-region",
        // By what was thrown.
        AbortError = "abort-error",
        TimeoutError = "timeout-error",
        TimeoutConnect = "timeout-connect",
        TimeoutHeaders = "timeout-headers",
        TimeoutBody = "timeout-body",
        TimeoutSocket = "timeout-socket",
        NetworkConnect = "network-connect",
        NetworkDns = "network-dns",
        NetworkFetch = "network-fetch",
        NetworkProtocol = "network-protocol",
        NetworkProxy = "network-proxy",
        NetworkReset = "network-reset",
        NetworkTls = "network-tls",
        None = "none",
        /// The record came from a version that named a rule which this one does not know.
        Given = "given",
        Own = "own-rule",
        // Of the loop.
        SecretUnresolved = "secret-unresolved",
        RefreshRefused = "refresh-refused",
        RefreshFailed = "refresh-failed",
        // Of the request of our own.
        Aborted = "aborted",
        Callback = "callback",
        Credentials = "credentials",
        CutOff = "cut-off",
        EmptyResponse = "empty-response",
        FinishReason = "finish-reason",
        FrameTooLarge = "frame-too-large",
        Internal = "internal",
        InvalidInput = "invalid-input",
        MalformedChunk = "malformed-chunk",
        Network = "network",
        NoFinishReason = "no-finish-reason",
        ProxyAuthentication = "proxy-authentication",
        TimeoutFirstEvent = "timeout-first-event",
        TimeoutIdle = "timeout-idle",
        TimeoutTotal = "timeout-total",
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, Rule, Source};

    #[test]
    fn a_name_leads_back_to_its_value() {
        for class in Class::ALL {
            assert_eq!(Class::from_name(class.name()), Some(*class));
        }
        for source in Source::ALL {
            assert_eq!(Source::from_name(source.name()), Some(*source));
        }
        for rule in Rule::ALL {
            assert_eq!(Rule::from_name(rule.name()), Some(*rule));
        }
    }
}
