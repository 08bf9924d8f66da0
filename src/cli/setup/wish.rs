//! What the arguments after `openclaw` ask for.
//!
//! Invariant: an error names options, never their values.

use lexopt::prelude::{Long, Short, Value, ValueExt};

use crate::cli::text::line::shown;
use crate::failure::redact::redact_to;

pub(crate) const HELP: &str = "\
Usage: auth-failover openclaw <command> [options]

  setup --providers <a,b>   installs the plugin into a current gateway (openclaw 2026.7.1 on) and enables it there:
                            accounts of these providers take turns
  undo                      takes it out again
  plugin --providers <a,b> --out <dir>
                            only writes the plugin's folder, for gateways that keep their plugins elsewhere

The gateway's own commands do it (openclaw plugins install, enable, uninstall), and ask what they ask.

Options
  --state-dir <dir>      the gateway's state directory (default: as the gateway finds it)
  --openclaw <path>      the gateway's command (default: openclaw on the PATH)
  --accept-capabilities  answers the gateway's question about the plugin's capabilities with yes, as its own option does
                         (gateways before 2026.8.1 do not ask)
  --dry-run              only tells what would be done
  -h, --help             this text

Exit codes
  0  done
  2  the arguments make no sense
  3  a command of the gateway failed, or a file could not be written
";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    Help,
    Setup { providers: Vec<String> },
    Undo,
    Plugin { providers: Vec<String>, out: String },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wish {
    pub action: Action,
    pub state_dir: Option<String>,
    pub openclaw: Option<String>,
    pub accepts_capabilities: bool,
    pub is_dry: bool,
}

#[derive(Debug, Default)]
struct Given {
    words: Vec<String>,
    providers: Option<Vec<String>>,
    out: Option<String>,
    state_dir: Option<String>,
    openclaw: Option<String>,
    accepts_capabilities: bool,
    is_dry: bool,
    wants_help: bool,
}

pub(crate) fn parse(arguments: &[String]) -> Result<Wish, String> {
    let mut given = Given::default();
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next().map_err(unreadable)? {
        match argument {
            Short('h') | Long("help") => given.wants_help = true,
            Long("providers") => given.providers = Some(providers(&value(&mut parser)?)?),
            Long("out") => given.out = Some(value(&mut parser)?),
            Long("state-dir") => given.state_dir = Some(value(&mut parser)?),
            Long("openclaw") => given.openclaw = Some(value(&mut parser)?),
            Long("accept-capabilities") => given.accepts_capabilities = true,
            Long("dry-run") => given.is_dry = true,
            Short(other) => return Err(format!("unknown option -{}", shown(&other.to_string()))),
            Long(other) => {
                return Err(format!("unknown option --{}", shown(&redact_to(other, 40))));
            }
            Value(word) => given.words.push(word.string().map_err(unreadable)?),
        }
    }
    given.wish()
}

impl Given {
    fn wish(self) -> Result<Wish, String> {
        let action = if self.wants_help { Action::Help } else { self.action()? };
        Ok(Wish {
            action,
            state_dir: self.state_dir,
            openclaw: self.openclaw,
            accepts_capabilities: self.accepts_capabilities,
            is_dry: self.is_dry,
        })
    }

    fn action(&self) -> Result<Action, String> {
        let [name] = self.words.as_slice() else {
            return Err("openclaw takes one command: setup, undo or plugin".to_owned());
        };
        let providers = || {
            let missing = || format!("{name} needs --providers, for example --providers anthropic");
            self.providers.clone().ok_or_else(missing)
        };
        let refuse = |is_given: bool, option: &str| {
            if is_given { Err(format!("{name} takes no {option}")) } else { Ok(()) }
        };
        match name.as_str() {
            "setup" => {
                refuse(self.out.is_some(), "--out")?;
                Ok(Action::Setup { providers: providers()? })
            }
            "undo" => {
                refuse(self.out.is_some(), "--out")?;
                refuse(self.providers.is_some(), "--providers")?;
                refuse(self.accepts_capabilities, "--accept-capabilities")?;
                Ok(Action::Undo)
            }
            "plugin" => {
                refuse(self.state_dir.is_some(), "--state-dir")?;
                refuse(self.openclaw.is_some(), "--openclaw")?;
                refuse(self.accepts_capabilities, "--accept-capabilities")?;
                let out = self.out.clone();
                let out = out.ok_or_else(|| "plugin needs --out, a folder".to_owned())?;
                Ok(Action::Plugin { providers: providers()?, out })
            }
            "help" => Ok(Action::Help),
            _ => Err("unknown command; there are setup, undo, plugin".to_owned()),
        }
    }
}

/// Ids as the gateway writes them: `a,b`.
fn providers(list: &str) -> Result<Vec<String>, String> {
    let mut ids: Vec<String> = Vec::new();
    for id in list.split(',').map(str::trim).filter(|id| !id.is_empty()) {
        let is_id = |it: char| it.is_ascii_alphanumeric() || "-_.".contains(it);
        if !id.chars().all(is_id) || id.len() > 64 {
            return Err(
                "--providers is a list of provider ids, for example anthropic,openai".into()
            );
        }
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    if ids.is_empty() { Err("--providers names nobody".to_owned()) } else { Ok(ids) }
}

fn value(parser: &mut lexopt::Parser) -> Result<String, String> {
    let text = parser.value().and_then(ValueExt::string).map_err(unreadable)?;
    if text.trim().is_empty() { Err("an option has an empty value".to_owned()) } else { Ok(text) }
}

fn unreadable(error: lexopt::Error) -> String {
    match error {
        lexopt::Error::MissingValue { option: Some(option) } => format!("{option} needs a value"),
        _ => "an argument cannot be read".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Wish, String> {
        super::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn providers_are_a_list_without_repeats() {
        let wish = parse("setup --providers mock,anthropic,mock --dry-run").unwrap();
        let providers = vec!["mock".to_owned(), "anthropic".to_owned()];
        assert_eq!(wish.action, Action::Setup { providers });
        assert!(wish.is_dry);
    }

    #[test]
    fn what_is_missing_or_does_nothing_is_said() {
        for (line, word) in [
            ("", "one command"),
            ("setup undo", "one command"),
            ("setup", "--providers"),
            ("setup --providers ,", "nobody"),
            ("setup --providers a/b", "provider ids"),
            ("setup --providers a --out d", "takes no --out"),
            ("undo --providers a", "takes no --providers"),
            ("plugin --providers a", "--out"),
            ("plugin --providers a --out d --state-dir x", "takes no --state-dir"),
            ("remove", "unknown command"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(word), "{line}: {error}");
        }
    }

    #[test]
    fn errors_never_repeat_a_value() {
        let secret = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789";
        for line in ["@", "setup @", "setup --providers @!", "--@", "setup --@=1"] {
            let error = parse(&line.replace('@', secret)).unwrap_err();
            assert!(!error.contains("abcdefghij"), "{line}: {error}");
        }
    }
}
