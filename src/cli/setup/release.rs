//! Which gateway it is, by what its `--version` says: its commands differ.

/// Year, month and patch, as the gateway counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Release(u16, u16, u16);

/// The first one that lets a plugin wrap requests.
pub(crate) const OLDEST: Release = Release(2026, 7, 1);
/// From here on plugins are granted capabilities, and `--force` with `--link` vouches for the source. Older ones refuse
/// both options. Seen in the published 2026.7.35 and 2026.8.1.
const GRANTS: Release = Release(2026, 8, 1);

impl Release {
    /// From a text such as `OpenClaw 2026.9.6 (eb377ac)`. `None` if there is no such number in it.
    #[must_use]
    pub(crate) fn read(text: &str) -> Option<Self> {
        text.split(|it: char| !it.is_ascii_digit() && it != '.').find_map(|word| {
            let numbers: Option<Vec<u16>> =
                word.trim_matches('.').split('.').map(|part| part.parse().ok()).collect();
            let [year, month, patch] = numbers?[..] else { return None };
            (year >= 2020).then_some(Self(year, month, patch))
        })
    }

    /// Whether it asks what a plugin may do. One of which nothing is known is taken for a current one.
    #[must_use]
    pub(crate) fn grants_capabilities(release: Option<Self>) -> bool {
        release.is_none_or(|release| release >= GRANTS)
    }
}

impl std::fmt::Display for Release {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}.{}.{}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_read_from_what_the_gateway_says_of_itself() {
        let read = |text: &str| Release::read(text).map(|release| release.to_string());
        assert_eq!(read("OpenClaw 2026.9.6 (eb377ac)\n").as_deref(), Some("2026.9.6"));
        // What its installer may say before.
        let chatty = "[postinstall] node 24.21.0: retry.\nOpenClaw 2026.7.1-beta.2 (2d2ddc4)";
        assert_eq!(read(chatty).as_deref(), Some("2026.7.1"));
        assert_eq!(read("OpenClaw dev"), None);
        assert_eq!(read("2026.9"), None);
    }

    #[test]
    fn capabilities_are_granted_from_august_2026_on() {
        for (text, grants) in
            [("2026.7.1", false), ("2026.7.35", false), ("2026.8.1", true), ("2026.10.1", true)]
        {
            assert_eq!(Release::grants_capabilities(Release::read(text)), grants, "{text}");
        }
        assert!(Release::grants_capabilities(None));
    }
}
