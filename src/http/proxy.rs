//! Which proxy a request takes. Pure: the environment comes in as an argument.

use std::net::IpAddr;

use reqwest::Url;

use crate::error::{Error, Result};

/// Which proxy to use.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum ProxyChoice {
    /// What the environment says.
    Environment,
    Direct,
    Url(String),
}

/// The proxy variables, already chosen between their two spellings. They may hold passwords, so none is ever shown.
#[derive(Clone, Default)]
pub(crate) struct ProxyEnvironment {
    pub https: Option<String>,
    pub http: Option<String>,
    pub all: Option<String>,
    pub no: Option<String>,
}

impl std::fmt::Debug for ProxyEnvironment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ProxyEnvironment").finish_non_exhaustive()
    }
}

/// A proxy to use. Both its forms name host and port only.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Proxy {
    pub(crate) url: Url,
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Proxy({self})")
    }
}

impl std::fmt::Display for Proxy {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port_or_known_default() {
            Some(port) => write!(formatter, "{host}:{port}"),
            None => formatter.write_str(host),
        }
    }
}

/// The proxy for `target`, or `None` for a direct connection.
pub(crate) fn choose(
    choice: &ProxyChoice,
    environment: &ProxyEnvironment,
    target: &Url,
) -> Result<Option<Proxy>> {
    let (field, url) = match choice {
        ProxyChoice::Direct => return Ok(None),
        ProxyChoice::Url(url) => ("options.proxy", url),
        ProxyChoice::Environment => match from_environment(environment, target) {
            Some(found) => found,
            None => return Ok(None),
        },
    };
    parse(url)
        .map(Some)
        .ok_or_else(|| Error::invalid(field, "must be an http, https, socks4 or socks5 proxy URL"))
}

fn from_environment<'a>(
    environment: &'a ProxyEnvironment,
    target: &Url,
) -> Option<(&'static str, &'a String)> {
    if environment.no.as_deref().is_some_and(|list| is_excluded(list, target)) {
        return None;
    }
    let own = match target.scheme() {
        "https" => environment.https.as_ref().map(|url| ("HTTPS_PROXY", url)),
        _ => environment.http.as_ref().map(|url| ("HTTP_PROXY", url)),
    };
    own.or_else(|| environment.all.as_ref().map(|url| ("ALL_PROXY", url)))
}

fn parse(text: &str) -> Option<Proxy> {
    let text = text.trim();
    let url =
        if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("http://{text}")) };
    let known = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
    url.ok().filter(|url| url.has_host() && known.contains(&url.scheme())).map(|url| Proxy { url })
}

/// Whether `NO_PROXY` names the target: by host, by domain suffix, by address or network, with or without port.
fn is_excluded(list: &str, target: &Url) -> bool {
    let Some(host) = target.host_str() else { return false };
    let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
    let entries = list.split([',', ' ', '\t']).map(str::trim).filter(|entry| !entry.is_empty());
    entries.into_iter().any(|entry| {
        let entry = entry.to_ascii_lowercase();
        let (name, port) = split_port(&entry);
        port.is_none_or(|port| target.port_or_known_default() == Some(port)) && names(name, &host)
    })
}

fn split_port(entry: &str) -> (&str, Option<u16>) {
    if let Some(rest) = entry.strip_prefix('[') {
        let (address, port) = rest.split_once(']').unwrap_or((rest, ""));
        return (address, port.strip_prefix(':').and_then(|port| port.parse().ok()));
    }
    match entry.rsplit_once(':') {
        // More colons are an IPv6 address without a port.
        Some((name, port)) if !name.contains(':') => match port.parse() {
            Ok(port) => (name, Some(port)),
            Err(_) => (entry, None),
        },
        _ => (entry, None),
    }
}

fn names(entry: &str, host: &str) -> bool {
    if entry == "*" || entry == host {
        return true;
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        return entry.split_once('/').is_some_and(|(network, bits)| holds(network, bits, address));
    }
    let domain = entry.trim_start_matches('*').trim_start_matches('.');
    !domain.is_empty()
        && (host == domain || host.strip_suffix(domain).is_some_and(|front| front.ends_with('.')))
}

fn holds(network: &str, bits: &str, address: IpAddr) -> bool {
    let Ok(bits) = bits.parse::<u32>() else { return false };
    match (network.parse(), address) {
        (Ok(IpAddr::V4(network)), IpAddr::V4(address)) if bits <= 32 => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        (Ok(IpAddr::V6(network)), IpAddr::V6(address)) if bits <= 128 => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(target: &str, environment: &ProxyEnvironment) -> Option<String> {
        let target = Url::parse(target).unwrap();
        let found = choose(&ProxyChoice::Environment, environment, &target).unwrap();
        found.map(|proxy| proxy.to_string())
    }

    #[test]
    fn the_scheme_decides_which_variable_counts() {
        let environment = ProxyEnvironment {
            https: Some("http://secure:1".into()),
            http: Some("plain:2".into()),
            all: Some("socks5://rest:3".into()),
            no: None,
        };
        assert_eq!(chosen("https://a.example", &environment), Some("secure:1".into()));
        assert_eq!(chosen("http://a.example", &environment), Some("plain:2".into()));
        let environment = ProxyEnvironment { https: None, ..environment };
        assert_eq!(chosen("https://a.example", &environment), Some("rest:3".into()));
    }

    #[test]
    fn no_proxy_matches_hosts_suffixes_addresses_networks_and_ports() {
        let excluded = |list: &str, target: &str| is_excluded(list, &Url::parse(target).unwrap());
        for (list, target) in [
            ("*", "https://a.example"),
            ("a.example", "https://a.example"),
            ("example", "https://a.example"),
            (".example", "https://a.example"),
            ("*.example", "https://a.example"),
            ("x, A.EXAMPLE", "https://a.example"),
            ("a.example:443", "https://a.example"),
            ("127.0.0.1", "http://127.0.0.1:8"),
            ("10.0.0.0/8", "http://10.2.3.4"),
            ("::1", "http://[::1]:8"),
            ("fd00::/8", "http://[fd12::1]"),
        ] {
            assert!(excluded(list, target), "{list} {target}");
        }
        for (list, target) in [
            ("b.example", "https://ab.example"),
            ("ample", "https://a.example"),
            ("a.example:80", "https://a.example"),
            ("10.0.0.0/8", "http://11.2.3.4"),
            ("", "https://a.example"),
            (".", "https://a.example"),
        ] {
            assert!(!excluded(list, target), "{list} {target}");
        }
    }

    #[test]
    fn a_display_never_shows_the_password() {
        let proxy = parse("http://user:secret@gate:3128").unwrap();
        assert_eq!(proxy.to_string(), "gate:3128");
        assert_eq!(format!("{proxy:?}"), "Proxy(gate:3128)");
    }
}
