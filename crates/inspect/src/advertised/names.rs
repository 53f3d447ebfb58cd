//! Names that people and models take for one another.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use crate::reading::ascii_lookalike;

/// The names of one list, by what they look like.
#[derive(Debug, Default)]
pub struct Names(HashMap<String, String>);

/// More names of one list are not compared.
const MOST: usize = 10_000;

impl Names {
    /// Takes up a name; tells another one of the list that looks like it.
    pub(super) fn add(&mut self, name: &str) -> Option<String> {
        if name.is_empty() || self.0.len() >= MOST {
            return None;
        }
        let known = self.0.entry(shape(name)).or_insert_with(|| name.to_owned());
        (known != name).then(|| known.clone())
    }
}

/// What a name looks like: without case, separators and what cannot be seen, look-alikes as the letters they pass for.
fn shape(name: &str) -> String {
    let plain = name.nfkc().filter_map(|letter| match ascii_lookalike(letter).unwrap_or(letter) {
        '0' => Some('o'),
        '1' | 'I' | '|' => Some('l'),
        '_' | '-' | '.' | ' ' | '/' => None,
        unseen
            if unseen.is_control()
                || matches!(unseen, '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}') =>
        {
            None
        }
        other => Some(other),
    });
    plain.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_are_one() {
        for (one, other) in [
            ("read_file", "read-file"),
            ("read_file", "readFile"),
            ("read_file", "r\u{435}ad_file"),
            ("list_all", "list_a\u{200B}ll"),
            ("list_all", "1ist_all"),
            ("send", "ｓｅｎｄ"),
        ] {
            let mut names = Names::default();
            assert_eq!(names.add(one), None);
            assert_eq!(names.add(other).as_deref(), Some(one), "{other}");
        }
    }

    #[test]
    fn other_names_are_others() {
        let mut names = Names::default();
        for name in ["read_file", "read_files", "read_file2", "write_file", "читать", "読む"] {
            assert_eq!(names.add(name), None, "{name}");
        }
        assert_eq!(names.add("read_file"), None, "the same name is no other");
    }
}
