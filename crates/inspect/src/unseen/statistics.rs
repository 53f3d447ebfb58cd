//! Texts that are no text, by their numbers alone. Worth knowing, never a reason to end anything.

use std::ops::Range;

use super::Unseen;
use crate::scanner::Text;

/// Longer texts than this are unusual for what a model is to read, in bytes.
const LONG: usize = 1 << 20;

/// Shorter texts have no statistics worth the name, in bytes.
const SHORT: usize = 1024;

/// How much of a text is looked at, in bytes.
const SAMPLE: usize = 8192;

/// Shannon entropy, in bits a byte. Prose has about 4.3, source code 5, minified code 5.5, encoded random bytes 6.
const HIGH: f32 = 5.8;

/// Members that carry encoded bytes by the protocol.
const ENCODED: [&str; 2] = ["data", "blob"];

/// Reports what is found in a text.
pub(super) fn scan(text: Text<'_>, report: &mut impl FnMut(Unseen, Range<usize>)) {
    let length = text.text.len();
    if length < SHORT || text.key.is_some_and(|key| ENCODED.contains(&key)) {
        return;
    }
    let first = 0..text.text.ceil_char_boundary(1);
    if length > LONG {
        report(Unseen::Size, first.clone());
    }
    let sample = text.text.as_bytes().get(..length.min(SAMPLE)).unwrap_or_default();
    // Scripts of many letters have a high entropy by themselves.
    if sample.is_ascii() && entropy(sample) >= HIGH {
        report(Unseen::Entropy, first);
    }
}

fn entropy(text: &[u8]) -> f32 {
    let mut counts = [0_u16; 128];
    for byte in text {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let total: f32 = counts.iter().map(|count| f32::from(*count)).sum();
    let shares = counts.iter().filter(|count| **count > 0).map(|count| f32::from(*count) / total);
    -shares.map(|share| share * share.log2()).sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, key: Option<&str>) -> Vec<Unseen> {
        let mut found = Vec::new();
        scan(Text { key, ..Text::new(text) }, &mut |unseen, _| found.push(unseen));
        found
    }

    #[test]
    fn encoded_bytes_and_very_long_texts_are_told_from_text() {
        let mut state = 1_u32;
        let mut letter = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
            char::from(alphabet[(state >> 26) as usize])
        };
        let encoded: String = (0..4096).map(|_| letter()).collect();
        assert_eq!(found(&encoded, None), [Unseen::Entropy]);
        assert!(found(&encoded, Some("data")).is_empty());
        assert!(found(&"The quick brown fox jumps over it. ".repeat(100), None).is_empty());
        assert_eq!(found(&"words ".repeat(200_000), None), [Unseen::Size]);
    }
}
