//! Context-free grammars, and texts made from them by chance that is the same every time.

/// For each symbol what it may stand for. `{symbol}` in a text stands for a symbol, `{S*n}` for n characters of a set.
pub(super) type Grammar = &'static [(&'static str, &'static [&'static str])];

/// Chance that is the same every time: SplitMix64 (Steele, Lea and Flood 2014).
pub(super) struct Dice(u64);

/// Deeper symbols stand for nothing; no grammar of ours is that deep.
const DEEPEST: usize = 16;

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn pick<'t, T>(&mut self, of: &'t [T]) -> Option<&'t T> {
        let index = usize::try_from(self.next() % (of.len().max(1) as u64)).unwrap_or_default();
        of.get(index)
    }

    /// A text of the grammar that begins with `text`.
    pub(super) fn text(&mut self, grammar: Grammar, text: &str) -> String {
        let mut out = String::new();
        self.expand(grammar, text, 0, &mut out);
        out
    }

    fn expand(&mut self, grammar: Grammar, text: &str, depth: usize, out: &mut String) {
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((symbol, after)) = after.split_once('}') else { break };
            match (symbol.split_once('*'), grammar.iter().find(|(known, _)| *known == symbol)) {
                (Some((set, count)), _) => self.characters(set, count.parse().unwrap_or(1), out),
                (None, Some((_, choices))) if depth < DEEPEST => {
                    if let Some(choice) = self.pick(choices) {
                        self.expand(grammar, choice, depth + 1, out);
                    }
                }
                // A brace of the text itself.
                _ => out.extend(["{", symbol, "}"]),
            }
            rest = after;
        }
        out.push_str(rest);
    }

    fn characters(&mut self, set: &str, count: usize, out: &mut String) {
        let set: &[u8] = match set {
            "9" => b"0123456789",
            "x" => b"0123456789abcdef",
            "a" => b"abcdefghijklmnopqrstuvwxyz",
            "W" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
            _ => b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        };
        out.extend((0..count).filter_map(|_| self.pick(set).copied().map(char::from)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRAMMAR: Grammar = &[("greeting", &["hello {name}", "hi {name}"]), ("name", &["{a*3}", "Kim"])];

    #[test]
    fn texts_are_of_the_grammar_and_the_same_every_time() {
        let texts = |seed| {
            let mut dice = Dice::new(seed);
            (0..50).map(|_| dice.text(GRAMMAR, "{greeting}!")).collect::<Vec<_>>()
        };
        assert_eq!(texts(1), texts(1));
        assert_ne!(texts(1), texts(2));
        for text in texts(3) {
            assert!(text.starts_with("hello ") || text.starts_with("hi "), "{text}");
            assert!(text.ends_with('!') && !text.contains('{'), "{text}");
        }
    }
}
