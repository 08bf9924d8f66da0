//! Where the key of a new account comes from.

use std::io::{IsTerminal, Read};

use crate::cli::text::line::shown;

/// Longer than any key, and than any JSON file that is one.
const MOST: u64 = 64 * 1024;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// Typed, and not shown.
    Prompt,
    Stdin,
    /// The store names the variable.
    Variable(String),
}

/// What is stored.
pub(crate) enum Key {
    Secret(String),
    Variable(String),
}

impl KeySource {
    /// Waits for a person, or for whoever writes to standard input.
    pub(crate) fn read(self) -> Result<Key, String> {
        match self {
            Self::Variable(name) => variable(name),
            Self::Stdin => {
                let mut text = String::new();
                let read = std::io::stdin().lock().take(MOST).read_to_string(&mut text);
                read.map_err(|_| "standard input cannot be read as text".to_owned())?;
                secret(&text)
            }
            Self::Prompt if !std::io::stdin().is_terminal() => {
                Err("say where the key comes from: --key-stdin or --key-env NAME".to_owned())
            }
            Self::Prompt => {
                let typed = rpassword::prompt_password("Key (it is not shown): ");
                secret(
                    &typed.map_err(|_| "the key could not be read from the terminal".to_owned())?,
                )
            }
        }
    }
}

fn variable(name: String) -> Result<Key, String> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if !name.bytes().all(is_name) {
        return Err("--key-env is the name of an environment variable, not a key".to_owned());
    }
    Ok(Key::Variable(name))
}

fn secret(text: &str) -> Result<Key, String> {
    let key = text.trim();
    match () {
        () if key.is_empty() => Err("there is no key".to_owned()),
        () if key.contains(char::is_whitespace) => {
            Err("a key has no blanks inside; give one key at a time".to_owned())
        }
        () => Ok(Key::Secret(key.to_owned())),
    }
}

/// A variable that is not set here is a hint, no error: the program that asks may have it.
#[must_use]
pub(crate) fn hint(name: &str) -> Option<String> {
    let is_set = std::env::var(name).is_ok_and(|value| !value.trim().is_empty());
    (!is_set).then(|| format!("{} is not set here; it must be where the key is used", shown(name)))
}

/// The provider whose key a variable holds, by its name: `OPENAI_API_KEY`, `OPENAI_API_KEY_2`.
#[must_use]
pub(crate) fn provider_of(name: &str) -> Option<String> {
    let plain = name.trim_end_matches(|char: char| char.is_ascii_digit()).trim_end_matches('_');
    let endings = ["_API_KEY", "_API_TOKEN", "_ACCESS_TOKEN", "_KEY", "_TOKEN"];
    let provider = endings.into_iter().find_map(|ending| plain.strip_suffix(ending))?;
    let provider = provider.to_ascii_lowercase().replace('_', "-");
    match provider.as_str() {
        "" => None,
        "gemini" | "google-generative-ai" => Some("google".to_owned()),
        _ => Some(provider),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_s_name_says_whose_key_it_holds() {
        for (name, provider) in [
            ("OPENAI_API_KEY", "openai"),
            ("OPENAI_API_KEY_2", "openai"),
            ("GEMINI_API_KEY", "google"),
            ("AZURE_OPENAI_API_KEY", "azure-openai"),
            ("HF_TOKEN", "hf"),
        ] {
            assert_eq!(provider_of(name).as_deref(), Some(provider), "{name}");
        }
        assert_eq!(provider_of("API_KEY"), Some("api".to_owned()));
        assert_eq!(provider_of("WORK"), None);
    }

    #[test]
    fn a_key_in_the_place_of_a_name_is_refused_and_not_repeated() {
        let Err(error) = variable("sk-secret".into()) else { panic!("it is taken") };
        assert!(!error.contains("secret"));
    }

    #[test]
    fn one_key_at_a_time() {
        assert!(matches!(secret(" k \n"), Ok(Key::Secret(key)) if key == "k"));
        assert!(secret(" \n").is_err() && secret("a\nb").is_err());
    }
}
