//! SQL in arguments that are put into a query, and what a query should not do.
//!
//! A fragment is read as it would stand: after a number or a name, after a single quote, after a double one. It is
//! judged by what its tokens do: whether they end the string and go on, compare constants, begin another statement. No
//! list of known fragments.

mod tokens;

use super::{Argument, Payload, reading};
use crate::ascii::{before, slice};
use crate::pack::Where;
use tokens::{Call, Key, Token, Tokens, read};

/// Longer texts are looked at up to here, in bytes.
const LONGEST: usize = 256 * 1024;

pub(super) fn scan(argument: &mut Argument<'_>) {
    let text = argument.bytes();
    let text = slice(text, 0..text.len().min(LONGEST));
    match argument.kind {
        Where::Value => {
            let reading = reading::read(text);
            match fragment(&reading.bytes) {
                Some(Verdict::Certain) => argument.report_all(Payload::SqlInjection),
                Some(Verdict::Doubtful) => argument.report_all(Payload::SuspectedSqlInjection),
                None => {}
            }
        }
        Where::Query => match query(&read(text, 0)) {
            Some((Fault::Destructive, at)) => argument.report(Payload::DestructiveQuery, at..text.len()),
            Some((Fault::System, at)) => argument.report(Payload::SystemQuery, at..text.len()),
            Some((Fault::Tautology, at)) => argument.report(Payload::QueryTautology, at..text.len()),
            None => {}
        },
        _ => {}
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Doubtful,
    Certain,
}

use Verdict::{Certain, Doubtful};

/// Judges an argument in each context in which it may stand.
fn fragment(text: &[u8]) -> Option<Verdict> {
    let telling = |byte: &u8| !byte.is_ascii_alphanumeric() && !matches!(byte, b' ' | b',' | b'.' | b'_');
    if text.len() < 3 || !(text.iter().any(telling) || text.iter().any(u8::is_ascii_digit) || text.len() > 6)
    {
        return None;
    }
    let mut worst = judge(&read(text, 0), text, 0);
    for quote in [b'\'', b'"', b'`'] {
        if worst != Some(Certain) && memchr::memchr(quote, text).is_some() {
            worst = worst.max(judge(&read(text, quote), text, quote));
        }
    }
    worst
}

/// The tokens of a fragment, and the quote it stands after.
struct Fragment<'t> {
    tokens: &'t [Token],
    all: &'t Tokens,
    text: &'t [u8],
    quote: u8,
}

fn judge(all: &Tokens, text: &[u8], quote: u8) -> Option<Verdict> {
    let fragment = Fragment { tokens: &all.list, all, text, quote };
    if matches!(fragment.tokens, [] | [_]) {
        return None;
    }
    let mut worst = fragment.tail().max(fragment.joined());
    for at in 0..fragment.tokens.len() {
        worst = worst.max(fragment.at(at));
        if worst == Some(Certain) {
            break;
        }
    }
    if all.executable && fragment.tokens.iter().any(|token| matches!(token, Token::Key(_) | Token::Call(_))) {
        worst = worst.max(Some(if worst.is_some() { Certain } else { Doubtful }));
    }
    // A whole statement is what tools for databases are given, under whatever name.
    let whole = quote == 0 && is_statement(fragment.tokens);
    worst.map(|verdict| if whole && !is_nested(fragment.tokens) { Doubtful } else { verdict })
}

impl Fragment<'_> {
    fn get(&self, at: usize) -> Token {
        self.tokens.get(at).copied().unwrap_or(Token::Comment)
    }

    fn before(&self, at: usize) -> Option<Token> {
        at.checked_sub(1).and_then(|at| self.tokens.get(at)).copied()
    }

    fn is_end(&self, at: usize) -> bool {
        at >= self.tokens.len() || self.get(at) == Token::Comment
    }

    /// Whether it ends in a comment or a string that what follows ends: the rest of the query is taken care of.
    fn is_closed(&self) -> bool {
        let start = self.all.starts.last().copied().unwrap_or_default();
        match self.tokens.last() {
            Some(Token::Comment) => true,
            Some(Token::Open) => {
                slice(self.text, start..self.text.len().min(start + 2)).contains(&self.quote)
            }
            _ => false,
        }
    }

    /// Past parentheses, signs and the like.
    fn skip(&self, mut at: usize) -> usize {
        while matches!(self.get(at), Token::Left | Token::Unary | Token::Operator) && at < self.tokens.len() {
            at += 1;
        }
        at
    }

    fn skip_right(&self, mut at: usize) -> usize {
        while self.get(at) == Token::Right {
            at += 1;
        }
        at
    }

    /// What begins at a token.
    fn at(&self, at: usize) -> Option<Verdict> {
        match self.get(at) {
            Token::Key(Key::Union) => self.union(at),
            Token::Key(Key::Select) => self.select(at),
            Token::Logic => self.logic(at),
            Token::Call(Call::Dangerous) => self.dangerous(at),
            Token::Call(Call::Telling) => self.telling(at),
            Token::Call(Call::Unknown)
                if at == 0
                    && matches!(self.get(2), Token::Call(Call::Telling))
                    && self.get(4) == Token::Right =>
            {
                Some(Doubtful)
            }
            Token::Semicolon => self.stacked(at),
            Token::Key(Key::Waitfor) if self.get(at + 1) == Token::Key(Key::Delay) => Some(Certain),
            Token::Key(Key::Exec) => self.exec(at),
            Token::Key(Key::Declare) if self.get(at + 1) == Token::Variable => Some(Certain),
            Token::Key(Key::Into) if self.get(at + 1) == Token::Key(Key::Outfile) => Some(Certain),
            Token::Key(Key::Procedure) if self.named(at + 1, "analyse") => Some(Certain),
            Token::Key(Key::Order | Key::Group) => self.ordered(at),
            Token::Key(Key::Having | Key::Where) => self.condition(at),
            Token::Key(Key::Case) => self.case(at),
            Token::Key(Key::Insert) if self.get(at + 1) == Token::Key(Key::Into) => self.statement(at, 2),
            Token::Key(Key::Drop | Key::Create | Key::Alter | Key::Truncate)
                if self.get(at + 1) == Token::Key(Key::Object)
                    && matches!(self.get(at + 2), Token::Word | Token::Call(_)) =>
            {
                self.statement(at, 3)
            }
            Token::Key(Key::Delete) if self.get(at + 1) == Token::Key(Key::From) => self.statement(at, 2),
            Token::Key(Key::Update) if self.get(at + 2) == Token::Key(Key::Set) => self.statement(at, 3),
            Token::Compare => self.compared(at),
            Token::Number => self.scientific(at),
            _ => None,
        }
    }

    fn union(&self, at: usize) -> Option<Verdict> {
        let mut next = at + 1;
        while matches!(self.get(next), Token::Key(Key::All) | Token::Left) || self.get(next) == Token::Unary {
            next += 1;
        }
        let follows = match self.get(next) {
            Token::Key(Key::Select | Key::Values) => next < self.tokens.len(),
            Token::Call(_) => self.starts(next, b"select"),
            _ => false,
        };
        if follows {
            // `UNION SELECT` in a sentence about it has words of the sentence around.
            return Some(Certain);
        }
        let value = matches!(
            self.before(at),
            Some(Token::Number | Token::Text | Token::Right | Token::Variable | Token::Key(Key::Constant))
        );
        (value && self.is_end(next) && (self.all.commented || self.is_closed() || next > at + 1))
            .then_some(Doubtful)
    }

    fn select(&self, at: usize) -> Option<Verdict> {
        let first = self.skip(at + 1);
        if first >= self.tokens.len() {
            return (self.quote != 0 && at > 0 || self.before(at) == Some(Token::Left)).then_some(Doubtful);
        }
        let inner =
            matches!(self.before(at), Some(Token::Left | Token::Semicolon)) || (self.quote != 0 && at == 1);
        let star =
            self.tokens.get(at + 1) == Some(&Token::Operator) && self.get(at + 2) == Token::Key(Key::From);
        match self.get(first) {
            _ if star => Some(if inner { Certain } else { Doubtful }),
            Token::Word => match self.get(first + 1) {
                Token::Comma | Token::Key(Key::From) | Token::Compare | Token::Right => {
                    let rows = self
                        .tokens
                        .get(first..self.tokens.len().min(first + 48))
                        .unwrap_or_default()
                        .contains(&Token::Key(Key::From));
                    (inner || rows).then_some(if inner && rows { Certain } else { Doubtful })
                }
                Token::Semicolon if at == 0 => Some(Doubtful),
                _ => (inner && self.quote != 0).then_some(Doubtful),
            },
            Token::Number
            | Token::Text
            | Token::Open
            | Token::Variable
            | Token::Call(_)
            | Token::Key(Key::Case | Key::Select | Key::Constant) => {
                Some(if inner { Certain } else { Doubtful })
            }
            Token::Key(Key::All | Key::Object) => Some(Doubtful),
            _ => None,
        }
    }

    /// `or 1=1` and its kin.
    fn logic(&self, at: usize) -> Option<Verdict> {
        let opens = match self.before(at) {
            None => true,
            Some(
                Token::Number
                | Token::Text
                | Token::Right
                | Token::Variable
                | Token::Key(Key::Constant)
                | Token::Word
                | Token::Semicolon
                | Token::Operator
                | Token::Left,
            ) => true,
            Some(_) => false,
        };
        let value = self.skip(at + 1);
        let first = self.get(value);
        if !opens || value >= self.tokens.len() {
            return None;
        }
        let mut after = self.skip_right(self.past(value));
        for _ in 0..8 {
            if self.get(after) != Token::Operator || after >= self.tokens.len() {
                break;
            }
            after = self.skip_right(self.past(self.skip(after)));
        }
        let literal = |token: Token| {
            matches!(
                token,
                Token::Number | Token::Text | Token::Open | Token::Variable | Token::Key(Key::Constant)
            )
        };
        if self.get(after) == Token::Compare && after < self.tokens.len() {
            let other = self.skip(after + 1);
            let right = self.get(other);
            if other >= self.tokens.len() {
                return literal(first).then_some(Doubtful);
            }
            let fragment =
                self.quote != 0 || !matches!(self.before(at), Some(Token::Word)) || self.is_closed();
            return match (first, right) {
                (left, right) if literal(left) && literal(right) => {
                    Some(if fragment || left == Token::Number { Certain } else { Doubtful })
                }
                (Token::Word, Token::Word) if self.word(value) == self.word(other) => Some(Certain),
                (_, Token::Key(Key::Select)) | (Token::Key(Key::Select), _) => Some(Certain),
                (Token::Call(Call::Telling | Call::Dangerous), _)
                | (_, Token::Call(Call::Telling | Call::Dangerous)) => Some(Certain),
                // Conditions on names are what filters are made of.
                (Token::Word | Token::Key(_) | Token::Call(_), right)
                    if self.quote != 0 && self.is_closed() && (literal(right) || right == Token::Word) =>
                {
                    Some(Certain)
                }
                (Token::Word | Token::Call(_), right)
                    if at == 0 && (literal(right) || right == Token::Word) =>
                {
                    Some(Doubtful)
                }
                (Token::Word, right)
                    if self.quote != 0
                        && at == 1
                        && self.before(at) == Some(Token::Text)
                        && literal(right) =>
                {
                    Some(Doubtful)
                }
                (Token::Word, right)
                    if self.symbol(at)
                        && matches!(self.before(at), Some(Token::Number))
                        && literal(right) =>
                {
                    Some(Doubtful)
                }
                (left, _) if literal(left) => Some(Doubtful),
                _ => None,
            };
        }
        let ends = self.is_end(after) || matches!(self.get(after), Token::Semicolon);
        let joins = self.quote != 0 && matches!(self.before(at), Some(Token::Text)) && at == 1;
        match first {
            Token::Key(Key::Select) => Some(Certain),
            _ if !ends && !matches!(self.get(after), Token::Logic) => None,
            Token::Number | Token::Variable | Token::Key(Key::Constant) | Token::Text if joins => {
                Some(if self.is_closed() || self.get(after) == Token::Logic { Certain } else { Doubtful })
            }
            // `x' or '` with nothing around: the quotes hold it together.
            Token::Open if joins => {
                let tight =
                    self.all.starts.get(at).is_some_and(|start| before(self.text, *start, 1) == self.quote);
                let bare = self.text.first() == Some(&self.quote) && self.text.len() <= 12;
                (tight || bare || self.symbol(at) || self.named(at, "xor")).then_some(Doubtful)
            }
            Token::Key(Key::Constant) => Some(Doubtful),
            Token::Call(_) if self.symbol(at) && at == 1 && self.before(at) == Some(Token::Number) => {
                Some(Doubtful)
            }
            Token::Number | Token::Text | Token::Variable
                if self.is_end(after) && after < self.tokens.len() =>
            {
                Some(Doubtful)
            }
            Token::Word if joins && self.get(after) == Token::Comment && after < self.tokens.len() => {
                Some(Doubtful)
            }
            _ => None,
        }
    }

    /// Whether `&&` and `||` stand for the word.
    fn symbol(&self, at: usize) -> bool {
        self.all.starts.get(at).is_some_and(|start| matches!(self.text.get(*start), Some(b'&' | b'|')))
    }

    /// Past a value: one token, or a call with its arguments.
    fn past(&self, at: usize) -> usize {
        if !matches!(self.get(at), Token::Call(_)) {
            return at + 1;
        }
        let mut depth = 0_usize;
        for next in at + 1..self.tokens.len().min(at + 64) {
            match self.get(next) {
                Token::Left => depth += 1,
                Token::Right if depth <= 1 => return next + 1,
                Token::Right => depth -= 1,
                _ => {}
            }
        }
        self.tokens.len()
    }

    fn dangerous(&self, at: usize) -> Option<Verdict> {
        let joined = at > 0 && !matches!(self.before(at), Some(Token::Word | Token::Key(Key::Object)));
        let wild = self.quote != 0
            || joined
            || self.is_closed()
            || !matches!(self.get(at + 2), Token::Number | Token::Word);
        Some(if wild && self.get(at + 2) != Token::Right { Certain } else { Doubtful })
    }

    fn telling(&self, at: usize) -> Option<Verdict> {
        let joined = matches!(
            self.before(at),
            Some(Token::Operator | Token::Compare | Token::Logic | Token::Semicolon)
        ) && at == 2
            && self.quote != 0;
        let nested =
            self.get(at + 1) == Token::Left && matches!(self.get(self.skip(at + 2)), Token::Key(Key::Select));
        if nested {
            return Some(Certain);
        }
        let inner = self.get(at + 1) == Token::Left
            && matches!(self.get(self.skip(at + 2)), Token::Call(Call::Telling));
        if inner && (at == 0 || self.before(at) == Some(Token::Operator)) {
            return Some(Doubtful);
        }
        (joined || (self.quote == 0 && at == 0 && self.get(at + 2) != Token::Word && self.is_closed()))
            .then_some(Doubtful)
    }

    fn stacked(&self, at: usize) -> Option<Verdict> {
        let next = at + 1;
        let word = self.get(next + 1);
        match self.get(next) {
            Token::Key(Key::Select) => self.select(next).map(|_| Certain),
            Token::Key(Key::Insert) if word == Token::Key(Key::Into) => Some(Certain),
            Token::Key(Key::Drop | Key::Create | Key::Alter | Key::Truncate)
                if matches!(word, Token::Key(Key::Object)) =>
            {
                Some(Certain)
            }
            Token::Key(Key::Delete) if word == Token::Key(Key::From) => Some(Certain),
            Token::Key(Key::Delete) if self.get(next + 2) == Token::Key(Key::From) => Some(Doubtful),
            Token::Key(Key::Drop) if self.is_closed() => Some(Doubtful),
            Token::Word | Token::Call(_)
                if matches!(self.before(at), Some(Token::Number | Token::Text))
                    && ["call", "do", "while", "handler"].iter().any(|verb| self.named(next, verb)) =>
            {
                matches!(word, Token::Left | Token::Call(_) | Token::Number).then_some(Doubtful)
            }
            Token::Key(Key::Update) if self.get(next + 2) == Token::Key(Key::Set) => Some(Certain),
            Token::Key(Key::Exec | Key::Declare)
                if matches!(word, Token::Variable | Token::Word | Token::Left | Token::Text) =>
            {
                Some(Certain)
            }
            Token::Key(Key::Shutdown) if self.is_end(next + 1) => Some(Certain),
            Token::Key(Key::Set) if word == Token::Variable => Some(Doubtful),
            Token::Key(Key::Begin) if self.quote != 0 => Some(Doubtful),
            Token::Comment if next < self.tokens.len() && self.quote != 0 && at == 1 => Some(Certain),
            _ => None,
        }
    }

    fn exec(&self, at: usize) -> Option<Verdict> {
        let procedure =
            self.starts(at + 1, b"xp_") || self.starts(at + 1, b"sp_") || self.starts(at + 1, b"master");
        (procedure || self.get(at + 1) == Token::Left && self.get(at + 2) == Token::Variable)
            .then_some(Certain)
    }

    /// `order by 3`, `group by 1,2 having 1=1`: how injections count columns.
    fn ordered(&self, at: usize) -> Option<Verdict> {
        let value = self.skip(at + 2);
        let begins = at == 0
            || (self.quote != 0 && at == 1)
            || matches!(self.before(at), Some(Token::Number | Token::Right));
        let number = matches!(self.get(value), Token::Number | Token::Call(_)) && value < self.tokens.len();
        if begins
            && self.get(at + 1) == Token::Key(Key::By)
            && matches!(self.get(value), Token::Call(Call::Telling | Call::Dangerous))
        {
            return Some(Doubtful);
        }
        let ends = self.is_end(value + 1) || matches!(self.get(value + 1), Token::Comma);
        let closed = self.quote != 0
            && at == 1
            && (self.is_closed() || self.tokens.contains(&Token::Key(Key::Having)));
        (self.get(at + 1) == Token::Key(Key::By) && begins && (number && ends || closed)).then_some(Doubtful)
    }

    /// `having 1=1`, `where 1=1`.
    fn condition(&self, at: usize) -> Option<Verdict> {
        let value = self.skip(at + 1);
        let literal = |at: usize| {
            matches!(self.get(at), Token::Number | Token::Text | Token::Variable | Token::Open)
                && at < self.tokens.len()
        };
        let begins = at == 0
            || matches!(self.before(at), Some(Token::Number | Token::Text | Token::Right | Token::Word));
        let other = self.skip(self.skip_right(value + 1) + 1);
        (begins && literal(value) && self.get(self.skip_right(value + 1)) == Token::Compare && literal(other))
            .then_some(Doubtful)
    }

    fn case(&self, at: usize) -> Option<Verdict> {
        let rest = self.tokens.get(at..(at + 24).min(self.tokens.len())).unwrap_or_default();
        let begins = at == 0 && self.get(1) == Token::Key(Key::When);
        let when = rest.contains(&Token::Key(Key::When)) && (begins || rest.contains(&Token::Compare));
        let inner = self.before(at) == Some(Token::Left) || rest.contains(&Token::Key(Key::Select));
        when.then_some(if inner { Certain } else { Doubtful })
    }

    /// A statement inside a fragment, or as one.
    fn statement(&self, at: usize, length: usize) -> Option<Verdict> {
        let object = matches!(
            self.get(at + length),
            Token::Word
                | Token::Text
                | Token::Key(Key::Object | Key::Where | Key::Values)
                | Token::Left
                | Token::Comment
                | Token::Call(_)
                | Token::Semicolon
        ) || self.get(at + 1) == Token::Key(Key::Object);
        // After the name of a table a sentence goes on with another word.
        let sentence =
            length == 2 && self.get(at + length) == Token::Word && self.get(at + length + 1) == Token::Word;
        (object && !sentence).then_some(if self.quote != 0 && at == 1 { Certain } else { Doubtful })
    }

    /// A comparison with a query.
    fn compared(&self, at: usize) -> Option<Verdict> {
        let value = self.skip(at + 1);
        (self.get(value) == Token::Key(Key::Select) && value > at + 1).then_some(Certain)
    }

    /// `1.e(`: a number that swallows the name of a function.
    fn scientific(&self, at: usize) -> Option<Verdict> {
        let start = self.all.starts.get(at)?;
        let rest = slice(self.text, *start..self.text.len().min(start + 8));
        let end = rest.iter().position(|byte| !byte.is_ascii_digit() && *byte != b'.')?;
        let dotted = slice(rest, 0..end).contains(&b'.');
        (dotted && matches!(rest.get(end), Some(b'e' | b'E')) && rest.get(end + 1) == Some(&b'('))
            .then_some(Doubtful)
    }

    /// `admin'--`: ends the string, and the query.
    fn tail(&self) -> Option<Verdict> {
        let (last, lead) = self.tokens.split_last()?;
        if *last != Token::Comment {
            return None;
        }
        let start = self.all.starts.last().copied().unwrap_or_default();
        let marks = slice(self.text, start..self.text.len());
        let bare = match marks {
            // `#2` is a number of something.
            [b'#', rest @ ..] => rest.trim_ascii().is_empty(),
            marks => marks.len() < 8 || matches!(marks.get(2), Some(b' ' | b'+' | b'-' | b'\'' | b'"')),
        };
        match lead {
            [Token::Text, rest @ ..]
                if self.quote != 0
                    && rest.iter().all(|token| matches!(token, Token::Right | Token::Semicolon)) =>
            {
                bare.then_some(Certain)
            }
            _ => {
                let grouped = lead.contains(&Token::Right) && lead.contains(&Token::Left);
                let plain = |token: &Token| {
                    matches!(token, Token::Number | Token::Operator | Token::Left | Token::Right)
                };
                let computed = |token: &Token| plain(token) || *token == Token::Variable;
                let sum = lead.iter().all(computed)
                    && lead.iter().any(|token| matches!(token, Token::Operator | Token::Variable));
                let telling = grouped && !lead.iter().all(plain);
                let wordless = !lead.contains(&Token::Word) && !lead.contains(&Token::Other);
                (bare && wordless && (sum || telling)).then_some(Doubtful)
            }
        }
    }

    /// `'='`, `x' + 'y`: ends the string, and opens it again, so that what stands around goes on.
    fn joined(&self) -> Option<Verdict> {
        if self.quote == 0 || self.tokens.first() != Some(&Token::Text) || !self.is_closed() {
            return None;
        }
        let inner = self.tokens.get(1..self.tokens.len() - 1)?;
        let operators =
            inner.iter().filter(|token| matches!(token, Token::Compare | Token::Operator)).count();
        let first =
            matches!(inner.first(), Some(Token::Compare | Token::Operator | Token::Logic | Token::Right));
        let plain = |token: &Token| {
            !matches!(
                token,
                Token::Other | Token::Key(Key::Other | Key::Object | Key::As | Key::By | Key::Limit)
            )
        };
        let compares = inner.contains(&Token::Compare) && symbols(self.text);
        let words = inner.iter().filter(|token| **token == Token::Word).count();
        // What follows the last quote is the rest of a value, no sentence.
        let last = self.all.starts.last().copied().unwrap_or_default();
        let short = self.text.len() - last.min(self.text.len()) < 16;
        let certain = compares && inner.len() < 12 && words == 0 && short;
        (first && operators > 0 && words < 3 && inner.iter().all(plain)).then_some(if certain {
            Certain
        } else {
            Doubtful
        })
    }

    fn word(&self, at: usize) -> Vec<u8> {
        let start = self.all.starts.get(at).copied().unwrap_or(self.text.len());
        let rest = slice(self.text, start..self.text.len());
        rest.iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
            .take(64)
            .map(u8::to_ascii_lowercase)
            .collect()
    }

    fn named(&self, at: usize, name: &str) -> bool {
        at < self.tokens.len() && self.word(at) == name.as_bytes()
    }

    fn starts(&self, at: usize, lead: &[u8]) -> bool {
        at < self.tokens.len() && self.word(at).starts_with(lead)
    }
}

/// Whether a comparison is written in symbols: words such as `is` and `in` are prose.
fn symbols(text: &[u8]) -> bool {
    text.iter().any(|byte| matches!(byte, b'=' | b'<' | b'>'))
}

/// Whether it begins as statements do.
fn is_statement(tokens: &[Token]) -> bool {
    matches!(
        tokens.first(),
        Some(Token::Key(
            Key::Select
                | Key::Insert
                | Key::Update
                | Key::Delete
                | Key::Create
                | Key::Alter
                | Key::Drop
                | Key::Truncate
                | Key::Exec
                | Key::Declare
                | Key::Grant
                | Key::Begin
                | Key::Set
        ))
    )
}

/// Whether there is a second statement in it.
fn is_nested(tokens: &[Token]) -> bool {
    tokens.windows(2).any(|pair| {
        matches!(
            pair,
            [
                Token::Semicolon,
                Token::Key(
                    Key::Drop
                        | Key::Delete
                        | Key::Exec
                        | Key::Truncate
                        | Key::Shutdown
                        | Key::Alter
                        | Key::Grant
                )
            ]
        )
    })
}

/// What a query should not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// A further statement that destroys.
    Destructive,
    /// Files, programs, the network.
    System,
    /// A condition that is always true.
    Tautology,
}

/// Judges a query as a whole.
fn query(all: &Tokens) -> Option<(Fault, usize)> {
    let tokens = &all.list;
    let start = |at: usize| all.starts.get(at).copied().unwrap_or_default();
    let get = |at: usize| tokens.get(at).copied();
    let destroys = |at: usize| {
        matches!(
            (get(at), get(at + 1)),
            (Some(Token::Key(Key::Drop | Key::Truncate)), Some(Token::Key(Key::Object) | Token::Word))
                | (Some(Token::Key(Key::Shutdown | Key::Grant)), _)
                | (Some(Token::Key(Key::Delete)), Some(Token::Key(Key::From)))
                | (Some(Token::Key(Key::Exec)), Some(_))
        )
    };
    let mut doubtful = None;
    for (at, token) in tokens.iter().enumerate() {
        let found = match token {
            Token::Semicolon if destroys(at + 1) && tokens.first() != tokens.get(at + 1) => {
                Some(Fault::Destructive)
            }
            Token::Key(Key::Drop) if at == 0 && matches!(get(1), Some(Token::Key(Key::Object))) => {
                Some(Fault::Destructive)
            }
            Token::Call(Call::Dangerous) => Some(Fault::System),
            Token::Key(Key::Into) if get(at + 1) == Some(Token::Key(Key::Outfile)) => Some(Fault::System),
            Token::Key(Key::Waitfor) if get(at + 1) == Some(Token::Key(Key::Delay)) => Some(Fault::System),
            _ => None,
        };
        if let Some(fault) = found {
            return Some((fault, start(at)));
        }
        let same = |left: Option<Token>, right: Option<Token>| {
            left == right && matches!(left, Some(Token::Number | Token::Text))
        };
        if *token == Token::Logic && get(at + 2) == Some(Token::Compare) && same(get(at + 1), get(at + 3)) {
            doubtful = doubtful.or(Some((Fault::Tautology, start(at))));
        }
    }
    doubtful
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn injections_are_seen_after_any_quote() {
        for text in [
            "1 UNION SELECT name FROM t",
            "x' or 1=1--",
            "x\" or \"a\"=\"a",
            "') or ('x'='x",
            "1; DROP TABLE t",
            "admin'--",
            "1 and sleep(5)",
            "'; waitfor delay '0:0:5'--",
            "x' and (select count(*) from t)>0 and '1'='1",
            "1/**/union/**/all/**/select 1,2",
            "' = '",
            "1; exec master..xp_cmdshell 'x'",
            "x' || pg_sleep(5)--",
            "-1 /*!50000union*/ select 1",
            "1 and extractvalue(1,concat(0x7e,version()))",
            "x';insert into t values(1)--",
            "1 into outfile '/x'",
        ] {
            assert_eq!(fragment(text.as_bytes()), Some(Certain), "{text}");
        }
        for text in [" ORDER BY 19# ", "select 1 from t", "1 or true", " HAVING 1=1", "( ( 1 OR 'b') )  --"] {
            assert_eq!(fragment(text.as_bytes()), Some(Doubtful), "{text}");
        }
    }

    #[test]
    fn words_are_no_injection() {
        for text in [
            "O'Brien",
            "bob's or alice's",
            "the European Union selected a few",
            "rock 'n' roll",
            "70\" round table",
            "1 and a half",
            "Order by phone",
            "drop the table off",
            "update my address",
            "select the best from the list",
            "either 3 or 4",
            "I <3 you; you <3 me",
            "status = open and type = bug",
            "a -- b",
            "#Adventure",
            "C# and F#",
            "it's-a-me",
            "5'-6\" tall",
            "delete from my list",
            "what is 2+2=4?",
            "Grandma's house",
            "x**2 + 3",
            "(158 + 141) + 30",
            "50% off",
            "user(foo),junk",
            "Dr. Who\" and coffee",
        ] {
            assert_eq!(fragment(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn queries_are_judged_by_what_they_do() {
        let fault = |text: &str| query(&read(text.as_bytes(), 0)).map(|(fault, _)| fault);
        assert_eq!(fault("SELECT a FROM b; DROP TABLE c"), Some(Fault::Destructive));
        assert_eq!(fault("SELECT load_file('/x')"), Some(Fault::System));
        assert_eq!(fault("SELECT a FROM b WHERE c = 'x' OR 1=1"), Some(Fault::Tautology));
        for text in [
            "SELECT a, b FROM c WHERE d = 'x;y' ORDER BY a LIMIT 5",
            "INSERT INTO a VALUES (1); INSERT INTO a VALUES (2)",
            "DELETE FROM a WHERE id = 3",
        ] {
            assert_eq!(fault(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_tautology_is_seen_whatever_its_constants(lead in "[a-z0-9]{0,8}", quote in "['\"]", left in 1_u32..9999, space in "( |/\\*x?\\*/|\t|\n)") {
            let text = format!("{lead}{quote}{space}or{space}{left}={left}{space}--{space}");
            proptest::prop_assert_eq!(fragment(text.as_bytes()), Some(Certain), "{}", text);
        }

        #[test]
        fn sentences_are_left_alone(text in "[A-Z][a-z]{2,9}( [a-z]{3,9}| and| or| the| of| 1[0-9]?){0,8}[.?!]?") {
            proptest::prop_assert_ne!(fragment(text.as_bytes()), Some(Certain));
        }

        #[test]
        fn any_text_can_be_judged(text in "[ -~\\n]{0,80}") {
            fragment(text.as_bytes());
            query(&read(text.as_bytes(), 0));
        }
    }
}
