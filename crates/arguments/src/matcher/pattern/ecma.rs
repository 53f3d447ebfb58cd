//! Rust's regular expressions in the dialect of JSON Schema: only what both read alike is written.

use std::fmt::Write as _;

use regex_syntax::{
    ParserBuilder,
    hir::{Class, ClassUnicode, Hir, HirKind, Look, Repetition},
};

/// Longest expression that is told to a model.
const LONGEST: usize = 400;

pub(super) fn expression(rust: &str) -> Option<String> {
    let hir = parse(rust)?;
    let mut out = String::new();
    write(&hir, &mut out)?;
    Some(out)
}

pub(super) fn parse(rust: &str) -> Option<Hir> {
    ParserBuilder::new().nest_limit(64).build().parse(rust).ok()
}

fn write(hir: &Hir, out: &mut String) -> Option<()> {
    if out.len() > LONGEST {
        return None;
    }
    match hir.kind() {
        HirKind::Empty => out.push_str("(?:)"),
        HirKind::Literal(literal) => {
            for c in std::str::from_utf8(&literal.0).ok()?.chars() {
                character(c, out);
            }
        }
        HirKind::Class(Class::Unicode(class)) => write_class(class, out)?,
        HirKind::Class(Class::Bytes(class)) => {
            write_class(&class.to_unicode_class()?, out)?;
        }
        HirKind::Look(Look::Start) => out.push('^'),
        HirKind::Look(Look::End) => out.push('$'),
        HirKind::Look(_) => return None,
        HirKind::Repetition(repetition) => repeat(repetition, out)?,
        HirKind::Capture(capture) => write(&capture.sub, out)?,
        HirKind::Concat(parts) => {
            for part in parts {
                group(part, matches!(part.kind(), HirKind::Alternation(_)), out)?;
            }
        }
        HirKind::Alternation(alternatives) => {
            for (index, alternative) in alternatives.iter().enumerate() {
                if index > 0 {
                    out.push('|');
                }
                write(alternative, out)?;
            }
        }
    }
    (out.len() <= LONGEST).then_some(())
}

fn group(hir: &Hir, needed: bool, out: &mut String) -> Option<()> {
    // What a capture holds is written in its place.
    let capture = matches!(hir.kind(), HirKind::Capture(_));
    if !needed && !capture {
        return write(hir, out);
    }
    out.push_str("(?:");
    write(hir, out)?;
    out.push(')');
    Some(())
}

fn repeat(repetition: &Repetition, out: &mut String) -> Option<()> {
    let alone = match repetition.sub.kind() {
        HirKind::Class(_) => true,
        HirKind::Literal(literal) => {
            std::str::from_utf8(&literal.0).is_ok_and(|text| text.chars().count() == 1)
        }
        _ => false,
    };
    group(&repetition.sub, !alone, out)?;
    match (repetition.min, repetition.max) {
        (0, None) => out.push('*'),
        (1, None) => out.push('+'),
        (0, Some(1)) => out.push('?'),
        (min, None) => write!(out, "{{{min},}}").ok()?,
        (min, Some(max)) if min == max => write!(out, "{{{min}}}").ok()?,
        (min, Some(max)) => write!(out, "{{{min},{max}}}").ok()?,
    }
    // Whether it takes much or little first changes nothing in what matches.
    Some(())
}

fn write_class(class: &ClassUnicode, out: &mut String) -> Option<()> {
    let mut negated = class.clone();
    negated.negate();
    if class.ranges().is_empty() {
        return None;
    }
    if negated.ranges().is_empty() {
        out.push_str(r"[\s\S]");
        return Some(());
    }
    let (class, sign) = match negated.ranges().len() < class.ranges().len() {
        true => (&negated, "^"),
        false => (class, ""),
    };
    write!(out, "[{sign}").ok()?;
    for range in class.ranges() {
        // Without the flag `u` such a character would be two.
        if range.end() > '\u{FFFF}' {
            return None;
        }
        character(range.start(), out);
        if range.end() > range.start() {
            out.push('-');
            character(range.end(), out);
        }
        if out.len() > LONGEST {
            return None;
        }
    }
    out.push(']');
    Some(())
}

fn character(c: char, out: &mut String) {
    match c {
        '\\' | '^' | '$' | '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '/' => {
            out.push('\\');
            out.push(c);
        }
        // Outside of classes it needs no escape, and with the flag `u` may have none.
        '-' => out.push_str(r"\x2d"),
        c if c.is_control() && u32::from(c) < 0x100 => {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\x{:02x}", u32::from(c));
        }
        c => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_written_in_the_syntax_both_read_alike() {
        for (rust, ecma) in [
            (r"\A(?:a|b)\z", Some("^[a-b]$")),
            (r"\A(?:(?:/srv/a\-b(?s:.*)))\z", Some(r"^\/srv\/a\x2db[\s\S]*$")),
            (r"\A(?:[^/]*\.rs|x{2,3}?)\z", Some(r"^(?:[^\/]*\.rs|x{2,3})$")),
            (r"\A(?:(?P<n>ab)+)\z", Some("^(?:ab)+$")),
            (r"\A(?i:k)\z", Some("^[Kk\u{212A}]$")),
            (r"\A\d\z", None),
            (r"\A\bx\z", None),
            (r"\A[😀-😂]\z", None),
            (r"\A.\z", Some(r"^[^\x0a]$")),
        ] {
            assert_eq!(expression(rust).as_deref(), ecma, "{rust}");
        }
    }
}
