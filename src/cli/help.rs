//! `--help`, and what to say to arguments that cannot be understood.

pub(crate) const HELP: &str = "\
Usage: auth-failover <command> [options]

  status           a table of all profiles: who can be asked, who rests, until when and why
  why <profile>    everything about why one profile is used or not, and what to do
  clear <profile>  forget a profile's errors and waits, so that it is asked again at once
  clear --all      the same for every profile
  pause <profile>  leave a profile alone, whatever its waits say, until resume <profile>
  watch            the table, kept current; where output is no terminal, or with --json, a line
                   for each profile and then one for each change
  doctor           look for what is wrong with the store: permissions, locks, clock, credentials;
                   with openclaw: its databases, the plugin, how often a limited account is asked
  doctor --fix     have openclaw ask each account once before the next, without the plugin: writes
                   retry.provider.maxRetries 0 into the agent's settings.json; --undo-fix takes it
                   back
  classify [FILE]  what an answer of a provider means, and which part of it decided: a body, an
                   error's text or all that curl -i shows, from a file or standard input
  openclaw         puts the plugin into a current gateway (openclaw 2026.7.1 on), and takes it out
                   again: openclaw --help

Accounts in a store of your own, without a gateway
  init             make the store, in AUTH_FAILOVER_DIR or your state directory; with
                   --from-env NAME..., an account for each of these variables
  add <provider>   add an account; its key is typed (and not shown), or see --key-stdin, --key-env
  remove <profile>, rename <profile> <new id>
  list             who there is, and where each one's secret lies
  demo             six accounts, five of them at their limits, on this machine only

A profile is named by its id, or without its provider where that is clear: anna for google:anna.

Options
  --agent-dir <dir>   the agent's directory (default: as the host finds it)
  --provider <name>   only this provider's profiles (status, watch, clear --all);
                      classify: the provider that was asked, for rules that name one
  --model <name>      judge by this model: waits of other models do not count (status, why, watch);
                      classify: the model that was asked for
  --status <n>        the answer's HTTP status, where the input names none (classify)
  --rules <file>      rules of your own, as JSON: an array as classifyFailure takes it (classify)
  --id <id>           what the account is called (add; default: the variable's name or a short hash)
  --key-stdin         read the key from standard input (add)
  --key-env <name>    store the name of the variable that has the key, and not the key (add)
  --json              for programs; times are milliseconds since 1970
  --lock-form <form>  the host's lock for what writes: directory (default), or pid-file (openclaw 2026.2.14 on)
  -h, --help          this text
  -V, --version       the version

Exit codes
  0  done; doctor: nothing needs attention
  1  doctor: something needs attention
  2  the arguments make no sense; classify: there is no input, or a rule that cannot be read
  3  the store, the profile or the input is missing, cannot be read, or cannot be written

Environment
  OPENCLAW_AGENT_DIR, CLAWDBOT_AGENT_DIR, PI_CODING_AGENT_DIR, OPENCLAW_STATE_DIR, CLAWDBOT_STATE_DIR
                      where the store is, as for the host
  OPENCLAW_CONFIG_PATH
                      the configuration of openclaw, if it is elsewhere
  AUTH_FAILOVER_DIR   where it is if there is no host (default: auth-failover in your state directory)
  NO_COLOR, FORCE_COLOR
                      colours never, colours always; otherwise only on a terminal
  LC_ALL, LC_CTYPE, LANG
                      characters beyond ASCII only where they name UTF-8

Accounts of openclaw from 2026.6.5 on are read from its databases, with Node 22.13 or newer.
Tokens and keys are never shown and never arguments. Only clear, pause, resume, init, add, remove and
rename write, under the host's lock, and doctor --fix and --undo-fix; no database is ever written.
";

/// The version as package.json has it.
pub(crate) const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\n");
