//! What each token of a fragment begins.

use super::fragment::Fragment;
use super::tokens::{Call, Key, Token, Tokens};
use super::{
    Verdict,
    Verdict::{Certain, Doubtful},
};

pub(super) fn judge(all: &Tokens, text: &[u8], quote: u8) -> Option<Verdict> {
    let fragment = Fragment { tokens: &all.list, all, text, quote };
    if matches!(fragment.tokens, [] | [_]) {
        return None;
    }
    let mut worst = fragment.tail().max(fragment.joined()).max(fragment.cut_off());
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
    let whole = quote == 0
        && is_statement(fragment.tokens)
        && !fragment.tokens.contains(&Token::Call(Call::Dangerous));
    worst.map(|verdict| if whole && !is_nested(fragment.tokens) { Doubtful } else { verdict })
}

impl Fragment<'_> {
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
