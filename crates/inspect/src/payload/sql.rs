//! SQL in arguments that are put into a query, and what a query should not do.
//!
//! A fragment is read as it would stand: after a number or a name, after a single quote, after a double one. It is
//! judged by what its tokens do: whether they end the string and go on, compare constants, begin another statement. No
//! list of known fragments.

mod call;
mod clause;
mod ends;
mod fragment;
mod judge;
mod logic;
mod query;
mod select;
mod statement;
mod tokens;

use super::{Argument, Payload};
use crate::pack::Where;
use judge::judge;
use query::{Fault, query};
use tokens::{Tokens, read};

pub(super) fn scan(argument: &mut Argument<'_>) {
    let text = argument.read;
    let unread = match argument.kind {
        Where::Value => {
            let found = fragment(text);
            match found.verdict {
                Some(Verdict::Certain) => argument.report_all(Payload::SqlInjection),
                Some(Verdict::Doubtful) => argument.report_all(Payload::SuspectedSqlInjection),
                None => {}
            }
            found.unread
        }
        Where::Query => {
            let tokens = read(text, 0);
            match query(&tokens) {
                Some((Fault::Destructive, at)) => argument.report(Payload::DestructiveQuery, at..text.len()),
                Some((Fault::System, at)) => argument.report(Payload::SystemQuery, at..text.len()),
                Some((Fault::Tautology, at)) => argument.report(Payload::QueryTautology, at..text.len()),
                None => {}
            }
            tokens.unread
        }
        _ => None,
    };
    if let Some(at) = unread {
        argument.report_read(Payload::Unread, at..text.len());
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Doubtful,
    Certain,
}

use Verdict::Certain;

/// What was made of an argument.
#[derive(Default)]
struct Found {
    verdict: Option<Verdict>,
    /// Where reading ended before the text did.
    unread: Option<usize>,
}

impl Found {
    fn add(&mut self, tokens: &Tokens, text: &[u8], quote: u8) {
        self.verdict = self.verdict.max(judge(tokens, text, quote));
        self.unread = self.unread.or(tokens.unread);
    }
}

/// Judges an argument in each context in which it may stand.
fn fragment(text: &[u8]) -> Found {
    let mut found = Found::default();
    let telling = |byte: &u8| !byte.is_ascii_alphanumeric() && !matches!(byte, b' ' | b',' | b'.' | b'_');
    if text.len() < 3 || !(text.iter().any(telling) || text.iter().any(u8::is_ascii_digit) || text.len() > 6)
    {
        return found;
    }
    found.add(&read(text, 0), text, 0);
    for quote in [b'\'', b'"', b'`'] {
        if found.verdict != Some(Certain) && memchr::memchr(quote, text).is_some() {
            found.add(&read(text, quote), text, quote);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::Verdict::Doubtful;
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
            assert_eq!(fragment(text.as_bytes()).verdict, Some(Certain), "{text}");
        }
        for text in [
            " ORDER BY 19# ",
            "SELECT load_file('/x')",
            "') or true--",
            " OR a=b-- ",
            " HAVING 1=1#",
            "x'-a--",
            "x' and f(a)::b --",
        ] {
            assert_eq!(fragment(text.as_bytes()).verdict, Some(Certain), "{text}");
        }
        for text in [" ORDER BY 19", "select 1 from t", "1 or true", " HAVING 1=1", "( ( 1 OR 'b') )  --"] {
            assert_eq!(fragment(text.as_bytes()).verdict, Some(Doubtful), "{text}");
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
            assert_eq!(fragment(text.as_bytes()).verdict, None, "{text}");
        }
    }

    #[test]
    fn a_dash_after_a_quote_is_not_certain() {
        assert_ne!(fragment(b"the dogs' - a list --").verdict, Some(Certain));
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
            proptest::prop_assert_eq!(fragment(text.as_bytes()).verdict, Some(Certain), "{}", text);
        }

        #[test]
        fn sentences_are_left_alone(text in "[A-Z][a-z]{2,9}( [a-z]{3,9}| and| or| the| of| 1[0-9]?){0,8}[.?!]?") {
            proptest::prop_assert_ne!(fragment(text.as_bytes()).verdict, Some(Certain));
        }

        #[test]
        fn any_text_can_be_judged(text in "[ -~\\n]{0,80}") {
            fragment(text.as_bytes());
            query(&read(text.as_bytes(), 0));
        }
    }
}
