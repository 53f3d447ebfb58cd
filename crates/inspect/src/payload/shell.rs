//! Commands smuggled into arguments that are no commands: what a shell would run if a server put the argument into its
//! command line.

mod programs;
mod word;

use std::ops::Range;

use super::{Argument, Payload, reading};
use crate::ascii::{before, byte, run_end, slice};
use crate::pack::Where;
use programs::Known;
use word::{Word, word};

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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// `;`, `|`, `&` and doubles of them.
    Chain,
    /// A line break.
    Line,
    /// `$(`, `<(`, `>(`: what is inside is run first.
    Substitution,
    /// A backtick.
    Backtick,
    /// `{` of a brace expansion.
    Brace,
    /// `() {`: a function definition, as older shells take them from their environment.
    Function,
}

struct Separator {
    kind: Kind,
    span: Range<usize>,
}

fn next_separator(line: &[u8], from: usize) -> Option<Separator> {
    let is = |byte: u8| matches!(byte, b';' | b'|' | b'&' | b'\n' | b'\r' | b'`' | b'(' | b'{' | b'\\');
    let mut at = from;
    loop {
        at = run_end(line, at, |byte| !is(byte));
        let (kind, length) = match (byte(line, at), before(line, at, 1), byte(line, at + 1)) {
            (0, ..) if at >= line.len() => return None,
            (b';' | b'|' | b'&', _, _) => (
                Kind::Chain,
                run_end(slice(line, 0..line.len().min(at + 3)), at, |byte| {
                    matches!(byte, b';' | b'|' | b'&')
                }) - at,
            ),
            (b'\n' | b'\r', ..) => (Kind::Line, 1),
            // What is written as an escape may be read as one.
            (b'\\', before, b'n') if !before.is_ascii_alphanumeric() && before != b':' && before != b'\\' => {
                (Kind::Line, 2)
            }
            (b'`', ..) => (Kind::Backtick, 1),
            (b'(', b'$' | b'<' | b'>', next) if next != b'(' => (Kind::Substitution, 1),
            (b'(', _, b')') if byte(line, run_end(line, at + 2, |byte| byte == b' ').min(at + 6)) == b'{' => {
                (Kind::Function, 2)
            }
            (b'{', ..) => (Kind::Brace, 1),
            _ => {
                at += 1;
                continue;
            }
        };
        return Some(Separator { kind, span: at..at + length });
    }
}

/// What the shell would run after a separator.
fn after(line: &[u8], separator: &Separator, encoded: bool) -> Option<(Verdict, Range<usize>)> {
    let start = separator.span.start;
    let end = separator.span.end;
    match separator.kind {
        Kind::Function => {
            let body = slice(line, end..line.len().min(end + 40));
            let shock = memchr::memchr(b'}', body)
                .is_some_and(|close| memchr::memchr(b';', slice(body, close..body.len())).is_some());
            return shock.then_some((Verdict::Certain, start..line.len().min(end + 40)));
        }
        Kind::Brace => return brace(line, start),
        _ => {}
    }
    let word = word(line, end)?;
    let span = start..word.span.end;
    let known = word.program()?;
    let args = args(line, word.span.end);
    let certain = match separator.kind {
        // Prose and Markdown put names between backticks.
        Kind::Backtick => {
            let closes =
                memchr::memchr(b'`', slice(line, word.span.end..line.len().min(word.span.end + 400)))
                    .is_some();
            if !closes {
                return None;
            }
            let prose = slice(line, start.saturating_sub(64)..start)
                .iter()
                .filter(|byte| byte.is_ascii_whitespace())
                .count()
                > 2;
            !prose
        }
        Kind::Substitution => true,
        _ if word.disguised => true,
        _ if args == Args::Hard => {
            known == Known::Program || word.rooted || separator.span.len() > 1 || encoded
        }
        _ if word.rooted => true,
        Kind::Chain if known == Known::Program && args == Args::None => {
            // `curl|wget` is a pattern to search for as well.
            let tight = byte(line, start) == b'|' && before(line, start, 1).is_ascii_alphanumeric();
            let query = byte(line, start) == b'&'
                && separator.span.len() == 1
                && slice(line, start.saturating_sub(64)..line.len().min(start + 64)).contains(&b'=');
            let entity = byte(line, start) == b'&' && byte(line, word.span.end) == b';';
            if entity {
                return None;
            }
            !tight && !query
        }
        Kind::Chain | Kind::Line => {
            let entity = byte(line, start) == b'&'
                && (byte(line, word.span.end) == b';' || before(line, start, 1).is_ascii_alphanumeric());
            // Words of English are not commands for what follows in prose.
            if entity || (known == Known::Word && args == Args::Soft) {
                return None;
            }
            false
        }
        Kind::Brace | Kind::Function => false,
    };
    Some((if certain { Verdict::Certain } else { Verdict::Doubtful }, span))
}

/// `{cat,/etc/hosts}`: words of a command without blanks.
fn brace(line: &[u8], start: usize) -> Option<(Verdict, Range<usize>)> {
    let body = slice(line, start + 1..line.len().min(start + 200));
    let close = memchr::memchr(b'}', body)?;
    let body = slice(body, 0..close);
    if !body.contains(&b',')
        || body.contains(&b':') && body.contains(&b'"')
        || body.iter().any(u8::is_ascii_whitespace)
    {
        return None;
    }
    let span = start..start + close + 2;
    let (lead, tail) = (before(line, start, 1), byte(line, start + close + 2));
    let glued = lead.is_ascii_alphanumeric()
        || (tail.is_ascii_alphanumeric() && matches!(lead, 0 | b' ' | b';' | b'|' | b'&'));
    // `*.{sh,py}` is a pattern for names of files.
    let argument = |item: &[u8]| {
        item.is_empty() || item.iter().any(|byte| matches!(byte, b'/' | b'-' | b':' | b'\\' | b'$'))
    };
    let runs = !glued
        && matches!(lead, 0..=b' ' | b';' | b'|' | b'&' | b'(' | b'`' | b'=' | b'"' | b'\'')
        && body.split(|byte| *byte == b',').any(argument);
    let first = body.split(|byte| *byte == b',').find(|item| !item.is_empty())?;
    let known = word(first, 0).is_some_and(|word| word.program().is_some());
    let spelt = || {
        // `c{a,oun}t`: each way of filling the gap is a word.
        let lead = line
            .get(..start)
            .map(|lead| lead.iter().rposition(|byte| !byte.is_ascii_alphanumeric()).map_or(0, |at| at + 1))
            .unwrap_or(start);
        let tail = run_end(line, start + close + 2, |byte| byte.is_ascii_alphanumeric());
        body.split(|byte| *byte == b',').any(|item| {
            let whole = [slice(line, lead..start), item, slice(line, start + close + 2..tail)].concat();
            programs::known(&whole).is_some()
        })
    };
    ((known && runs) || (glued && spelt())).then_some((Verdict::Certain, span))
}

/// `/dev/tcp/`, `2>&1`, `<<<`, and output into a folder of the system.
fn redirect(line: &[u8]) -> Option<(Verdict, Range<usize>)> {
    let find = |needle: &[u8]| memchr::memmem::find(line, needle).map(|at| at..at + needle.len());
    if let Some(span) =
        find(b"/dev/tcp/").or_else(|| find(b"/dev/udp/")).or_else(|| find(b"$IFS")).or_else(|| find(b"${IFS"))
    {
        return Some((Verdict::Certain, span));
    }
    if let Some(span) = find(b"<<<") {
        let lead = slice(line, span.start.saturating_sub(24)..span.start);
        let name = lead
            .iter()
            .rposition(|byte| !byte.is_ascii_alphanumeric() && *byte != b'.')
            .map_or(0, |at| at + 1);
        if programs::known(slice(lead, name..lead.len())).is_some() {
            return Some((Verdict::Certain, span));
        }
    }
    let at = memchr::memchr(b'>', line)?;
    let target = run_end(line, at + 1, |byte| matches!(byte, b'>' | b' ' | b'&'));
    let rest = slice(line, target..line.len());
    let system = [&b"/tmp/"[..], b"/dev/", b"/etc/", b"/var/", b"/root/", b"/home/", b"~/."];
    let into = system.iter().any(|folder| rest.starts_with(folder) && rest.len() > folder.len());
    into.then_some((Verdict::Doubtful, at..target))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Args {
    None,
    /// Plain words, as prose has them.
    Soft,
    /// Options, paths, addresses, numbers: what commands take.
    Hard,
}

/// What follows a command's name.
fn args(line: &[u8], from: usize) -> Args {
    let start = run_end(slice(line, 0..line.len().min(from + 64)), from, |byte| matches!(byte, b' ' | b'\t'));
    let next = byte(line, start);
    if next == 0
        || matches!(
            next,
            b';' | b'|' | b'&' | b'\n' | b'\r' | b'`' | b')' | b'\'' | b'"' | b'#' | b'}' | b'>' | b'<'
        )
    {
        let quoted = matches!(next, b'\'' | b'"')
            && start > from
            && line.get(start + 1).is_some_and(u8::is_ascii_graphic);
        let redirected = matches!(next, b'>' | b'<');
        return if quoted || redirected { Args::Hard } else { Args::None };
    }
    if start == from {
        // `id\n` and `ls$IFS` end the word as well.
        return if matches!(next, b'\\' | b'$') { Args::Hard } else { Args::Soft };
    }
    let window = slice(line, start..line.len().min(start + 200));
    let end = window
        .iter()
        .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b';' | b'|' | b'`'))
        .unwrap_or(window.len());
    let first = slice(window, 0..end);
    let hard = match first {
        [b'-', letter, ..] => letter.is_ascii_alphanumeric() || *letter == b'-',
        [b'/', rest @ ..] => rest.first().is_none_or(u8::is_ascii_alphanumeric),
        [b'~' | b'$' | b'*' | b'.' | b'%' | b'@' | b'{' | b'\\', ..] => true,
        [digit, ..] if digit.is_ascii_digit() => true,
        other => {
            let inner = |byte: &u8| matches!(byte, b'/' | b'\\' | b'=' | b'$' | b'*' | b':');
            let inside = other.iter().rposition(|byte| byte.is_ascii_alphanumeric()).unwrap_or(0);
            slice(other, 0..inside).iter().any(|byte| inner(byte) || *byte == b'.')
        }
    };
    if hard { Args::Hard } else { Args::Soft }
}

/// Whether the whole text is a command line, although none belongs there.
fn is_command(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let Some(first) = word(line, 0) else { return false };
    if first.span.start > 1 {
        return false;
    }
    match (first.program(), args(line, first.span.end)) {
        (Some(_), Args::Hard) => {
            line.len() < 4096 && (first.rooted || first.pair || is_uncapitalised(line, &first))
        }
        // A single word tells only where nobody says it but to look around.
        (Some(Known::Program), Args::None) => {
            let ends = matches!(byte(line, first.span.end), 0 | b';' | b'|' | b'&');
            first.disguised || first.pair || (ends && first.looks_around())
        }
        (Some(_), _) => first.disguised || first.pair,
        (None, _) => false,
    }
}

/// Names of commands are not capitalised as words at the beginning of a sentence are.
fn is_uncapitalised(line: &[u8], word: &Word) -> bool {
    let written = slice(line, word.span.clone());
    let mut letters = written.iter().filter(|byte| byte.is_ascii_alphabetic());
    let first = letters.next().is_some_and(u8::is_ascii_uppercase);
    !first || letters.any(u8::is_ascii_uppercase)
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

/// Requests of line protocols, after a line break: mail (RFC 5321, RFC 9051, RFC 1939) and headers (RFC 9112 §5).
fn smuggled_line(line: &[u8]) -> Option<Range<usize>> {
    const VERBS: [&str; 30] = [
        "ehlo ",
        "helo ",
        "mail from:",
        "rcpt to:",
        "auth ",
        "vrfy ",
        "expn ",
        "starttls",
        "apop ",
        "user ",
        "pass ",
        "retr ",
        "dele ",
        "list ",
        "uidl",
        "top ",
        "stat",
        "noop",
        "rset",
        "capability",
        "select ",
        "fetch ",
        "login ",
        "quit",
        "content-length:",
        "content-type:",
        "set-cookie:",
        "location:",
        "transfer-encoding:",
        "http/1.",
    ];
    let mut from = 0;
    while let Some(found) = memchr::memchr2(b'\r', b'\n', slice(line, from..line.len())) {
        let at = from + found;
        let start = run_end(line, at, |byte| matches!(byte, b'\r' | b'\n'));
        let rest = slice(line, start..line.len().min(start + 20)).to_ascii_lowercase();
        let returns = slice(line, at..start).contains(&b'\r');
        // Commands of IMAP have a tag before them.
        let tag = rest
            .iter()
            .position(|byte| *byte == b' ')
            .filter(|end| *end < 6 && rest.iter().take(*end).any(u8::is_ascii_digit));
        let rest = tag.map_or(&*rest, |end| slice(&rest, end + 1..rest.len()));
        if returns && VERBS.iter().any(|verb| rest.starts_with(verb.as_bytes())) {
            return Some(at..start + rest.len());
        }
        from = start;
    }
    None
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
