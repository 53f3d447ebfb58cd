//! Commands smuggled into arguments that are no commands: what a shell would run if a server put the argument into its
//! command line.

mod arguments;
mod bare;
mod brace;
mod chained;
mod programs;
mod redirect;
mod separator;
mod smuggled;
mod word;
mod words;

use std::ops::Range;

use super::{Argument, Payload};
use crate::pack::Where;
use bare::is_command;
use chained::after;
use redirect::redirect;
use separator::next_separator;
use smuggled::smuggled_line;
use words::Words;

pub(super) fn scan(argument: &mut Argument<'_>) {
    let line = argument.read;
    match argument.kind {
        Where::Query => {}
        Where::Command => {
            if let Some(span) = disguised(line) {
                argument.report_read(Payload::ObfuscatedCommand, span);
            }
        }
        kind => {
            let stands = if kind == Where::Value { Stands::InText } else { Stands::Alone };
            match worst(line, argument.is_encoded(), stands) {
                Some((Verdict::Certain, span)) => argument.report_read(Payload::Injection, span),
                Some((Verdict::Doubtful, span)) => argument.report_read(Payload::SuspectedInjection, span),
                None => {
                    if is_command(line) {
                        argument.report_all(Payload::BareCommand);
                    }
                    if let Some(span) = smuggled_line(line) {
                        argument.report_read(Payload::SmuggledLine, span);
                    }
                }
            }
        }
    }
}

/// What a separator may stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    /// A value of any kind: words of a sentence may be around it.
    InText,
    /// A path, a host, an address.
    Alone,
}

/// The most certain of what the shell would run.
fn worst(line: &[u8], encoded: bool, stands: Stands) -> Option<(Verdict, Range<usize>)> {
    let mut worst: Option<(Verdict, Range<usize>)> = None;
    let mut words = Words::new(line);
    let mut at = 0;
    while let Some(separator) = next_separator(line, at) {
        at = separator.span.end;
        let next = words.after(at);
        let found = after(line, &separator, next, encoded, stands);
        if matches!(found, Some((Verdict::Certain, _))) {
            return found;
        }
        worst = worst.or(found);
    }
    match redirect(line) {
        found @ Some((Verdict::Certain, _)) => found,
        found => worst.or(found),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Doubtful,
    Certain,
}

/// In a command: where a program's name is written so that only a shell reads it.
fn disguised(line: &[u8]) -> Option<Range<usize>> {
    let mut words = Words::new(line);
    let mut start = 0;
    loop {
        if let Some((word, _)) = words.after(start)
            && word.disguised
            && word.program().is_some()
        {
            return Some(word.span.clone());
        }
        start = next_separator(line, start)?.span.end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::reading;

    fn worst(text: &str) -> Option<Verdict> {
        let reading = reading::read(text.as_bytes());
        let encoded = reading.bytes != text.as_bytes();
        super::worst(&reading.bytes, encoded, Stands::InText).map(|(verdict, _)| verdict)
    }

    #[test]
    fn no_sentence_stands_in_a_host_or_a_path() {
        let alone =
            |text: &str| super::worst(text.as_bytes(), false, Stands::Alone).map(|(verdict, _)| verdict);
        for text in
            ["; sleep 10", ";id;", "a);id", "& net view", "|| netsh firewall set opmode disable", "x `id`"]
        {
            assert_eq!(alone(text), Some(Verdict::Certain), "{text}");
        }
        for text in ["a|id", "?sort=name|date", "?a=1&id=2", "Rock & time", "R & D/plan; b.txt", "?a=&R$"] {
            assert_ne!(alone(text), Some(Verdict::Certain), "{text}");
        }
    }

    #[test]
    fn blanks_do_not_part_a_command_from_what_it_is_behind() {
        let pad = " ".repeat(1 << 20);
        for text in [
            format!("a;{pad}curl http://x.example/"),
            format!("a; curl{pad}http://x.example/"),
            format!("a`id{pad}`"),
        ] {
            assert_eq!(worst(&text), Some(Verdict::Certain));
        }
    }

    #[test]
    fn commands_are_seen_behind_whatever_separates_them() {
        for text in [
            "a; curl http://x.example/y",
            "a | bash -i",
            "a && whoami",
            "a || /usr/bin/id",
            "$(id)",
            "a`whoami`b",
            "x%0acat%20/etc/hosts",
            "{cat,/etc/hosts}",
            "() { :;}; echo x",
            ";c''at /etc/hosts",
            ";w\\ho\\ami",
            "a;/b??/c?t /etc/hosts",
            "cat<<<x",
            "a$IFS",
            ";c$@at x",
            "& powershell -enc AAAA",
            "x; nohup whoami",
            "|python3 -c 'x'",
        ] {
            assert_eq!(worst(text), Some(Verdict::Certain), "{text}");
        }
        for text in ["a;id", "; sleep 10", "|id|", "curl|wget"] {
            assert_eq!(worst(text), Some(Verdict::Doubtful), "{text}");
        }
    }

    #[test]
    fn prose_and_data_are_no_commands() {
        for text in [
            "rock & roll; more than that",
            "AT&T | Verizon",
            "a=1&id=5&sort=asc",
            "x &amp; y",
            "we stop here; find a way",
            "cats|dogs",
            "f(x) { return 1; }",
            "{\"a\":1,\"b\":2}",
            "Tom & Jerry",
            "call `parse` first",
            "time flies; time heals",
            "5 > 3 and 2 < 4",
            "Size: 8\"x11\"",
            "first\nsecond line of text",
            "smith; john",
            "C:\\new\\notes",
        ] {
            assert_eq!(worst(text), None, "{text}");
        }
    }

    #[test]
    fn whole_commands_are_told_from_words() {
        for text in [
            "whoami",
            "ls -l /var",
            "cat /etc/hosts",
            "net user x /add",
            "which curl",
            "time whoami",
            "'i'fconfig",
        ] {
            assert!(is_command(text.as_bytes()), "{text}");
        }
        for text in
            ["find my keys", "Who is it", "time is money", "date", "sort by name", "Find /usr", "paris"]
        {
            assert!(!is_command(text.as_bytes()), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_command_is_seen_after_any_word(lead in "[a-z0-9.]{0,10}", separator in "( ?; ?| && | ?\\|\\| ?)", name in "(wget|curl)") {
            let text = format!("{lead}{separator}{name} -q http://x.example/");
            proptest::prop_assert_eq!(worst(&text), Some(Verdict::Certain), "{}", text);
        }

        #[test]
        fn sentences_are_left_alone(text in "[A-Z][a-z]{2,9}( [a-z]{1,4}ing| [A-Z][a-z]{3,9}e?){0,8}[.!?]?") {
            proptest::prop_assert_eq!(worst(&text), None);
        }

        #[test]
        fn any_text_can_be_judged(text in "[ -~\\n]{0,80}") {
            worst(&text);
            is_command(text.as_bytes());
            disguised(text.as_bytes());
            smuggled_line(text.as_bytes());
        }
    }
}
