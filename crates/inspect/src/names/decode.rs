use std::borrow::Cow;

/// Replaces every `%XX` by its byte, once, from left to right (RFC 3986 §2.1).
pub(super) fn percent_once(text: &str) -> Cow<'_, str> {
    decode(text, false)
}

/// Replaces `%XX` until none is left, so that `%252e` and `%%32e` both become `.`.
///
/// Replacements cannot overlap (an escape holds no second `%`), so every order ends in the same
/// text and one pass over a growing output finds it.
pub(super) fn percent_fully(text: &str) -> Cow<'_, str> {
    decode(text, true)
}

fn decode(text: &str, again: bool) -> Cow<'_, str> {
    if memchr::memchr(b'%', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    let mut input = text.as_bytes();
    let mut changed = false;
    if again {
        for &byte in input {
            out.push(byte);
            while let Some(decoded) = out.last_chunk::<3>().and_then(escape) {
                out.truncate(out.len() - 3);
                out.push(decoded);
                changed = true;
            }
        }
    } else {
        while let Some((&byte, rest)) = input.split_first() {
            match input.first_chunk::<3>().and_then(escape) {
                Some(decoded) => {
                    out.push(decoded);
                    input = input.get(3..).unwrap_or_default();
                    changed = true;
                }
                None => {
                    out.push(byte);
                    input = rest;
                }
            }
        }
    }
    if changed { Cow::Owned(into_text(out)) } else { Cow::Borrowed(text) }
}

fn escape(bytes: &[u8; 3]) -> Option<u8> {
    let [b'%', high, low] = bytes else { return None };
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

/// Reads bytes as UTF-8 the way a careless decoder does: overlong forms of ASCII (`C0 AE` for `.`)
/// count as what they hide, other malformed bytes become U+FFFD.
fn into_text(bytes: Vec<u8>) -> String {
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return text,
        Err(error) => error.into_bytes(),
    };
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes.as_slice();
    while let Some((&first, tail)) = rest.split_first() {
        let (byte, length) = overlong_ascii(rest).unwrap_or((first, 1));
        plain.push(byte);
        rest = if length == 1 { tail } else { rest.get(length..).unwrap_or_default() };
    }
    String::from_utf8_lossy(&plain).into_owned()
}

fn overlong_ascii(bytes: &[u8]) -> Option<(u8, usize)> {
    let (high, low, length) = match *bytes {
        [high @ (0xC0 | 0xC1), low, ..] => (high, low, 2),
        [0xE0, high @ (0x80 | 0x81), low, ..] => (high, low, 3),
        [0xF0, 0x80, high @ (0x80 | 0x81), low, ..] => (high, low, 4),
        _ => return None,
    };
    matches!(low, 0x80..=0xBF).then_some(((high & 1) << 6 | low & 0x3F, length))
}
