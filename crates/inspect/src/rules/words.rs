//! What the words before a value say of it: an issuer's name, a word for credentials.

use std::ops::Range;

use super::literals::{Literal, Literals};
use crate::ascii::{before, byte, slice};

/// How far before a value its issuer's name may stand, in bytes.
pub(super) const REACH: usize = 64;

/// How much a word says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// An issuer's name, by its number.
    Issuer(usize),
    /// That a credential follows.
    Credential,
    /// That a credential follows, where an issuer's name stands with it.
    Perhaps,
}

/// A word in a text.
#[derive(Clone, Debug)]
pub(super) struct Mention {
    pub(super) says: Says,
    pub(super) at: Range<usize>,
}

/// Words for credentials. Those that are parts of everyday words count only where one begins.
const CREDENTIALS: [(&str, Says); 38] = [
    ("token", Says::Credential),
    ("secret", Says::Credential),
    ("password", Says::Credential),
    ("passwort", Says::Credential),
    ("passwd", Says::Credential),
    ("passphrase", Says::Credential),
    ("pwd", Says::Credential),
    ("credential", Says::Credential),
    ("credentials", Says::Credential),
    ("apikey", Says::Credential),
    ("api_key", Says::Credential),
    ("api-key", Says::Credential),
    ("api key", Says::Credential),
    ("accesskey", Says::Credential),
    ("access_key", Says::Credential),
    ("access-key", Says::Credential),
    ("access key", Says::Credential),
    ("secretkey", Says::Credential),
    ("privatekey", Says::Credential),
    ("private_key", Says::Credential),
    ("private-key", Says::Credential),
    ("authkey", Says::Credential),
    ("auth_key", Says::Credential),
    ("authorization", Says::Credential),
    ("bearer", Says::Credential),
    ("auth", Says::Credential),
    ("key", Says::Credential),
    ("keys", Says::Perhaps),
    ("access", Says::Perhaps),
    ("private", Says::Perhaps),
    ("pass", Says::Perhaps),
    ("pat", Says::Perhaps),
    ("api", Says::Perhaps),
    ("login", Says::Perhaps),
    ("client", Says::Perhaps),
    ("account", Says::Perhaps),
    ("webhook", Says::Perhaps),
    ("license", Says::Perhaps),
];

/// Finds them.
#[derive(Debug)]
pub(super) struct Words {
    literals: Literals,
    issuers: usize,
}

/// The words before the values of one text, read once from its beginning to its end.
pub(super) struct Reader<'w> {
    words: &'w Words,
    found: Vec<Mention>,
    read: usize,
}

impl Words {
    pub(super) fn new(issuers: &[String]) -> Self {
        let known = CREDENTIALS.iter().map(|(word, _)| *word);
        let all = issuers.iter().map(String::as_str).chain(known);
        let all = all.map(|word| Literal { text: word.to_owned(), opens: false });
        Self { literals: Literals::new(all.collect()), issuers: issuers.len() }
    }

    /// Calls `each` with the words that begin in `text`, from `from` on.
    pub(super) fn each(&self, text: &[u8], part: Range<usize>, mut each: impl FnMut(Mention)) {
        self.literals.each(slice(text, part.clone()), |number, found| {
            let at = part.start + found.start..part.start + found.end;
            let says = match number.checked_sub(self.issuers) {
                None if begins(text, at.start) => Says::Issuer(number),
                Some(word) => match CREDENTIALS.get(word) {
                    Some((word, says)) if ends(text, &at) && (word.len() > 4 || begins(text, at.start)) => {
                        *says
                    }
                    // `samplekey` says something beside an issuer's name, `monkey` nothing by itself.
                    Some((_, _)) if ends(text, &at) => Says::Perhaps,
                    _ => return,
                },
                None => return,
            };
            each(Mention { says, at });
        });
    }

    pub(super) fn reader(&self) -> Reader<'_> {
        Reader { words: self, found: Vec::new(), read: 0 }
    }
}

impl Reader<'_> {
    /// The words that may belong to a value that begins in `run`; runs come in order.
    pub(super) fn around(&mut self, text: &[u8], run: &Range<usize>) -> &[Mention] {
        let from = run.start.saturating_sub(REACH);
        let to = run.end.min(run.start + REACH);
        self.found.retain(|mention| mention.at.start >= from);
        let read = self.read.max(from);
        if to > read {
            // A word that was cut off at the end of what was read.
            let again = read.saturating_sub(LONGEST).max(from);
            let found = &mut self.found;
            self.words.each(text, again..to, |mention| {
                if mention.at.end > read || self.read <= from {
                    found.push(mention);
                }
            });
            self.read = to;
        }
        &self.found
    }
}

/// Longest issuer's name, in bytes.
const LONGEST: usize = 24;

/// Whether a word begins at `at`: `authToken` has the word token, `monkey` not the word key.
fn begins(text: &[u8], at: usize) -> bool {
    let (last, first) = (before(text, at, 1), byte(text, at));
    !last.is_ascii_alphabetic() || (last.is_ascii_lowercase() && first.is_ascii_uppercase())
}

/// Whether a word ends: `tokens`, `tokenValue` and `tokenkey` have the word token, `tokenizer` has not.
fn ends(text: &[u8], at: &Range<usize>) -> bool {
    const NEXT: [&str; 8] = ["token", "key", "secret", "access", "private", "pass", "id", "value"];
    let (last, next) = (before(text, at.end, 1), byte(text, at.end));
    let plural = next == b's' && !byte(text, at.end + 1).is_ascii_alphabetic();
    let goes_on = next.is_ascii_lowercase() || (last.is_ascii_uppercase() && next.is_ascii_uppercase());
    let another = || {
        NEXT.iter().any(|word| slice(text, at.end..at.end + word.len()).eq_ignore_ascii_case(word.as_bytes()))
    };
    plural || !goes_on || another()
}
