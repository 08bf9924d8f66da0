//! The options of `init` and `add`, before it is known whether the command takes them.

use super::key::KeySource;

type UsageError = String;

#[derive(Debug, Default)]
pub(crate) struct AccountOptions {
    pub id: Option<String>,
    pub key_stdin: bool,
    pub key_env: Option<String>,
    pub from_env: bool,
}

impl AccountOptions {
    /// The names after `--from-env`.
    pub(crate) fn variables(&mut self, words: &mut Vec<String>) -> Result<Vec<String>, UsageError> {
        match (std::mem::take(&mut self.from_env), words.is_empty()) {
            (true, true) => Err("--from-env needs the names of variables".to_owned()),
            (true, false) => Ok(std::mem::take(words)),
            (false, _) => Ok(Vec::new()),
        }
    }

    /// Where the key comes from; `words` is what was given besides the provider.
    pub(crate) fn key_source(&mut self, words: &[String]) -> Result<KeySource, UsageError> {
        // A key that was given as an argument: what is said of it is how else to give it.
        if !words.is_empty() {
            return Err("a key is never an argument: use --key-stdin or --key-env NAME".to_owned());
        }
        match (std::mem::take(&mut self.key_stdin), self.key_env.take()) {
            (true, Some(_)) => Err("give one of --key-stdin and --key-env".to_owned()),
            (true, None) => Ok(KeySource::Stdin),
            (false, Some(name)) => Ok(KeySource::Variable(name)),
            (false, None) => Ok(KeySource::Prompt),
        }
    }

    /// An option that the command has not taken.
    #[must_use]
    pub(crate) fn unused(&self) -> Option<&'static str> {
        let given = [
            (self.id.is_some(), "--id"),
            (self.key_stdin, "--key-stdin"),
            (self.key_env.is_some(), "--key-env"),
            (self.from_env, "--from-env"),
        ];
        given.into_iter().find(|(is_given, _)| *is_given).map(|(_, option)| option)
    }
}
