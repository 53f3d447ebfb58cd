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
