use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};

const PREFIX: &str = "=?base64?";
const SUFFIX: &str = "?=";

/// The text as a header value (MCP 2026-07-28 basic/transports §Value Encoding): as it is, or in base64 between markers
/// when it is empty, has anything but visible ASCII and spaces inside, or looks marked itself.
pub fn encode(text: &str) -> Cow<'_, str> {
    let visible = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let kept = !text.is_empty() && !text.starts_with(' ') && !text.ends_with(' ');
    if visible && kept && !is_marked(text) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{PREFIX}{}{SUFFIX}", STANDARD.encode(text)))
}

/// The text a header value stands for; `None` if it is marked as base64 and is none (RFC 4648 §4, with its padding and
/// without stray bits), or not of UTF-8.
pub fn decode(value: &str) -> Option<Cow<'_, str>> {
    if !is_marked(value) {
        return Some(Cow::Borrowed(value));
    }
    // The two markers of `=?base64?=` share a question mark: some readers take it for the empty text, some for itself.
    let inner = value.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    let text = String::from_utf8(STANDARD.decode(inner).ok()?).ok()?;
    Some(Cow::Owned(text))
}

fn is_marked(text: &str) -> bool {
    text.starts_with(PREFIX) && text.ends_with(SUFFIX)
}
