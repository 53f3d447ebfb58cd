//! Input and output that a shell sends elsewhere.

use std::ops::Range;

use super::{Verdict, programs};
use crate::ascii::{run_end, slice};

/// `/dev/tcp/`, `2>&1`, `<<<`, and output into a folder of the system.
pub(super) fn redirect(line: &[u8]) -> Option<(Verdict, Range<usize>)> {
    let find = |needle: &[u8]| memchr::memmem::find(line, needle).map(|at| at..at + needle.len());
    if let Some(span) =
        find(b"/dev/tcp/").or_else(|| find(b"/dev/udp/")).or_else(|| find(b"$IFS")).or_else(|| find(b"${IFS"))
    {
        return Some((Verdict::Certain, span));
    }
    let here = memchr::memmem::find_iter(line, b"<<<").find(|at| {
        let lead = slice(line, at.saturating_sub(24)..*at);
        let name = lead
            .iter()
            .rposition(|byte| !byte.is_ascii_alphanumeric() && *byte != b'.')
            .map_or(0, |at| at + 1);
        programs::known(slice(lead, name..lead.len())).is_some()
    });
    if let Some(at) = here {
        return Some((Verdict::Certain, at..at + 3));
    }
    let system = [&b"/tmp/"[..], b"/dev/", b"/etc/", b"/var/", b"/root/", b"/home/", b"~/."];
    let mut from = 0;
    while let Some(at) = memchr::memchr(b'>', slice(line, from..line.len())).map(|at| from + at) {
        let target = run_end(line, at + 1, |byte| matches!(byte, b'>' | b' ' | b'&'));
        let rest = slice(line, target..line.len());
        if system.iter().any(|folder| rest.starts_with(folder) && rest.len() > folder.len()) {
            return Some((Verdict::Doubtful, at..target));
        }
        from = target;
    }
    None
}
