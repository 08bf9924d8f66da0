//! A request's URL at another base: a profile may have an address of its own.

use reqwest::Url;

/// `of` is the base that the SDK has, where it is known. Else the version in the path (`v1`, `v1beta`) says where an API
/// begins: what follows it is the same at every base, and a base without a version gets it too.
pub(crate) fn rebased(url: &str, base: &str, of: Option<&str>) -> String {
    let (Ok(asked), Ok(mut target)) = (Url::parse(url), Url::parse(base)) else {
        return url.to_owned();
    };
    let path = asked.path();
    let base_path = target.path().trim_end_matches('/').to_owned();
    let known = of.and_then(|of| Url::parse(of).ok());
    let known = known.and_then(|of| below(path, of.path()).map(str::to_owned));
    let rest = known.unwrap_or_else(|| rest(path, &base_path).to_owned());
    target.set_path(&format!("{base_path}/{}", rest.trim_start_matches('/')));
    target.set_query(asked.query());
    target.to_string()
}

/// What of the path comes behind the base's.
fn rest<'a>(path: &'a str, base_path: &str) -> &'a str {
    if let Some(rest) = below(path, base_path).filter(|_| !base_path.is_empty()) {
        return rest;
    }
    let has_version = base_path.rsplit('/').next().is_some_and(is_version);
    let mut at = 0;
    for part in path.split('/') {
        let end = at + part.len();
        if is_version(part) {
            return if has_version { &path[end..] } else { &path[at..] };
        }
        at = end + 1;
    }
    path
}

fn below<'a>(path: &'a str, base: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(base.trim_end_matches('/'))?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

/// `v1`, `v1beta`, `v1beta2`.
fn is_version(part: &str) -> bool {
    part.strip_prefix('v').is_some_and(|rest| rest.starts_with(|it: char| it.is_ascii_digit()))
        && part.len() < 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_version_is_the_same_everywhere() {
        for (url, base, expected) in [
            (
                "https://api.openai.com/v1/chat/completions?a=1",
                "https://p.example/v1",
                "https://p.example/v1/chat/completions?a=1",
            ),
            (
                "https://api.openai.com/v1/chat/completions",
                "https://p.example/",
                "https://p.example/v1/chat/completions",
            ),
            (
                "https://api.anthropic.com/v1/messages",
                "http://127.0.0.1:9/anthropic",
                "http://127.0.0.1:9/anthropic/v1/messages",
            ),
            (
                "https://g/v1beta/models/m:generateContent",
                "https://p/v1",
                "https://p/v1/models/m:generateContent",
            ),
            (
                "https://a.openai.azure.com/openai/deployments/d/x?v=1",
                "https://b.openai.azure.com",
                "https://b.openai.azure.com/openai/deployments/d/x?v=1",
            ),
            (
                "https://a.openai.azure.com/openai/deployments/d",
                "https://b.openai.azure.com/openai",
                "https://b.openai.azure.com/openai/deployments/d",
            ),
            (
                "http://127.0.0.1:1/chat/completions",
                "http://127.0.0.1:2/x/",
                "http://127.0.0.1:2/x/chat/completions",
            ),
            ("no url", "https://p", "no url"),
        ] {
            assert_eq!(rebased(url, base, None), expected, "{url} at {base}");
        }
    }

    #[test]
    fn the_sdks_own_base_is_taken_off_where_it_is_known() {
        let of = Some("https://gateway/team/v2/openai");
        let url = "https://gateway/team/v2/openai/chat/completions";
        assert_eq!(rebased(url, "https://p/v1", of), "https://p/v1/chat/completions");
    }
}
