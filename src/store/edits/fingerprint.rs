//! Whether a profile still has the credential that was refused.
//!
//! Invariant: a fingerprint is 32 bits of a hash: enough to tell credentials apart, too little to find one.

use std::hash::Hasher;

use fnv::FnvHasher;

use crate::profiles::credential::{REFERENCE_FIELDS, SECRET_FIELDS};
use crate::store::document::object_text::ObjectText;

/// Of a profile's entry; the same in every process and version. `None` if it holds neither a secret nor a reference.
#[must_use]
pub(crate) fn fingerprint(profile: &str) -> Option<String> {
    let object = ObjectText::parse(profile).ok()?;
    let mut hasher = FnvHasher::default();
    let mut is_empty = true;
    for field in SECRET_FIELDS.into_iter().chain(REFERENCE_FIELDS) {
        let value = object.get(field).and_then(|text| serde_json::from_str(text).ok());
        let value: serde_json::Value = value.unwrap_or_default();
        is_empty &= value.is_null();
        // By value: another host may write the same with other blanks and escapes.
        hasher.write(value.to_string().as_bytes());
        hasher.write_u8(0);
    }
    let hash = hasher.finish();
    (!is_empty).then(|| format!("{:08x}", (hash ^ (hash >> 32)) as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_secret_or_reference_is_another_credential() {
        let of = |fields: &str| fingerprint(&format!(r#"{{"type":"oauth",{fields}}}"#)).unwrap();
        let old = of(r#""access":"a","refresh":"b","email":"x""#);
        assert_eq!(old, of(r#""refresh": "\u0062", "access": "a""#));
        assert_ne!(old, of(r#""access":"a","refresh":"c""#));
        assert_ne!(old, of(r#""access":"b","refresh":"a""#));
        assert_ne!(of(r#""keyRef":{"id":"a"}"#), of(r#""keyRef":{"id":"b"}"#));
        assert_eq!(old.len(), 8);
    }

    #[test]
    fn a_profile_without_any_has_no_fingerprint() {
        assert_eq!(fingerprint(r#"{"type":"oauth","email":"x"}"#), None);
    }
}
