//! The ways to disguise a text that the suite tries.

use std::io::Write;

use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};

/// A name, and what it makes of a text.
pub(crate) type Encoding = (&'static str, fn(&str) -> String);

/// Every one of them.
pub(crate) const ENCODINGS: &[Encoding] = &[
    ("percent", percent),
    ("percent twice", |text| percent(text).replace('%', "%25")),
    ("percent of percent", |text| percent(&percent(text))),
    ("decimal references", |text| each(text, |c| format!("&#{};", u32::from(c)))),
    ("hexadecimal references", |text| each(text, |c| format!("&#x{:04X};", u32::from(c)))),
    ("escaped references", |text| each(text, |c| format!("&amp;#{};", u32::from(c)))),
    ("JSON escapes", |text| each(text, |c| format!("\\u{:04x}", u32::from(c)))),
    ("escaped JSON escapes", |text| each(text, |c| format!("\\\\u{:04x}", u32::from(c)))),
    ("braced escapes", |text| each(text, |c| format!("\\u{{{:x}}}", u32::from(c)))),
    ("byte escapes", |text| bytes(text, |byte| format!("\\x{byte:02x}"))),
    ("octal escapes", |text| bytes(text, |byte| format!("\\{byte:03o}"))),
    ("quoted-printable", |text| bytes(text, |byte| format!("={byte:02X}"))),
    ("soft line breaks", |text| between(text, "=\r\n")),
    ("zero-width spaces", |text| between(text, "\u{200B}")),
    ("zero-width joiners", |text| between(text, "\u{200D}")),
    ("word joiners", |text| between(text, "\u{2060}")),
    ("soft hyphens", |text| between(text, "\u{AD}")),
    ("direction marks", |text| between(text, "\u{202E}\u{202C}")),
    ("variation selectors", |text| between(text, "\u{FE0F}")),
    ("combining marks", |text| {
        each(text, |c| if c.is_ascii_alphabetic() { format!("{c}\u{336}") } else { c.into() })
    }),
    ("zalgo", |text| {
        each(text, |c| if c.is_ascii_alphabetic() { format!("{c}\u{30D}\u{334}\u{353}") } else { c.into() })
    }),
    ("terminal colours", |text| between(text, "\x1b[8m")),
    ("full width", |text| shift(text, '!'..='~', '！')),
    ("mathematical", |text| shift(&shift(text, 'a'..='z', '𝐚'), 'A'..='Z', '𝐀')),
    ("circled", |text| shift(&shift(text, 'a'..='z', 'ⓐ'), 'A'..='Z', 'Ⓐ')),
    ("look-alikes", look_alikes),
    ("base64", |text| base64(text.as_bytes(), STANDARD, true)),
    ("base64url", |text| base64(text.as_bytes(), URL, false)),
    ("base64 in lines", |text| lines(&base64(format!("{text} ").repeat(3).as_bytes(), STANDARD, true))),
    ("base64 twice", |text| base64(base64(text.as_bytes(), STANDARD, true).as_bytes(), STANDARD, true)),
    ("base64 of UTF-16", |text| base64(&utf16(text), STANDARD, true)),
    ("base32", |text| base32(text.as_bytes())),
    ("data URI", |text| format!("data:text/plain;base64,{}", base64(text.as_bytes(), STANDARD, true))),
    ("hexadecimal", |text| bytes(text, |byte| format!("{byte:02x}"))),
    ("hexadecimal number", |text| format!("0x{}", bytes(text, |byte| format!("{byte:02X}")))),
    ("hexadecimal apart", |text| codes(text, " ", |byte| format!("{byte:02x}"))),
    ("hexadecimal with colons", |text| codes(text, ":", |byte| format!("{byte:02X}"))),
    ("hexadecimal numbers", |text| codes(text, ", ", |byte| format!("0x{byte:02x}"))),
    ("decimal codes", |text| codes(text, " ", |byte| byte.to_string())),
    ("codes in a list", |text| format!("[{}]", codes(text, ", ", |byte| byte.to_string()))),
    ("binary codes", |text| codes(text, " ", |byte| format!("{byte:08b}"))),
    ("gzip in base64", |text| base64(&gzip(text.as_bytes()), STANDARD, true)),
    ("zlib in base64", |text| base64(&zlib(text.as_bytes()), STANDARD, true)),
    ("deflate in base64", |text| base64(&deflate(text.as_bytes()), STANDARD, true)),
    ("base64 in percent", |text| percent(&base64(text.as_bytes(), STANDARD, true))),
    ("percent in base64", |text| base64(percent(text).as_bytes(), STANDARD, true)),
    ("escapes in references in base64", |text| {
        let escaped = each(text, |c| format!("\\u{:04x}", u32::from(c)));
        base64(each(&escaped, |c| format!("&#{};", u32::from(c))).as_bytes(), STANDARD, true)
    }),
];

pub(crate) const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn each(text: &str, write: impl Fn(char) -> String) -> String {
    text.chars().map(write).collect()
}

fn bytes(text: &str, write: impl Fn(u8) -> String) -> String {
    text.bytes().map(write).collect()
}

fn codes(text: &str, part: &str, write: impl Fn(u8) -> String) -> String {
    text.bytes().map(write).collect::<Vec<_>>().join(part)
}

fn percent(text: &str) -> String {
    bytes(text, |byte| format!("%{byte:02X}"))
}

/// Something between any two characters that are no space.
fn between(text: &str, what: &str) -> String {
    let mut out = String::new();
    let mut last = ' ';
    for c in text.chars() {
        if c.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
            out.push_str(what);
        }
        out.push(c);
        last = c;
    }
    out
}

fn shift(text: &str, from: std::ops::RangeInclusive<char>, to: char) -> String {
    let shifted = |c: char| char::from_u32(u32::from(to) + u32::from(c) - u32::from(*from.start())).unwrap();
    text.chars().map(|c| if from.contains(&c) { shifted(c) } else { c }).collect()
}

/// Letters that other alphabets have, too; the rest stays, so that words are of two alphabets.
fn look_alikes(text: &str) -> String {
    let other = |c: char| match c {
        'a' => 'а',
        'c' => 'с',
        'e' => 'е',
        'i' => 'і',
        'o' => 'о',
        'p' => 'р',
        's' => 'ѕ',
        'x' => 'х',
        'y' => 'у',
        'A' => 'А',
        'B' => 'В',
        'E' => 'Е',
        'I' => 'І',
        'K' => 'К',
        'M' => 'М',
        'O' => 'О',
        'S' => 'Ѕ',
        'T' => 'Т',
        other => other,
    };
    text.chars().map(other).collect()
}

pub(crate) fn base64(bytes: &[u8], alphabet: &[u8; 64], pad: bool) -> String {
    encode(bytes, 6, alphabet, if pad { 4 } else { 1 })
}

fn base32(bytes: &[u8]) -> String {
    encode(bytes, 5, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 8)
}

fn encode(bytes: &[u8], width: usize, alphabet: &[u8], group: usize) -> String {
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let digit = |bits: &[u8]| {
        let value = bits.iter().fold(0, |value, bit| value << 1 | usize::from(*bit == b'1'));
        char::from(alphabet[value << (width - bits.len())])
    };
    let mut out: String = bits.as_bytes().chunks(width).map(digit).collect();
    while !out.len().is_multiple_of(group) {
        out.push('=');
    }
    out
}

fn lines(text: &str) -> String {
    text.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line)).collect::<Vec<_>>().join("\r\n")
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
