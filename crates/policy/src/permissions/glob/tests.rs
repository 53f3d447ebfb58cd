use proptest::prelude::*;

use super::{DEEP, MANY, ONE, Tail, marked, to_regex};
use crate::{Location, Pattern, Profile};

fn mark(glob: &str) -> String {
    marked(&Pattern::new(glob, Location::BuiltIn(Profile::Balanced))).unwrap()
}

fn matches(glob: &str, name: &str) -> bool {
    let expression = format!(r"\A(?:{})\z", to_regex(&mark(glob), Tail::Below));
    regex::bytes::Regex::new(&expression).unwrap().is_match(name.as_bytes())
}

/// The definition of a glob, word for word and exponential.
fn oracle(glob: &[char], name: &[char], segment_start: bool) -> bool {
    match glob {
        [] => name.is_empty(),
        [DEEP, '/', rest @ ..] if segment_start => {
            let ends = (0..name.len()).filter(|&at| name[at] == '/').map(|at| at + 1);
            [0].into_iter().chain(ends).any(|from| oracle(rest, &name[from..], true))
        }
        [DEEP, rest @ ..] => (0..=name.len()).any(|from| oracle(rest, &name[from..], false)),
        [MANY, rest @ ..] => {
            let end = name.iter().position(|&c| c == '/').unwrap_or(name.len());
            (0..=end).any(|from| oracle(rest, &name[from..], false))
        }
        [ONE, rest @ ..] => name.first().is_some_and(|&c| c != '/') && oracle(rest, &name[1..], false),
        [c, rest @ ..] => name.first() == Some(c) && oracle(rest, &name[1..], *c == '/'),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn globs_mean_what_the_definition_says(glob in "[ab/*?é\n]{0,9}", name in "[ab/é\n]{0,9}") {
        let chars: Vec<char> = mark(&glob).chars().collect();
        let expected = oracle(&chars, &name.chars().collect::<Vec<_>>(), true);
        prop_assert_eq!(matches(&glob, &name), expected, "{} on {}", glob, name);
    }

    #[test]
    fn any_text_is_a_glob_and_matches_itself(text in any::<String>()) {
        let text = text.replace(['*', '?', ONE, MANY, DEEP], "");
        prop_assert!(matches(&text, &text));
    }
}

#[test]
fn wildcards_keep_to_their_segment() {
    for (glob, name, expected) in [
        ("a*", "abc", true),
        ("a*", "a/b", false),
        ("a**", "a/b", true),
        ("a/**/b", "a/b", true),
        ("a/**/b", "a/x/y/b", true),
        ("a/**/b", "a/xb", false),
        ("**/b", "b", true),
        ("a/**", "a", false),
        ("a/**", "a/", true),
        ("a?c", "a/c", false),
        ("a?c", "aéc", true),
        ("a.c", "abc", false),
        ("a[b]", "a[b]", true),
    ] {
        assert_eq!(matches(glob, name), expected, "{glob} on {name}");
    }
}
