//! What a key is called that has no name: an id that stays with it wherever it stands in a list, on every machine.
//!
//! Invariant: no key can be read back. The hash is slow, differs between providers and is cut to 40 bits, so that not even
//! a guess of a weak key can be confirmed.

use std::num::NonZeroU32;

use ring::pbkdf2;

/// About a millisecond a key, once a process.
const ROUNDS: NonZeroU32 = NonZeroU32::new(2_000).expect("it is not zero");
const BYTES: usize = 5;
/// Without letters and digits that look alike.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Eight letters and digits. `provider` is normalized.
#[must_use]
pub(crate) fn key_id(provider: &str, key: &str) -> String {
    let salt = format!("auth-failover profile id 1 {provider}");
    let mut hash = [0; BYTES];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, salt.as_bytes(), key.as_bytes(), &mut hash);
    let bits = hash.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    (0..BYTES * 8 / 5)
        .map(|place| char::from(LETTERS[(bits >> (place * 5)) as usize & 31]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_same_in_every_version() {
        // Windows in files are found by it.
        assert_eq!(key_id("openai", "sk-test-1"), key_id("openai", "sk-test-1"));
        assert_eq!(key_id("openai", "sk-test-1").len(), 8);
    }

    #[test]
    fn another_key_or_provider_has_another_one() {
        assert_ne!(key_id("openai", "sk-test-1"), key_id("openai", "sk-test-2"));
        assert_ne!(key_id("openai", "sk-test-1"), key_id("anthropic", "sk-test-1"));
    }
}
