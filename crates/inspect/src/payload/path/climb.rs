//! How far up a path goes.

use crate::ascii::slice;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Climb {
    None,
    /// A few steps up, as people write them too.
    Some,
    /// Out of any folder it may be joined to, or up in a way that nobody writes who means it well.
    Out,
}

/// This many steps up are not a neighbouring folder any more.
const FAR: i32 = 3;

/// This many segments `.` have no purpose but to get past a filter or a limit.
const STANDING: usize = 4;

/// Judges what was read; `escaped` is the text as it was written if that is something else, `overlong` says that
/// characters in it were longer than they may be.
pub(super) fn judge(read: &[u8], overlong: bool, escaped: Option<&[u8]>) -> Climb {
    let hexed = hexed(read);
    let path = hexed.as_deref().unwrap_or(read);
    let steps = walk(path);
    if overlong {
        let climbs = steps.ups > 0 || steps.segments > 1 || memchr::memmem::find(path, b"..").is_some();
        return if climbs { Climb::Out } else { Climb::Some };
    }
    if steps.ups == 0 {
        return match steps.gaps {
            0 if steps.stays < STANDING => Climb::None,
            // Each dot more was a folder more on old systems; one segment of them may be an ellipsis.
            0 | 1 => Climb::Some,
            _ => Climb::Out,
        };
    }
    let disguised = hexed.is_some() || escaped.is_some_and(|written| walk(written).ups < steps.ups);
    if disguised || steps.odd || steps.lowest <= -FAR || (steps.rooted && steps.lowest < 0) {
        Climb::Out
    } else if steps.lowest < 0 && steps.segments > 1 {
        Climb::Some
    } else {
        Climb::None
    }
}

/// What the segments of a path do.
#[derive(Default)]
struct Steps {
    segments: usize,
    ups: usize,
    /// Segments that are `.`.
    stays: usize,
    /// Segments `...` with something after them.
    gaps: usize,
    depth: i32,
    /// The lowest depth on the way, from where the path starts.
    lowest: i32,
    /// Whether it begins at a root.
    rooted: bool,
    /// Whether steps up are written as no one needs to: `....//`, `..;/`, both kinds of slashes around one.
    odd: bool,
}

fn walk(path: &[u8]) -> Steps {
    let mut steps = Steps::default();
    let mut rest = path.trim_ascii();
    steps.rooted = rest.first().is_some_and(|&byte| is_slash(byte));
    let mut before = None;
    loop {
        let end = rest.iter().position(|&byte| is_slash(byte)).unwrap_or(rest.len());
        let after = rest.get(end).copied();
        let next = rest.get(end + 1).copied();
        steps.take(slice(rest, 0..end), before, after, next);
        if after.is_none() {
            return steps;
        }
        before = after;
        rest = slice(rest, end + 1..rest.len());
    }
}

impl Steps {
    fn take(&mut self, segment: &[u8], before: Option<u8>, after: Option<u8>, next: Option<u8>) {
        let mark = |byte: &u8| {
            *byte <= b' ' || matches!(byte, b'"' | b'\'' | b'`' | b'%' | b'?' | b'=' | b'<' | b'>')
        };
        let from = segment.iter().position(|byte| !mark(byte)).unwrap_or(segment.len());
        let to = segment.iter().rposition(|byte| !mark(byte)).map_or(from, |last| last + 1);
        let name = slice(segment, from..to);
        // Where `?` stands for any character.
        if matches!(segment, [b'.', b'?'] | [b'?', b'.'] | [b'?', b'?']) {
            self.up();
            self.odd |= self.ups > 1;
            return;
        }
        let dots = name.iter().take_while(|byte| **byte == b'.').count();
        let tail = slice(name, dots..name.len());
        match (dots, tail) {
            (0, []) => return,
            (1, []) => self.stays += 1,
            (3, []) if after.is_some() && !next.is_some_and(is_slash) => self.gaps += 1,
            (2, [] | [b';', ..]) => {
                self.up();
                let mixed = matches!((before, after), (Some(a), Some(b)) if a != b)
                    || matches!((after, next), (Some(a), Some(b)) if is_slash(b) && (a == b'\\' || a != b || b == b'/'));
                self.odd |= mixed || !tail.is_empty() || (from > 0 && before.is_some());
            }
            // What is left of `....//` once `../` was cut out.
            (3.., []) if after.is_some() && (dots > 3 || next.is_some_and(is_slash)) => {
                self.up();
                self.odd = true;
            }
            _ => {
                self.segments += 1;
                self.depth += 1;
                return;
            }
        }
        self.segments += 1;
    }

    fn up(&mut self) {
        self.ups += 1;
        self.depth -= 1;
        self.lowest = self.lowest.min(self.depth);
    }
}

fn is_slash(byte: u8) -> bool {
    matches!(byte, b'/' | b'\\')
}

/// Dots and slashes written as `0x2e`, and `..2f` of which a filter took the percent sign, put back; `None` if there
/// are none.
fn hexed(path: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    let mut changed = false;
    let mut at = 0;
    while let Some(&byte) = path.get(at) {
        let rest = slice(path, at..path.len());
        let (put, length) = match rest {
            [b'0', b'x' | b'X', b'2', b'e' | b'E', ..] => (b'.', 4),
            [b'0', b'x' | b'X', b'2', b'f' | b'F', ..] => (b'/', 4),
            [b'0', b'x' | b'X', b'5', b'c' | b'C', ..] => (b'\\', 4),
            [b'2', b'f' | b'F', ..] if plain.ends_with(b"..") => (b'/', 2),
            [b'5', b'c' | b'C', ..] if plain.ends_with(b"..") => (b'\\', 2),
            _ => (byte, 1),
        };
        changed |= length > 1;
        plain.push(put);
        at += length;
    }
    changed.then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::reading::read;

    fn climb(text: &str) -> Climb {
        let reading = read(text.as_bytes());
        let written = (reading.bytes != text.as_bytes()).then_some(text.as_bytes());
        judge(&reading.bytes, reading.overlong, written)
    }

    #[test]
    fn ways_out_are_seen_however_they_are_written() {
        for text in [
            "../../../etc/passwd",
            "..\\..\\..\\boot.ini",
            "/../x",
            "a/../../../../x",
            "%2e%2e/x",
            "..%252fx",
            "%c0%ae%c0%ae/x",
            "....//....//x",
            "..;/x",
            "..//..//x",
            "..\\/x",
            "..0x2fx/y",
            "..2f..2fetc",
            "‥/x",
            "/..../..../x",
        ] {
            let read = if text.starts_with('‥') { climb("%u2025/x") } else { climb(text) };
            assert_eq!(read, Climb::Out, "{text}");
        }
    }

    #[test]
    fn neighbours_are_only_doubtful_and_ordinary_paths_nothing() {
        for text in ["../src/lib.rs", "../../notes.md"] {
            assert_eq!(climb(text), Climb::Some, "{text}");
        }
        for text in [
            "..",
            ".",
            "./src/..",
            "src/../lib.rs",
            "./...",
            "a...b/c",
            "v1..v2",
            "file..txt",
            "/home/me/.config/x",
            "https://example.com/a/b",
            "wait... what/which",
            "C:\\Users\\me\\a.txt",
            "50%/100%",
            "und/oder",
        ] {
            assert_eq!(climb(text), Climb::None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn paths_downwards_are_never_found(path in "/?[a-zA-Z0-9_ -]{1,12}(/[a-zA-Z0-9_][a-zA-Z0-9_. -]{0,12}){0,6}") {
            proptest::prop_assert_eq!(climb(&path), Climb::None);
        }

        #[test]
        fn escaped_steps_up_are_found(up in 1_usize..6, rounds in 1_usize..4, down in "[a-z]{1,8}", back in proptest::bool::ANY) {
            let step = if back { "..\\" } else { "../" };
            let mut path = format!("{}{down}", step.repeat(up)).into_bytes();
            for _ in 0..rounds {
                path = path.iter().flat_map(|byte| format!("%{byte:02X}").into_bytes()).collect();
            }
            proptest::prop_assert_eq!(climb(&String::from_utf8_lossy(&path)), Climb::Out);
        }

        #[test]
        fn any_text_can_be_judged(text in ".{0,80}") {
            climb(&text);
        }
    }
}
