//! Slack tokens and incoming webhooks.

use super::Scan;
use super::tokens::body;
use crate::ascii::{byte, is_alnum, is_base64url, is_varied, opens, run_end, slice};
use crate::catalogue::Builtin;
use crate::valid::is_worded;

/// Team, channel and secret of a webhook address.
const WEBHOOK_PATH: usize = 36;

/// `xoxb-…` and its kin; refreshed tokens put `xoxe.` or `xoxe-` in front.
pub(super) fn token(scan: &mut Scan<'_>, at: usize) {
    let text = scan.text;
    let mut from = at + "xox".len();
    if !opens(text, at, is_base64url) || !byte(text, from).is_ascii_lowercase() {
        return;
    }
    if slice(text, from..from + 5) == b"e.xox" {
        from += "e.xox".len();
    }
    if byte(text, from + 1) != b'-' {
        return;
    }
    // The cookie form is percent-encoded base64.
    let cookie = byte(text, from) == b'd';
    let class =
        |byte| is_alnum(byte) || byte == b'-' || (cookie && matches!(byte, b'%' | b'/' | b'+' | b'='));
    // Bot tokens have a workspace's number and a secret; those of the first years are shorter.
    let least = if byte(text, from) == b'b' { 20 } else { 10 };
    if let Some(end) = body(text, from + 2, class, least, 1024)
        && slice(text, from..end).iter().any(u8::is_ascii_digit)
        && !is_worded(slice(text, from + 2..end))
    {
        scan.report(Builtin::SlackToken, at..end, 97);
    }
}

/// App-level tokens, `xapp-1-A…`.
pub(super) fn app_token(scan: &mut Scan<'_>, at: usize) {
    let from = at + "xapp-".len();
    if !opens(scan.text, at, is_base64url) || !byte(scan.text, from).is_ascii_digit() {
        return;
    }
    if let Some(end) = body(scan.text, from, |byte| is_alnum(byte) || byte == b'-', 20, 1024) {
        scan.report(Builtin::SlackToken, at..end, 97);
    }
}

/// Incoming webhooks and workflow triggers: whoever knows the address can post.
pub(super) fn webhook(scan: &mut Scan<'_>, at: usize) {
    let text = scan.text;
    let from = at + "hooks.slack.com/".len();
    let kind = run_end(text, from, |byte| byte.is_ascii_lowercase());
    let known = [&b"services"[..], b"workflows", b"triggers"].contains(&slice(text, from..kind));
    if !known || !opens(text, at, is_alnum) {
        return;
    }
    let end = run_end(text, kind, |byte| is_base64url(byte) || byte == b'/');
    let path = slice(text, kind..end);
    if path.len() >= WEBHOOK_PATH && is_varied(path) && path.iter().any(u8::is_ascii_digit) {
        let lead = slice(text, 0..at);
        let scheme = ["https://", "http://"].iter().find(|scheme| lead.ends_with(scheme.as_bytes()));
        let start = at - scheme.map_or(0, |scheme| scheme.len());
        scan.report(Builtin::SlackToken, start..end, 97);
    }
}
