//! SQL in tokens, of no dialect and all: MySQL, PostgreSQL, SQL Server, Oracle, SQLite.

mod vocabulary;

use vocabulary::{function, is_catalogue, keyword};

use crate::ascii::{byte, run_end, slice};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A literal string.
    Text,
    /// A literal string that has no end: what stands after the argument ends it.
    Open,
    Number,
    /// `@x`, `@@x`, `:x`, `$1`.
    Variable,
    /// A name that is none of ours.
    Word,
    /// A name with a parenthesis after it.
    Call(Call),
    Key(Key),
    /// `=`, `<`, `like` and their kin.
    Compare,
    /// `and`, `or`, `xor`, `&&`, `||`.
    Logic,
    /// `not`, `!`, `binary`, `distinct`: what may stand before a value.
    Unary,
    /// Operators between values.
    Operator,
    Comma,
    Semicolon,
    Left,
    Right,
    /// A comment that goes to the end of the line, or has no end.
    Comment,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Union,
    All,
    Select,
    From,
    Where,
    Insert,
    Into,
    Values,
    Update,
    Set,
    Delete,
    Drop,
    Create,
    Alter,
    Truncate,
    Exec,
    Declare,
    Grant,
    Other,
    Object,
    Order,
    Group,
    By,
    Having,
    Limit,
    Case,
    When,
    Waitfor,
    Delay,
    Procedure,
    Outfile,
    As,
    Shutdown,
    Begin,
    /// `true`, `false`, `null`.
    Constant,
}

/// What a function is known for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// Waits, reads files, runs programs, reaches out, or tells through errors: of no use in honest arguments.
    Dangerous,
    /// Of the kinds that injections take answers apart with.
    Telling,
    Unknown,
}

/// A text in tokens.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    pub(super) list: Vec<Token>,
    /// Where each begins.
    pub(super) starts: Vec<usize>,
    /// There were comments inside.
    pub(super) commented: bool,
    /// There was `/*!`, which MySQL runs what is in.
    pub(super) executable: bool,
    /// There was a table of the system.
    pub(super) catalogue: bool,
    /// There was `having`.
    pub(super) having: bool,
    /// Where reading ended, if that is not the end of the text.
    pub(super) unread: Option<usize>,
}

/// More tokens are not read: they would take more memory than any query is worth.
const MOST: usize = 1 << 20;

/// Reads a text as it stands after `quote`, or as it is if that is 0.
pub(super) fn read(text: &[u8], quote: u8) -> Tokens {
    let mut tokens = Tokens::default();
    let mut at = 0;
    if quote != 0 {
        let (end, closed) = string(text, 0, quote);
        tokens.push(if closed { Token::Text } else { Token::Open }, 0);
        at = end;
    }
    while at < text.len() && tokens.list.len() < MOST {
        at = tokens.next(text, at);
    }
    tokens.unread = (at < text.len()).then_some(at);
    tokens.having = tokens.list.contains(&Token::Key(Key::Having));
    tokens
}

impl Tokens {
    fn push(&mut self, token: Token, at: usize) {
        // `not like` is one comparison.
        if token == Token::Compare && self.list.last() == Some(&Token::Unary) {
            self.list.pop();
            self.starts.pop();
        }
        self.list.push(token);
        self.starts.push(at);
    }

    /// Reads the token at `at`; returns where the next may begin.
    fn next(&mut self, text: &[u8], at: usize) -> usize {
        let (first, second) = (byte(text, at), byte(text, at + 1));
        let (token, end) = match (first, second) {
            (0..=b' ', _) => return at + 1,
            (b'/', b'*') => return self.comment(text, at),
            (b'-', b'-') | (b'#', _) => {
                let line = memchr::memchr(b'\n', slice(text, at..text.len())).map(|end| at + end);
                self.commented |= line.is_some();
                self.push_comment(line.is_none(), at);
                return line.unwrap_or(text.len());
            }
            // The end of `/*! … */`.
            (b'*', b'/') if self.executable => return at + 2,
            (b'\'' | b'"' | b'`', _) => {
                let (end, closed) = string(text, at + 1, first);
                (
                    if !closed {
                        Token::Open
                    } else if first == b'`' {
                        Token::Word
                    } else {
                        Token::Text
                    },
                    end,
                )
            }
            (b'0'..=b'9', _) | (b'.', b'0'..=b'9') => (Token::Number, number(text, at)),
            (b'@', _) => (Token::Variable, run_end(text, run_end(text, at, |byte| byte == b'@'), is_name)),
            (b'$' | b':', b'0'..=b'9') => (Token::Variable, run_end(text, at + 1, is_name)),
            (b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.., _) => return self.word(text, at),
            (b'(', _) => (Token::Left, at + 1),
            (b')', _) => (Token::Right, at + 1),
            (b',', _) => (Token::Comma, at + 1),
            (b';', _) => (Token::Semicolon, at + 1),
            (b'&', b'&') | (b'|', b'|') => (Token::Logic, at + 2),
            (b'=' | b'<' | b'>', _) | (b'!', b'=' | b'<' | b'>' | b'~') | (b'^', b'=') => (
                Token::Compare,
                run_end(slice(text, 0..text.len().min(at + 3)), at + 1, |byte| {
                    matches!(byte, b'=' | b'<' | b'>' | b'~')
                }),
            ),
            (b'!', _) => (Token::Unary, at + 1),
            (b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'^' | b'~', _) => (Token::Operator, at + 1),
            (b':', b':') => (Token::Operator, at + 2),
            _ => (Token::Other, at + 1),
        };
        self.push(token, at);
        end.max(at + 1)
    }

    fn push_comment(&mut self, last: bool, at: usize) {
        if last {
            self.push(Token::Comment, at);
        }
    }

    fn comment(&mut self, text: &[u8], at: usize) -> usize {
        if byte(text, at + 2) == b'!' {
            self.executable = true;
            return run_end(text, at + 3, |byte| byte.is_ascii_digit());
        }
        match memchr::memmem::find(slice(text, at + 2..text.len()), b"*/") {
            Some(end) => {
                self.commented = true;
                at + 2 + end + 2
            }
            None => {
                self.push(Token::Comment, at);
                text.len()
            }
        }
    }

    fn word(&mut self, text: &[u8], at: usize) -> usize {
        let end = run_end(text, at, is_name);
        let word = slice(text, at..end.min(at + vocabulary::LONGEST)).to_ascii_lowercase();
        // `x'41'`, `n'a'`, `e'a'` are strings.
        if byte(text, end) == b'\''
            && matches!(*word, [b'x' | b'n' | b'b' | b'e' | b'u'])
            && !self.list.is_empty()
        {
            let (close, closed) = string(text, end + 1, b'\'');
            self.push(if closed { Token::Text } else { Token::Open }, at);
            return close;
        }
        let called =
            byte(text, run_end(slice(text, 0..text.len().min(end + 16)), end, |byte| byte <= b' ')) == b'(';
        self.catalogue |= is_catalogue(&word);
        let token = match keyword(&word) {
            Some(key) if !(called && matches!(key, Token::Key(Key::Object))) => key,
            _ if called => Token::Call(function(&word)),
            _ => Token::Word,
        };
        self.push(token, at);
        end
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'.') || byte >= 0x80
}

/// The end of a string that began before `from`, and whether it has one.
fn string(text: &[u8], from: usize, quote: u8) -> (usize, bool) {
    let mut at = from;
    loop {
        let Some(found) = memchr::memchr2(quote, b'\\', slice(text, at..text.len())) else {
            return (text.len(), false);
        };
        at += found;
        match (byte(text, at), byte(text, at + 1)) {
            (b'\\', _) if from > 0 => at += 2,
            (b'\\', _) => at += 1,
            (_, next) if next == quote && from > 0 => at += 2,
            _ => return (at + 1, true),
        }
        if at >= text.len() {
            return (text.len(), false);
        }
    }
}

fn number(text: &[u8], at: usize) -> usize {
    if byte(text, at) == b'0' && matches!(byte(text, at + 1), b'x' | b'X' | b'b' | b'B') {
        return run_end(text, at + 2, |byte| byte.is_ascii_hexdigit());
    }
    let end = run_end(text, at, |byte| byte.is_ascii_digit() || byte == b'.');
    let exponent = matches!(byte(text, end), b'e' | b'E') && !byte(text, end + 1).is_ascii_alphabetic();
    if exponent { run_end(text, end + 1, |byte| byte.is_ascii_digit()) } else { end }
}
