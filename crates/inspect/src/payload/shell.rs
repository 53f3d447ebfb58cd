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

use std::ops::Range;

use super::{Argument, Payload, reading};
use crate::ascii::slice;
use crate::pack::Where;
use bare::is_command;
use chained::after;
use redirect::redirect;
use separator::next_separator;
use smuggled::smuggled_line;
use word::word;

/// Longer texts are looked at up to here, in bytes.
const LONGEST: usize = 256 * 1024;

pub(super) fn scan(argument: &mut Argument<'_>) {
    let text = argument.bytes();
    let text = slice(text, 0..text.len().min(LONGEST));
    if argument.kind == Where::Query {
        return;
    }
    let reading = reading::read(text);
    let line = &*reading.bytes;
    let encoded = line != text;
    let mut worst: Option<(Payload, Range<usize>)> = None;
    let mut note = |found: Option<(Verdict, Range<usize>)>| {
        let Some((verdict, span)) = found else { return };
        let payload = match verdict {
            Verdict::Certain => Payload::Injection,
            Verdict::Doubtful => Payload::SuspectedInjection,
        };
        if worst.as_ref().is_none_or(|(known, _)| payload == Payload::Injection && *known != payload) {
            worst = Some((payload, span));
        }
    };
    if argument.kind == Where::Command {
        if let Some(span) = disguised(line) {
            argument.report(Payload::ObfuscatedCommand, if encoded { 0..text.len() } else { span });
        }
        return;
    }
    let mut at = 0;
    while let Some(separator) = next_separator(line, at) {
        note(after(line, &separator, encoded));
        at = separator.span.end;
    }
    note(redirect(line));
    if let Some((payload, span)) = worst {
        argument.report(payload, if encoded { 0..argument.text.len() } else { span });
        return;
    }
    if is_command(line) {
        argument.report_all(Payload::BareCommand);
    }
    if let Some(span) = smuggled_line(line) {
        argument.report(Payload::SmuggledLine, if encoded { 0..argument.text.len() } else { span });
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Doubtful,
    Certain,
}

/// In a command: where a program's name is written so that only a shell reads it.
fn disguised(line: &[u8]) -> Option<Range<usize>> {
    let mut at = 0;
    let mut first = true;
    loop {
        let start = if first { 0 } else { next_separator(line, at)?.span.end };
        first = false;
        if let Some(word) = word(line, start)
            && word.disguised
            && word.program().is_some()
        {
            return Some(word.span);
        }
        at = start;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worst(text: &str) -> Option<Verdict> {
        let reading = reading::read(text.as_bytes());
        let line = &*reading.bytes;
        let encoded = line != text.as_bytes();
        let mut verdicts = Vec::new();
        let mut at = 0;
        while let Some(separator) = next_separator(line, at) {
            verdicts.extend(after(line, &separator, encoded));
            at = separator.span.end;
        }
        verdicts.extend(redirect(line));
        let certain = verdicts.iter().any(|(verdict, _)| *verdict == Verdict::Certain);
        if certain { Some(Verdict::Certain) } else { verdicts.first().map(|(verdict, _)| *verdict) }
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
