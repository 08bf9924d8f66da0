//! Where the text comes from: a file, or standard input.
//!
//! Invariant: never more than [`MOST`] bytes, and never a silent wait for input from a terminal.

use std::io::{ErrorKind, IsTerminal, Read};
use std::time::Duration;

use crate::background;
use crate::error::Error;

/// No provider's answer is longer; what follows would add nothing.
pub(crate) const MOST: u64 = 1024 * 1024;
/// The pause before the next read where standard input was set to non-blocking by another program.
const NOT_YET: Duration = Duration::from_millis(10);

/// The text, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Intake {
    Text {
        text: String,
        is_cut: bool,
    },
    /// Standard input is a terminal, so no input comes by itself.
    Terminal,
    Unreadable {
        /// The system's word for it.
        why: String,
    },
}

/// Reads the file; without one, or if it is `-`, standard input.
pub(crate) async fn read(file: Option<&str>) -> Result<Intake, Error> {
    let file = file.filter(|name| *name != "-").map(str::to_owned);
    let work = move || match file {
        Some(name) => std::fs::File::open(name).and_then(|file| bounded(file, MOST)),
        None if std::io::stdin().is_terminal() => Ok(Intake::Terminal),
        None => bounded(std::io::stdin().lock(), MOST),
    };
    let read = background::run("classify", work).await?;
    Ok(read.unwrap_or_else(|error| Intake::Unreadable { why: error.kind().to_string() }))
}

fn bounded(source: impl Read, most: u64) -> std::io::Result<Intake> {
    let mut bytes = Vec::new();
    let mut source = source.take(most + 1);
    loop {
        match source.read_to_end(&mut bytes) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::sleep(NOT_YET),
            Err(error) => return Err(error),
            Ok(_) => break,
        }
    }
    let is_cut = bytes.len() as u64 > most;
    bytes.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok(Intake::Text { text: decoded(&bytes), is_cut })
}

/// As text. `>` of Windows PowerShell writes UTF-16.
fn decoded(bytes: &[u8]) -> String {
    match bytes {
        [0xff, 0xfe, rest @ ..] => {
            let units: Vec<u16> =
                rest.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str, is_cut: bool) -> Intake {
        Intake::Text { text: text.to_owned(), is_cut }
    }

    #[test]
    fn no_more_than_the_limit_is_read() {
        assert_eq!(bounded(&b"12345"[..], 5).unwrap(), text("12345", false));
        assert_eq!(bounded(&b"123456"[..], 5).unwrap(), text("12345", true));
        assert_eq!(bounded(std::io::repeat(b'x'), 3).unwrap(), text("xxx", true));
    }

    #[test]
    fn a_source_that_has_nothing_yet_is_asked_again() {
        struct Slow(u8);
        impl Read for Slow {
            fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
                self.0 += 1;
                match self.0 {
                    1 | 3 => Err(ErrorKind::WouldBlock.into()),
                    2 | 4 => {
                        into[0] = b'a';
                        Ok(1)
                    }
                    _ => Ok(0),
                }
            }
        }
        assert_eq!(bounded(Slow(0), 9).unwrap(), text("aa", false));
    }

    #[test]
    fn what_powershell_writes_is_read() {
        assert_eq!(decoded(b"\xff\xfe{\0}\0"), "{}");
        assert_eq!(decoded("ä".as_bytes()), "ä");
    }
}
