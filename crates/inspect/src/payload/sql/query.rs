//! Whole queries, in arguments that are for them.

use super::tokens::{Call, Key, Token, Tokens};

/// What a query should not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A further statement that destroys.
    Destructive,
    /// Files, programs, the network.
    System,
    /// A condition that is always true.
    Tautology,
}

/// Judges a query as a whole.
pub(super) fn query(all: &Tokens) -> Option<(Fault, usize)> {
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
