//! Sets of bytes, written as in a regular expression's brackets.

/// A set of bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chars([bool; 256]);

impl Chars {
    /// Reads `A-Za-z0-9_-`: ranges, single characters, `-` first or last for itself. ASCII only.
    pub(super) fn parse(written: &str) -> Option<Self> {
        let mut set = [false; 256];
        let mut rest = written.as_bytes();
        while let Some((&first, after)) = rest.split_first() {
            let last = match after {
                [b'-', last, ..] => *last,
                _ => first,
            };
            if !written.is_ascii() || last < first {
                return None;
            }
            set.get_mut(usize::from(first)..=usize::from(last))?.fill(true);
            rest =
                after.get(if last == first && after.first() != Some(&b'-') { 0 } else { range(after) }..)?;
        }
        (!written.is_empty()).then_some(Self(set))
    }

    pub(super) fn has(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte)).copied().unwrap_or(false)
    }
}

/// How many bytes of what follows a range's beginning belong to it.
fn range(after: &[u8]) -> usize {
    if after.len() >= 2 { 2 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(written: &str) -> Option<String> {
        let set = Chars::parse(written)?;
        Some((0..=127_u8).filter(|&byte| set.has(byte)).map(char::from).collect())
    }

    #[test]
    fn sets_are_read_as_in_brackets() {
        assert_eq!(all("a-e0-2_-").unwrap(), "-012_abcde");
        assert_eq!(all("-a").unwrap(), "-a");
        assert_eq!(all("=+/").unwrap(), "+/=");
        assert_eq!(all("a-ac").unwrap(), "ac");
    }

    #[test]
    fn what_is_no_set_is_none() {
        for written in ["", "z-a", "é"] {
            assert!(Chars::parse(written).is_none(), "{written}");
        }
    }
}
