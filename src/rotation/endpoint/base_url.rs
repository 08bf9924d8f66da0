//! The address that a run asks, as far as it tells one server from another.
//!
//! Invariant: what the pool keeps of it is a hash. Its user, password, query and fragment do not even enter that.

use std::hash::Hasher as _;

use fnv::FnvHasher;
use reqwest::Url;

/// The same in every process and version. `None`: it is no absolute address.
#[must_use]
pub(crate) fn hash(address: &str) -> Option<u64> {
    let url = Url::parse(address.trim()).ok()?;
    // What has a host is written in lower case and without its usual port by the parser.
    let host = url.host_str()?;
    let mut hasher = FnvHasher::default();
    let port = url.port_or_known_default().map(|port| port.to_string()).unwrap_or_default();
    for part in [url.scheme(), host, &port, url.path().trim_end_matches('/')] {
        hasher.write(part.as_bytes());
        hasher.write_u8(0);
    }
    Some(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn scheme_host_port_and_path_tell_servers_apart() {
        let all = [
            "https://api.acme.example/v1",
            "http://api.acme.example/v1",
            "https://eu.acme.example/v1",
            "https://api.acme.example:8443/v1",
            "https://api.acme.example/v2",
            "https://api.acme.example",
        ];
        let mut hashes: Vec<_> = all.iter().map(|address| hash(address).unwrap()).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), all.len());
    }

    #[test]
    fn a_password_a_query_and_the_way_it_is_written_do_not() {
        let plain = hash("https://api.acme.example/v1");
        for same in [
            "https://me:secret@api.acme.example/v1",
            "https://api.acme.example/v1?key=secret#top",
            "https://api.acme.example:443/v1/",
            " HTTPS://API.acme.example/v1 ",
        ] {
            assert_eq!(hash(same), plain, "{same}");
        }
    }

    #[test]
    fn what_names_no_server_is_none() {
        for odd in ["", "api.acme.example/v1", "/v1", "mailto:me@acme.example", "https://"] {
            assert_eq!(hash(odd), None, "{odd}");
        }
    }
}
