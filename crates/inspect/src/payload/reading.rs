//! What a server reads that decodes escapes as often as there are any, and takes sequences for characters that are none.

use std::borrow::Cow;

use crate::ascii::byte;

/// A text as the most lenient server reads it.
pub(super) struct Reading<'t> {
    pub(super) bytes: Cow<'t, [u8]>,
    /// Whether a character was written longer than UTF-8 allows (RFC 3629 §3), which no honest writer does.
    pub(super) overlong: bool,
}

impl<'t> Reading<'t> {
    /// A text in which nothing is escaped.
    pub(super) fn plain(text: &'t [u8]) -> Self {
        Self { bytes: Cow::Borrowed(text), overlong: false }
    }
}

/// Decodes `%41` and `%u0041` to a fixed point, then overlong sequences and the wide forms of dots and slashes.
pub(super) fn read(text: &[u8]) -> Reading<'_> {
    let mut bytes = unescape(text).map_or(Cow::Borrowed(text), Cow::Owned);
    // Twice escaped, and each part once more: left over where generators nest escapes.
    let mut overlong = memchr::memmem::find(text, b"%%32%%").is_some();
    if !bytes.is_ascii() {
        bytes = Cow::Owned(narrow(&bytes, &mut overlong));
    }
    Reading { bytes, overlong }
}

/// Percent-decoding to a fixed point; `None` if there is nothing to decode. What an escape leaves may end another one, so
/// the end of what was decoded is looked at again after each byte.
fn unescape(text: &[u8]) -> Option<Vec<u8>> {
    let first = memchr::memchr(b'%', text)?;
    let mut decoded = Vec::with_capacity(text.len());
    decoded.extend_from_slice(text.get(..first)?);
    let mut changed = false;
    for &next in text.get(first..)? {
        decoded.push(next);
        while let Some((start, escaped)) = escape_at_end(&decoded) {
            decoded.truncate(start);
            match escaped {
                Escaped::Byte(byte) => decoded.push(byte),
                Escaped::Char(char) => decoded.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
            }
            changed = true;
        }
    }
    changed.then_some(decoded)
}

/// What an escape stands for: two digits for a byte, four for a character.
enum Escaped {
    Byte(u8),
    Char(char),
}

/// Where the escape begins that the text ends with, and what it stands for.
fn escape_at_end(text: &[u8]) -> Option<(usize, Escaped)> {
    if !text.last()?.is_ascii_hexdigit() {
        return None;
    }
    let short = text.len().checked_sub(3)?;
    if byte(text, short) == b'%' {
        let value = hex(text, short + 1, 2).and_then(|value| u8::try_from(value).ok())?;
        return Some((short, Escaped::Byte(value)));
    }
    let long = text.len().checked_sub(6)?;
    if byte(text, long) != b'%' || byte(text, long + 1) | 0x20 != b'u' {
        return None;
    }
    let value = hex(text, long + 2, 4).and_then(char::from_u32)?;
    Some((long, Escaped::Char(value)))
}

fn hex(text: &[u8], from: usize, digits: usize) -> Option<u32> {
    let digits = text.get(from..from + digits)?;
    digits.iter().try_fold(0, |value, &digit| Some(value * 16 + char::from(digit).to_digit(16)?))
}

/// Characters that are read as a dot, a slash or a backslash where a code page has no better fit, and some that NFKC
/// makes such.
const WIDE: [(&str, &str); 12] = [
    ("\u{FF0E}", "."),
    ("\u{2024}", "."),
    ("\u{2025}", ".."),
    ("\u{2026}", "..."),
    ("\u{FF0F}", "/"),
    ("\u{2215}", "/"),
    ("\u{2044}", "/"),
    ("\u{F025}", "/"),
    ("\u{FF3C}", "\\"),
    ("\u{2216}", "\\"),
    ("\u{EFC8}", "\\"),
    ("\u{29F5}", "\\"),
];

fn narrow(text: &[u8], overlong: &mut bool) -> Vec<u8> {
    let mut narrowed = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&lead) = text.get(at) {
        let wide = match lead {
            0xE2 | 0xEE | 0xEF => WIDE
                .iter()
                .find(|(wide, _)| text.get(at..).is_some_and(|rest| rest.starts_with(wide.as_bytes()))),
            _ => None,
        };
        if let Some((wide, plain)) = wide {
            narrowed.extend_from_slice(plain.as_bytes());
            at += wide.len();
        } else if let Some((plain, length)) = long(text, at) {
            *overlong = true;
            narrowed.push(plain);
            at += length;
        } else {
            narrowed.push(lead);
            at += 1;
        }
    }
    narrowed
}

/// An ASCII character in two to six bytes, as lenient decoders read it: they look at the low six bits of what follows,
/// or skip the lead and take what follows as it is.
fn long(text: &[u8], at: usize) -> Option<(u8, usize)> {
    let tail = |number: usize| byte(text, at + number);
    let continues = |number: usize| (0x80..=0xBF).contains(&tail(number));
    let zeros = |count: usize| (1..=count).all(|number| tail(number) == 0x80);
    match byte(text, at) {
        lead @ (0xC0 | 0xC1) => {
            let low = (lead & 1) << 6 | (tail(1) & 0x3F);
            match tail(1) {
                0x80..=0xBF => Some((low, 2)),
                raw @ (b'.' | b'/' | b'\\' | b'%') => Some((raw, 2)),
                _ if matches!(low, b'.' | b'/' | b'\\') => Some((low, 2)),
                b'^' => Some((b'.', 2)),
                _ => None,
            }
        }
        0xE0 if (0x80..=0x81).contains(&tail(1)) && continues(2) => {
            Some(((tail(1) & 1) << 6 | (tail(2) & 0x3F), 3))
        }
        0xF0 if zeros(1) && (0x80..=0x81).contains(&tail(2)) => {
            Some(((tail(2) & 1) << 6 | (tail(3) & 0x3F), 4))
        }
        0xF8 if zeros(2) => Some(((tail(3) & 1) << 6 | (tail(4) & 0x3F), 5)),
        0xFC if zeros(3) => Some(((tail(4) & 1) << 6 | (tail(5) & 0x3F), 6)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> (String, bool) {
        let reading = read(text.as_bytes());
        (String::from_utf8_lossy(&reading.bytes).into_owned(), reading.overlong)
    }

    #[test]
    fn escapes_are_decoded_however_deep() {
        for text in ["../x", "%2e%2e%2fx", "%252e%252e%252fx", "%%32%65%%32%65%%32%66x", "%u002e%u002E/x"] {
            assert_eq!(all(text), ("../x".to_owned(), false), "{text}");
        }
        assert_eq!(all("100 % or %zz").0, "100 % or %zz");
    }

    #[test]
    fn overlong_and_wide_forms_are_narrowed() {
        for text in
            ["%c0%ae%c0%ae%c0%af", "%e0%80%ae%e0%80%ae%c1%9c", "%fc%80%80%80%80%ae%c0%2e/", "%25c0%25ae./"]
        {
            let (read, overlong) = all(text);
            assert!(overlong && read.replace('\\', "/") == "../", "{text}: {read}");
        }
        assert_eq!(all("%uff0e%uff0e%u2216"), ("..\\".to_owned(), false));
        assert_eq!(all("déjà vu ½ 👩"), ("déjà vu ½ 👩".to_owned(), false));
    }

    proptest::proptest! {
        #[test]
        fn escaping_any_text_any_number_of_times_changes_nothing(text in "[a-z./ é½]{0,40}", times in 0_usize..5) {
            let mut escaped = text.clone().into_bytes();
            for _ in 0..times {
                escaped = escaped.iter().flat_map(|byte| format!("%{byte:02x}").into_bytes()).collect();
            }
            let read = read(&escaped);
            proptest::prop_assert_eq!(String::from_utf8_lossy(&read.bytes), text);
        }

        #[test]
        fn any_bytes_can_be_read(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let text = String::from_utf8_lossy(&bytes);
            read(text.as_bytes());
        }
    }
}
