//! Tokens that are a public prefix and a body in a known alphabet, as their
//! issuers document them.

use super::Scan;
use super::context::contains;
use crate::ascii::{byte, counts, is_alnum, is_base64, is_base64url, is_varied, opens, run_end, slice};
use crate::catalogue::Builtin;

/// End of a body of `least..=most` bytes of `class` that begins at `at` and is
/// no placeholder. Where `most` is large, the caller lets no byte of `class`
/// stand before the prefix, or a row of prefixes would be read over and over.
pub(super) fn body(
    text: &[u8],
    at: usize,
    class: impl Fn(u8) -> bool,
    least: usize,
    most: usize,
) -> Option<usize> {
    let end = run_end(slice(text, 0..text.len().min(at + most + 1)), at, class);
    let fits = (least..=most).contains(&(end - at));
    let value = slice(text, at..end);
    (fits && is_varied(value) && !counts(value)).then_some(end)
}

/// `AIza` and 35 characters.
pub(super) fn google_api_key(scan: &mut Scan<'_>, at: usize) {
    let end = at + "AIza".len() + 35;
    let key = slice(scan.text, at..end);
    let whole = !key.is_empty() && key.iter().all(|&b| is_base64url(b)) && !is_alnum(byte(scan.text, end));
    if whole && is_varied(key) && opens(scan.text, at, is_alnum) {
        scan.report(Builtin::GoogleKey, at..end, 97);
    }
}

/// OAuth 2.0 access tokens: `ya29.` and a body of varying length.
pub(super) fn google_access_token(scan: &mut Scan<'_>, at: usize) {
    let class = |byte| is_base64url(byte) || byte == b'.';
    simple(scan, at, "ya29.", Builtin::GoogleKey, class, 20, 4096);
}

/// OAuth 2.0 client secrets: `GOCSPX-` and 28 characters.
pub(super) fn google_client_secret(scan: &mut Scan<'_>, at: usize) {
    simple(scan, at, "GOCSPX-", Builtin::GoogleKey, is_base64url, 28, 28);
}

/// Secret and restricted keys, live and test: 24 characters in old keys, about
/// a hundred in new ones.
pub(super) fn stripe_key(scan: &mut Scan<'_>, at: usize) {
    simple(scan, at, "sk_live_", Builtin::StripeKey, is_alnum, 16, 255);
}

/// Webhook signing secrets.
pub(super) fn stripe_webhook(scan: &mut Scan<'_>, at: usize) {
    simple(scan, at, "whsec_", Builtin::StripeKey, is_base64, 24, 255);
}

/// `npm_` and 36 characters.
pub(super) fn npm(scan: &mut Scan<'_>, at: usize) {
    simple(scan, at, "npm_", Builtin::NpmToken, is_alnum, 36, 36);
}

/// A macaroon: base64url of a location packet, hence the fixed beginning.
pub(super) fn pypi(scan: &mut Scan<'_>, at: usize) {
    simple(scan, at, "pypi-", Builtin::PypiToken, is_base64url, 50, 4096);
}

fn simple(
    scan: &mut Scan<'_>,
    at: usize,
    prefix: &str,
    builtin: Builtin,
    class: impl Fn(u8) -> bool,
    least: usize,
    most: usize,
) {
    let joining = |byte| is_alnum(byte) || (most > 255 && class(byte));
    if !opens(scan.text, at, joining) {
        return;
    }
    if let Some(end) = body(scan.text, at + prefix.len(), &class, least, most) {
        scan.report(builtin, at..end, 97);
    }
}

/// Where OpenAI keys carry their issuer's name, in base64.
const OPENAI_MARK: &[u8] = b"T3BlbkFJ";

/// `sk-ant-…` is Anthropic's; `sk-proj-…`, `sk-svcacct-…`, `sk-admin-…` and
/// `sk-` followed by one long word are OpenAI's. Many vendors with a compatible
/// interface use the last form, shorter: it is reported with less confidence.
pub(super) fn sk_key(scan: &mut Scan<'_>, at: usize) {
    if !opens(scan.text, at, is_base64url) {
        return;
    }
    let from = at + "sk-".len();
    let end = run_end(scan.text, from, is_base64url);
    let key = slice(scan.text, from..end);
    if !is_varied(key) {
        return;
    }
    if key.starts_with(b"ant-") {
        if key.len() >= 32 && key.iter().any(u8::is_ascii_digit) {
            scan.report(Builtin::AnthropicKey, at..end, 97);
        }
        return;
    }
    let named = [&b"proj-"[..], b"svcacct-", b"admin-", b"None-"].iter().any(|kind| key.starts_with(kind));
    let percent = if key.len() >= 40 && memchr::memmem::find(key, OPENAI_MARK).is_some() {
        99
    } else if named && key.len() >= 40 && key.iter().any(u8::is_ascii_digit) {
        95
    } else if !key.iter().all(|&byte| is_alnum(byte)) {
        return;
    } else if key.len() >= 48 {
        90
    } else if key.len() >= 32 && !contains(key, "xxxx") {
        80
    } else {
        return;
    };
    scan.report(Builtin::OpenaiKey, at..end, percent);
}
