//! Whose API a request speaks, by what its SDK sends.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// And the many that speak like it.
    OpenAi,
    Anthropic,
    Google,
}

impl Family {
    /// `has_header` is asked with names in lower case.
    pub(crate) fn of(url: &str, has_header: impl Fn(&str) -> bool) -> Self {
        let (host, path) = host_and_path(url);
        let is_google = has_header("x-goog-api-key")
            || path.contains(":generateContent")
            || path.contains(":streamGenerateContent")
            || (host.ends_with("googleapis.com") && !path.contains("/openai/"));
        if has_header("anthropic-version") || host.ends_with("anthropic.com") {
            Self::Anthropic
        } else if is_google {
            Self::Google
        } else if path.ends_with("/messages") {
            Self::Anthropic
        } else {
            Self::OpenAi
        }
    }
}

/// Without query and fragment.
pub(crate) fn host_and_path(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = authority.rsplit('@').next().unwrap_or_default();
    (host.split(':').next().unwrap_or_default(), path)
}

/// The raw value of a query parameter.
pub(crate) fn query<'a>(url: &'a str, name: &str) -> Option<&'a str> {
    let url = url.split('#').next().unwrap_or_default();
    let (_, query) = url.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sdk_shows_whose_api_it_speaks() {
        for (url, header, family) in [
            ("https://api.openai.com/v1/chat/completions", "", Family::OpenAi),
            ("http://127.0.0.1:1/v1/responses?a=/messages", "", Family::OpenAi),
            ("http://127.0.0.1:1/v1/messages", "", Family::Anthropic),
            ("http://gateway/x", "anthropic-version", Family::Anthropic),
            ("http://127.0.0.1:1/v1beta/models/m:generateContent", "", Family::Google),
            ("http://127.0.0.1:1/upload", "x-goog-api-key", Family::Google),
            (
                "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
                "",
                Family::OpenAi,
            ),
        ] {
            assert_eq!(Family::of(url, |name| name == header), family, "{url}");
        }
    }
}
