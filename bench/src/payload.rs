//! `tools/call` requests of an exact size, with the kind of arguments tools get and nothing to find in them.

use std::fmt::Write as _;

/// What a request's line begins with, up to its id.
pub(crate) const HEAD: &str = r#"{"jsonrpc":"2.0","id":"#;
/// What follows the id, up to the arguments.
pub(crate) const MIDDLE: &str = r#","method":"tools/call","params":{"name":"echo","arguments":"#;
const TAIL: &str = "}}\n";

/// Ids have this many digits, so that all requests of one payload are of one length.
pub(crate) const ID_DIGITS: usize = 10;
const FIRST_ID: u64 = 1_000_000_000;

const WORDS: [&str; 32] = [
    "the", "report", "covers", "every", "branch", "of", "a", "garden", "where", "paths", "meet", "and",
    "small", "rivers", "carry", "leaves", "towards", "an", "old", "mill", "in", "which", "bread", "is",
    "made", "each", "morning", "for", "people", "who", "walk", "there",
];

/// A request whose line, with its newline, is `size` bytes long.
pub(crate) struct Payload {
    size: usize,
    arguments: String,
}

impl Payload {
    /// The smallest size is what the fixed parts take, about 230 bytes.
    pub(crate) fn new(size: usize) -> Self {
        let budget = size.saturating_sub(HEAD.len() + ID_DIGITS + MIDDLE.len() + TAIL.len());
        let arguments = arguments(budget);
        Self { size, arguments }
    }

    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// The arguments as JSON: what the server echoes.
    pub(crate) fn arguments(&self) -> &str {
        &self.arguments
    }

    /// Appends the request number `sequence` as one line.
    pub(crate) fn append(&self, sequence: u64, out: &mut Vec<u8>) {
        out.extend_from_slice(HEAD.as_bytes());
        out.extend_from_slice(&digits(sequence));
        out.extend_from_slice(MIDDLE.as_bytes());
        out.extend_from_slice(self.arguments.as_bytes());
        out.extend_from_slice(TAIL.as_bytes());
    }
}

/// The id of the request number `sequence`.
pub(crate) fn digits(sequence: u64) -> [u8; ID_DIGITS] {
    let mut rest = FIRST_ID + sequence;
    let mut digits = [b'0'; ID_DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    digits
}

/// Plain English words, `length` bytes of them.
pub(crate) fn prose(length: usize) -> String {
    let mut text = String::with_capacity(length);
    Words(7).fill(&mut text, length);
    text
}

/// A JSON object of exactly `budget` bytes, or the smallest one.
fn arguments(budget: usize) -> String {
    const END: &str = "\"}";
    let mut words = Words(7);
    let mut json =
        String::from(r#"{"path":"notes/garden.md","limit":25,"filter":{"exact":false,"score":0.75},"#);
    json.push_str(r#""records":["#);
    let mut line = 0;
    // One record stays short of 400 bytes; the text after the list takes what remains.
    while json.len() + 600 < budget {
        line += 1;
        let separator = if line > 1 { "," } else { "" };
        let mut text = String::new();
        words.fill(&mut text, 240);
        let _ = write!(
            json,
            r#"{separator}{{"line":{line},"weight":{}.5,"tags":["north","west"],"text":"{text}\n"}}"#,
            line % 9
        );
    }
    json.push_str(r#"],"text":""#);
    words.fill(&mut json, budget.saturating_sub(END.len()));
    json.push_str(END);
    json
}

/// A fixed sequence of words: the same payload in every run.
struct Words(u32);

impl Words {
    /// Appends words until `text` is `length` bytes long, the last one cut short.
    fn fill(&mut self, text: &mut String, length: usize) {
        while text.len() < length {
            self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let word = WORDS.get((self.0 >> 27) as usize).unwrap_or(&"of");
            text.extend(word.chars().chain([' ']).take(length - text.len()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Payload;

    #[test]
    fn a_line_has_the_size_asked_for_and_is_json() {
        for size in [300, 4096, 65_536] {
            let mut line = Vec::new();
            Payload::new(size).append(41, &mut line);
            assert_eq!(line.len(), size);
            assert_eq!(line.pop(), Some(b'\n'));
            let value: serde_json::Value = serde_json::from_slice(&line).unwrap();
            assert_eq!(value["id"], 1_000_000_041_u64);
        }
    }
}
