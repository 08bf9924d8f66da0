//! What the command line asks for.
//!
//! Invariant: an error names options, never their values or free arguments: one may be a pasted key.

use lexopt::prelude::{Long, Short, Value, ValueExt};

use crate::cli::accounts::account_options::AccountOptions;
use crate::cli::accounts::key::KeySource;
use crate::cli::case::Case;
use crate::cli::doctor::Wish;
use crate::cli::text::line::shown;
use crate::failure::redact::redact_to;
use crate::store::file::lock::LockForm;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Version,
    Status,
    Why { profile: String },
    Clear(Target),
    Pause { profile: String },
    Resume { profile: String },
    Watch,
    Doctor(Wish),
    Classify(Case),
    Init { variables: Vec<String> },
    Add { provider: String, id: Option<String>, key: KeySource },
    Remove { profile: String },
    Rename { profile: String, to: String },
    List,
}

impl Command {
    /// Makes a store, or changes who is in it.
    pub(crate) fn edits_accounts(&self) -> bool {
        matches!(
            self,
            Self::Init { .. } | Self::Add { .. } | Self::Remove { .. } | Self::Rename { .. }
        )
    }
}

/// Which profiles to clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    One(String),
    All,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arguments {
    pub command: Command,
    pub json: bool,
    pub agent_dir: Option<String>,
    pub provider: Option<String>,
    pub model: Option<String>,
    pub lock_form: LockForm,
}

/// What is wrong with the arguments.
pub(crate) type UsageError = String;

const COMMANDS: &str = "status, why, clear, pause, resume, watch, doctor, classify, init, add, remove, rename, \
                        list, demo";

/// Reads the arguments after the program's name.
pub(crate) fn parse(arguments: &[String]) -> Result<Arguments, UsageError> {
    let mut given = Given::default();
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next().map_err(usage_error)? {
        match argument {
            Short('h') | Long("help") => return Ok(bare(Command::Help)),
            Short('V') | Long("version") => return Ok(bare(Command::Version)),
            Long("json") => given.json = true,
            Long("all") => given.all = true,
            Long("fix") => given.wishes.push(Wish::Fix),
            Long("undo-fix") => given.wishes.push(Wish::Undo),
            Long("agent-dir") => given.agent_dir = Some(value(&mut parser)?),
            Long("provider") => given.provider = Some(value(&mut parser)?),
            Long("model") => given.model = Some(value(&mut parser)?),
            Long("status") => given.status = Some(http_status(&value(&mut parser)?)?),
            Long("rules") => given.rules = Some(rules_file(value(&mut parser)?)?),
            Long("id") => given.account.id = Some(value(&mut parser)?),
            Long("key-stdin") => given.account.key_stdin = true,
            Long("key-env") => given.account.key_env = Some(value(&mut parser)?),
            Long("from-env") => given.account.from_env = true,
            Long("lock-form") => given.lock_form = Some(lock_form(&value(&mut parser)?)?),
            Short(other) => return Err(format!("unknown option -{}", shown(&other.to_string()))),
            Long(other) => {
                return Err(format!("unknown option --{}", shown(&redact_to(other, 40))));
            }
            Value(word) => given.words.push(word.string().map_err(usage_error)?),
        }
    }
    given.command()
}

/// The options before it is known whether the command takes them.
#[derive(Debug, Default)]
struct Given {
    words: Vec<String>,
    json: bool,
    all: bool,
    wishes: Vec<Wish>,
    agent_dir: Option<String>,
    provider: Option<String>,
    model: Option<String>,
    lock_form: Option<LockForm>,
    status: Option<u16>,
    rules: Option<String>,
    account: AccountOptions,
}

impl Given {
    fn command(mut self) -> Result<Arguments, UsageError> {
        if self.words.is_empty() {
            return Err(format!("no command; there are {COMMANDS}"));
        }
        let name = self.words.remove(0);
        let command = match name.as_str() {
            "help" => return Ok(bare(Command::Help)),
            "status" => Command::Status,
            "watch" => Command::Watch,
            "doctor" => Command::Doctor(self.wish()?),
            "classify" => Command::Classify(Case {
                file: self.words.pop(),
                status: self.status,
                rules: self.rules.take(),
            }),
            "why" => Command::Why { profile: self.word("why needs a profile id")? },
            "pause" => Command::Pause { profile: self.word("pause needs a profile id")? },
            "resume" => Command::Resume { profile: self.word("resume needs a profile id")? },
            "clear" if self.all => Command::Clear(Target::All),
            "clear" => Command::Clear(Target::One(self.word("clear needs a profile id or --all")?)),
            "init" => Command::Init { variables: self.account.variables(&mut self.words)? },
            "add" => Command::Add {
                provider: self.word("add needs a provider, for example openai")?,
                id: self.account.id.take(),
                key: self.account.key_source(&self.words)?,
            },
            "remove" => Command::Remove { profile: self.word("remove needs a profile id")? },
            "rename" => Command::Rename {
                profile: self.word("rename needs a profile id and a new one")?,
                to: self.word("rename needs a new id")?,
            },
            "list" => Command::List,
            _ => return Err(format!("unknown command; there are {COMMANDS}")),
        };
        if !self.words.is_empty() {
            return Err(format!("too many arguments for {name}"));
        }
        self.check(&name, &command)?;
        Ok(Arguments {
            command,
            json: self.json,
            agent_dir: self.agent_dir,
            provider: self.provider,
            model: self.model,
            lock_form: self.lock_form.unwrap_or_default(),
        })
    }

    fn word(&mut self, missing: &str) -> Result<String, UsageError> {
        if self.words.is_empty() { Err(missing.to_owned()) } else { Ok(self.words.remove(0)) }
    }

    fn wish(&self) -> Result<Wish, UsageError> {
        match *self.wishes {
            [] => Ok(Wish::Look),
            [wish] => Ok(wish),
            _ => Err("doctor takes --fix or --undo-fix, once".to_owned()),
        }
    }

    /// An option that a command does not know is an error: ignored, it would mislead its user.
    fn check(&self, name: &str, command: &Command) -> Result<(), UsageError> {
        use Command::{
            Add, Classify, Clear, Doctor, Init, List, Pause, Remove, Rename, Resume, Status, Watch,
            Why,
        };
        let many = matches!(command, Status | Watch | List | Clear(Target::All));
        let edits = matches!(command, Init { .. } | Add { .. } | Remove { .. } | Rename { .. });
        let refuse = |given: bool, option: &str| {
            if given { Err(format!("{name} takes no {option}")) } else { Ok(()) }
        };
        refuse(self.all && !matches!(command, Clear(_)), "--all")?;
        let writes = matches!(command, Clear(_) | Pause { .. } | Resume { .. });
        refuse(self.lock_form.is_some() && !writes && !edits, "--lock-form")?;
        let is_doctor = matches!(command, Doctor(_));
        refuse(!self.wishes.is_empty() && !is_doctor, "--fix or --undo-fix")?;
        if let Some(option) = self.account.unused() {
            refuse(true, option)?;
        }
        let judges = matches!(command, Status | Watch | Why { .. } | Classify(_));
        refuse(self.model.is_some() && !judges, "--model")?;
        let is_case = matches!(command, Classify(_));
        refuse(self.status.is_some() && !is_case, "--status")?;
        refuse(self.rules.is_some() && !is_case, "--rules")?;
        refuse(self.agent_dir.is_some() && is_case, "--agent-dir")?;
        // Only rules of one's own ask who was asked.
        if self.provider.is_some() && matches!(command, Classify(Case { rules: None, .. })) {
            return Err("classify takes --provider only with --rules".to_owned());
        }
        refuse(self.provider.is_some() && !many && !is_case, "--provider")
    }
}

fn bare(command: Command) -> Arguments {
    let lock_form = LockForm::default();
    Arguments { command, json: false, agent_dir: None, provider: None, model: None, lock_form }
}

fn value(parser: &mut lexopt::Parser) -> Result<String, UsageError> {
    let text = parser.value().and_then(ValueExt::string).map_err(usage_error)?;
    if text.trim().is_empty() { Err("an option has an empty value".to_owned()) } else { Ok(text) }
}

fn http_status(text: &str) -> Result<u16, UsageError> {
    let status = text.parse().ok().filter(|status| (100..600).contains(status));
    status.ok_or_else(|| "--status is an HTTP status, a number from 100 to 599".to_owned())
}

fn rules_file(name: String) -> Result<String, UsageError> {
    // Standard input has the answer.
    if name == "-" { Err("--rules is the name of a file".to_owned()) } else { Ok(name) }
}

fn lock_form(name: &str) -> Result<LockForm, UsageError> {
    match name {
        "directory" => Ok(LockForm::Directory),
        "pid-file" => Ok(LockForm::PidFile),
        _ => Err("--lock-form is directory or pid-file".to_owned()),
    }
}

fn usage_error(error: lexopt::Error) -> UsageError {
    match error {
        lexopt::Error::MissingValue { option: Some(option) } => format!("{option} needs a value"),
        lexopt::Error::UnexpectedValue { option, .. } => {
            format!("{} takes no value", shown(&redact_to(&option, 40)))
        }
        _ => "an argument cannot be read".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, UsageError> {
        super::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_stand_before_or_after_the_command() {
        let read = parse("--json status --provider zai --agent-dir=/x --model m").unwrap();
        assert_eq!(read.command, Command::Status);
        assert!(read.json);
        assert_eq!(read.provider.as_deref(), Some("zai"));
        assert_eq!(read.agent_dir.as_deref(), Some("/x"));
        assert_eq!(read.model.as_deref(), Some("m"));
    }

    #[test]
    fn help_and_version_win_over_what_follows() {
        assert_eq!(parse("status --help --nonsense").unwrap().command, Command::Help);
        assert_eq!(parse("help").unwrap().command, Command::Help);
        assert_eq!(parse("-V").unwrap().command, Command::Version);
    }

    #[test]
    fn a_profile_may_begin_with_a_dash() {
        let read = parse("clear -- -x").unwrap();
        assert_eq!(read.command, Command::Clear(Target::One("-x".into())));
        assert_eq!(parse("clear --all").unwrap().command, Command::Clear(Target::All));
    }

    #[test]
    fn a_case_is_a_file_or_standard_input_and_a_status() {
        let file = Some("a.txt".to_owned());
        let case = |file, status| Ok(Command::Classify(Case { file, status, rules: None }));
        let command = |line: &str| parse(line).map(|read| read.command);
        assert_eq!(command("classify"), case(None, None));
        assert_eq!(command("classify -"), case(Some("-".to_owned()), None));
        assert_eq!(command("classify --status 429 a.txt"), case(file, Some(429)));
        for odd in ["0", "99", "600", "-1", "4xx", "429.5"] {
            let usage_error = command(&format!("classify --status={odd}")).unwrap_err();
            assert!(usage_error.contains("from 100 to 599"), "{odd}: {usage_error}");
        }
    }

    #[test]
    fn an_option_that_would_do_nothing_is_refused() {
        for line in [
            "doctor --provider p",
            "why a --provider p",
            "clear a --provider p",
            "clear --all --model m",
            "status --all",
            "status --lock-form directory",
            "status --fix",
            "pause a --undo-fix",
            "resume a --model m",
            "status --status 429",
            "classify --agent-dir /x",
            "why a --rules r.json",
            "status --id x",
            "list --key-stdin",
            "remove a --key-env X",
            "add openai --provider p",
            "status --from-env",
        ] {
            assert!(parse(line).unwrap_err().contains(" takes no --"), "{line}");
        }
        assert!(parse("classify --provider p").unwrap_err().contains("only with --rules"));
        let read = parse("classify --provider p --rules r.json a.txt").unwrap();
        let rules = Some("r.json".to_owned());
        let case = Case { file: Some("a.txt".to_owned()), status: None, rules };
        assert_eq!((read.command, read.provider.as_deref()), (Command::Classify(case), Some("p")));
        assert!(parse("classify --rules -").unwrap_err().contains("name of a file"));
    }

    #[test]
    fn a_key_comes_from_anywhere_but_the_arguments() {
        let key = |line: &str| match parse(line).map(|read| read.command) {
            Ok(Command::Add { key, .. }) => Ok(key),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error),
        };
        assert_eq!(key("add openai"), Ok(KeySource::Prompt));
        assert_eq!(key("add openai --key-stdin"), Ok(KeySource::Stdin));
        let variable = KeySource::Variable("OPENAI_API_KEY".to_owned());
        assert_eq!(key("add openai --key-env OPENAI_API_KEY --id a"), Ok(variable));
        assert!(key("add openai sk-secret").unwrap_err().contains("never an argument"));
        assert!(key("add openai --key-stdin --key-env X").unwrap_err().contains("one of"));
    }

    #[test]
    fn init_takes_names_of_variables() {
        let init = |line: &str| parse(line).map(|read| read.command);
        let variables = vec!["A_API_KEY".to_owned(), "B_API_KEY".to_owned()];
        assert_eq!(init("init --from-env A_API_KEY B_API_KEY"), Ok(Command::Init { variables }));
        assert_eq!(init("init"), Ok(Command::Init { variables: Vec::new() }));
        assert!(init("init --from-env").is_err() && init("init A_API_KEY").is_err());
    }

    #[test]
    fn errors_never_repeat_a_value() {
        let secret = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789";
        for line in [
            "",
            "@",
            "why",
            "clear",
            "pause a @",
            "doctor --fix=@",
            "why a @",
            "clear --all @",
            "status @",
            "--@",
            "status --json=@",
            "clear a --lock-form @",
            "status --provider",
            "classify a @",
            "classify --status @",
            "-@",
            "add openai @",
            "add openai --key-stdin @",
            "init @",
            "rename @",
        ] {
            let usage_error = parse(&line.replace('@', secret)).unwrap_err();
            assert!(!usage_error.contains("abcdefghij"), "{line}: {usage_error}");
        }
    }
}
