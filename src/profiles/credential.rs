//! Whether a profile's credential can be used at all, from the few fields that tell.

use super::order::Kind;
use crate::time::WallMs;

/// The fields that hold secrets.
pub(crate) const SECRET_FIELDS: [&str; 4] = ["key", "token", "access", "refresh"];

/// The fields that name where a secret lies, in hosts from 2026.2.26 on. Who asks resolves them.
pub(crate) const REFERENCE_FIELDS: [&str; 3] = ["keyRef", "tokenRef", "oauthRef"];

/// What is read of a credential. Secrets themselves never come here, only whether they are there.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Credential {
    pub kind: Option<Kind>,
    pub provider: String,
    /// Which of [`SECRET_FIELDS`] hold more than blanks, and which of [`REFERENCE_FIELDS`] are there.
    pub filled: Vec<&'static str>,
    /// Wall-clock milliseconds.
    pub expires: Option<WallMs>,
}

/// Why a profile cannot be used, whatever the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unusable {
    UnknownType,
    NoSecret,
    Expired,
    /// An explicit order leaves the profile out.
    NotInOrder,
    /// Somebody wants it left alone.
    Paused,
}

impl Unusable {
    /// The public name.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::UnknownType => "unknown-type",
            Self::NoSecret => "no-credential",
            Self::Expired => "expired",
            Self::NotInOrder => "not-in-order",
            Self::Paused => "paused",
        }
    }
}

/// Which fields a credential has. `text` reads a string field, `is_object` tells an object.
#[must_use]
pub(crate) fn filled_fields(
    text: impl Fn(&str) -> Option<String>,
    is_object: impl Fn(&str) -> bool,
) -> Vec<&'static str> {
    let has_text = |field: &str| text(field).is_some_and(|text| !text.trim().is_empty());
    let secrets = SECRET_FIELDS.into_iter().filter(|field| has_text(field));
    let references =
        REFERENCE_FIELDS.into_iter().filter(|field| has_text(field) || is_object(field));
    secrets.chain(references).collect()
}

impl Credential {
    /// The type to order by, if the credential holds what its type needs. An `oauth` credential that has expired can
    /// be refreshed; a `token` cannot.
    pub(crate) fn usable(&self, now: WallMs) -> Result<Kind, Unusable> {
        let kind = self.kind.ok_or(Unusable::UnknownType)?;
        let needed: &[&str] = match kind {
            Kind::ApiKey => &["key", "keyRef"],
            Kind::Token => &["token", "tokenRef"],
            Kind::Oauth => &["access", "refresh", "oauthRef"],
        };
        let has_secret = needed.iter().any(|field| self.filled.contains(field));
        let expires = self.expires.filter(|at| at.is_possible());
        match (kind, has_secret, expires) {
            (_, false, _) => Err(Unusable::NoSecret),
            (Kind::Token, true, Some(at)) if now >= at => Err(Unusable::Expired),
            _ => Ok(kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_needs_its_own_secret() {
        let with =
            |kind| Credential { kind: Some(kind), filled: vec!["key"], ..Credential::default() };
        assert_eq!(with(Kind::ApiKey).usable(WallMs::new(0.0)), Ok(Kind::ApiKey));
        assert_eq!(with(Kind::Oauth).usable(WallMs::new(0.0)), Err(Unusable::NoSecret));
        assert_eq!(Credential::default().usable(WallMs::new(0.0)), Err(Unusable::UnknownType));
    }

    #[test]
    fn a_reference_is_as_good_as_the_secret_of_its_type() {
        let with = |kind, field| {
            Credential { kind: Some(kind), filled: vec![field], ..Credential::default() }
                .usable(WallMs::new(0.0))
                .is_ok()
        };
        assert!(with(Kind::ApiKey, "keyRef"));
        assert!(with(Kind::Token, "tokenRef"));
        assert!(with(Kind::Oauth, "oauthRef"));
        assert!(!with(Kind::Oauth, "keyRef"));
    }

    #[test]
    fn blank_texts_and_empty_references_are_none() {
        let text = |field: &str| match field {
            "key" | "tokenRef" => Some(" ".to_owned()),
            "access" | "keyRef" => Some("x".to_owned()),
            _ => None,
        };
        let found = filled_fields(text, |field| field == "oauthRef");
        assert_eq!(found, ["access", "keyRef", "oauthRef"]);
    }

    #[test]
    fn only_a_token_expires_for_good() {
        let token = Credential {
            kind: Some(Kind::Token),
            filled: vec!["token"],
            expires: Some(WallMs::new(5.0)),
            ..Credential::default()
        };
        assert_eq!(token.usable(WallMs::new(4.0)), Ok(Kind::Token));
        assert_eq!(token.usable(WallMs::new(5.0)), Err(Unusable::Expired));
        let oauth = Credential { kind: Some(Kind::Oauth), filled: vec!["refresh"], ..token };
        assert_eq!(oauth.usable(WallMs::new(9.0)), Ok(Kind::Oauth));
    }
}
