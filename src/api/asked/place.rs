//! Where a request has its credential, by what the SDK sends.
//!
//! Invariant: only places are told, never what stands there.

use crate::api::family::{Family, host_and_path, query};

/// Where the credential of the account goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// `scheme` stands before it, as in `Bearer …`; empty: nothing does.
    Header {
        name: String,
        scheme: String,
    },
    Query(String),
}

/// What the caller says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fixed {
    Bearer,
    Header(String),
    Query(String),
}

/// Headers that hold a credential and nothing else, the most telling first.
const KEY_HEADERS: [&str; 3] = ["x-goog-api-key", "x-api-key", "api-key"];
pub(crate) const AUTHORIZATION: &str = "authorization";
const KEY_QUERY: &str = "key";

/// The headers that [`places`] wants to see.
pub(crate) const TELLING: [&str; 5] =
    [AUTHORIZATION, KEY_HEADERS[0], KEY_HEADERS[1], KEY_HEADERS[2], "anthropic-version"];

/// Every place where the SDK has put its key: a key may stand in two of them, and a second one that is another stays.
/// Where it has put none, the place that this API reads. `headers` are those of [`TELLING`], names in lower case.
pub(crate) fn places(url: &str, headers: &[(String, String)], fixed: Option<&Fixed>) -> Vec<Place> {
    match fixed {
        Some(Fixed::Bearer) => return vec![bearer()],
        Some(Fixed::Header(name)) => {
            let name = name.to_ascii_lowercase();
            let scheme = if name == AUTHORIZATION { "Bearer" } else { "" };
            return vec![Place::Header { name, scheme: scheme.to_owned() }];
        }
        Some(Fixed::Query(name)) => return vec![Place::Query(name.clone())],
        None => {}
    }
    let found = found(url, headers);
    let Some((_, key)) = found.first() else { return vec![usual(url, headers)] };
    let is_same = |(_, other): &&(Place, &str)| other == key;
    found.iter().filter(is_same).map(|(place, _)| place.clone()).collect()
}

/// Places with what stands there, the most telling first.
fn found<'a>(url: &'a str, headers: &'a [(String, String)]) -> Vec<(Place, &'a str)> {
    let header =
        |name: &str| headers.iter().find(|(it, _)| it == name).map(|(_, value)| value.trim());
    let keys = KEY_HEADERS.iter().filter_map(|name| {
        let place = Place::Header { name: (*name).to_owned(), scheme: String::new() };
        Some((place, header(name)?))
    });
    let authorization = header(AUTHORIZATION).map(|value| {
        let (scheme, key) = value.split_once(' ').unwrap_or(("", value));
        // A user and a password say nothing of how a key is written.
        let scheme = if scheme.eq_ignore_ascii_case("basic") { "Bearer" } else { scheme };
        let place = Place::Header { name: AUTHORIZATION.to_owned(), scheme: scheme.to_owned() };
        (place, key.trim())
    });
    let query = query(url, KEY_QUERY).map(|key| (Place::Query(KEY_QUERY.to_owned()), key));
    keys.chain(authorization).chain(query).collect()
}

fn usual(url: &str, headers: &[(String, String)]) -> Place {
    let has_header = |name: &str| headers.iter().any(|(it, _)| it == name);
    let (host, _) = host_and_path(url);
    let name = match Family::of(url, has_header) {
        Family::Anthropic => "x-api-key",
        Family::Google => "x-goog-api-key",
        Family::OpenAi if host.ends_with(".azure.com") => "api-key",
        Family::OpenAi => return bearer(),
    };
    Place::Header { name: name.to_owned(), scheme: String::new() }
}

fn bearer() -> Place {
    Place::Header { name: AUTHORIZATION.to_owned(), scheme: "Bearer".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(url: &str, headers: &[(&str, &str)], fixed: Option<&Fixed>) -> Vec<String> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let headers: Vec<_> = headers.iter().map(owned).collect();
        let show = |place| match place {
            Place::Header { name, scheme } => format!("{name}: {scheme}"),
            Place::Query(name) => format!("?{name}"),
        };
        places(url, &headers, fixed).into_iter().map(show).collect()
    }

    const URL: &str = "https://example.com/v1/x";

    #[test]
    fn the_key_goes_where_the_sdk_has_put_its_own() {
        for (url, headers, expected) in [
            (URL, &[("authorization", "Bearer unused")][..], "authorization: Bearer"),
            (URL, &[("authorization", "Token unused")], "authorization: Token"),
            (URL, &[("authorization", "unused")], "authorization: "),
            (URL, &[("authorization", "Basic dTpw")], "authorization: Bearer"),
            (URL, &[("x-api-key", "unused"), ("anthropic-version", "1")], "x-api-key: "),
            (URL, &[("x-goog-api-key", "unused")], "x-goog-api-key: "),
            (URL, &[("api-key", "unused")], "api-key: "),
            ("https://example.com/v1?alt=sse&key=unused#top", &[], "?key"),
        ] {
            assert_eq!(shown(url, headers, None), [expected], "{headers:?}");
        }
    }

    #[test]
    fn a_key_that_stands_twice_is_replaced_twice_and_another_one_stays() {
        let twice = [("x-api-key", "unused"), ("authorization", "Bearer unused")];
        assert_eq!(shown(URL, &twice, None), ["x-api-key: ", "authorization: Bearer"]);
        let gateway = [("x-api-key", "unused"), ("authorization", "Bearer of-the-gateway")];
        assert_eq!(shown(URL, &gateway, None), ["x-api-key: "]);
    }

    #[test]
    fn without_one_it_goes_where_the_api_reads_it() {
        for (url, header, expected) in [
            ("https://api.openai.com/v1/responses", "", "authorization: Bearer"),
            ("https://x.openai.azure.com/openai/deployments/d/chat/completions", "", "api-key: "),
            ("https://api.anthropic.com/v1/messages", "", "x-api-key: "),
            (URL, "anthropic-version", "x-api-key: "),
            ("https://generativelanguage.googleapis.com/v1beta/models", "", "x-goog-api-key: "),
        ] {
            let headers = [(header, "1")];
            let headers = if header.is_empty() { &[][..] } else { &headers[..] };
            assert_eq!(shown(url, headers, None), [expected], "{url}");
        }
    }

    #[test]
    fn the_caller_may_fix_it() {
        let sent = [("authorization", "Bearer unused")];
        for (fixed, expected) in [
            (Fixed::Bearer, "authorization: Bearer"),
            (Fixed::Header("X-Key".into()), "x-key: "),
            (Fixed::Header("Authorization".into()), "authorization: Bearer"),
            (Fixed::Query("token".into()), "?token"),
        ] {
            assert_eq!(shown(URL, &sent, Some(&fixed)), [expected]);
        }
    }
}
