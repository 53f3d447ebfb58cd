//! Framing: where the stream is cut never changes what is read.
#![allow(clippy::indexing_slicing, clippy::panic)] // A test fails by panicking.

use mcp_guard_wire::{Id, Line, Lines};
use proptest::prelude::*;

const LIMIT: usize = 64;

/// Feeds `stream` in pieces cut at `cuts`, and tells what came out.
fn cut(stream: &[u8], cuts: &[usize]) -> Vec<String> {
    let mut lines = Lines::new(LIMIT);
    let mut told = Vec::new();
    let tell = |line: Line| match line {
        Line::Whole(bytes) => format!("line {:?}", bytes),
        Line::Oversized(over) => format!("oversized {} {:?}", over.bytes, over.salvaged),
    };
    let mut bounds: Vec<usize> =
        cuts.iter().map(|cut| cut % (stream.len() + 1)).chain([0, stream.len()]).collect();
    bounds.sort_unstable();
    for pair in bounds.windows(2) {
        lines.space().extend_from_slice(&stream[pair[0]..pair[1]]);
        while let Some(line) = lines.next_line() {
            told.push(tell(line));
        }
    }
    told.extend(lines.finish().map(tell));
    told
}

#[test]
fn lines_blanks_carriage_returns_and_a_last_line_without_its_end() {
    assert_eq!(
        cut(b"a\n\n \t\r\nb\r\n\rc\nd", &[]),
        ["line b\"a\"", "line b\"b\"", "line b\"\\rc\"", "line b\"d\""]
    );
}

#[test]
fn a_line_past_the_limit_is_thrown_away_but_for_its_id() {
    let long = format!("{{\"id\":7,\"method\":\"m\",\"params\":\"{}\"}}\n{{}}\n", "x".repeat(5000));
    let mut lines = Lines::new(LIMIT);
    let mut told = Vec::new();
    for piece in long.as_bytes().chunks(100) {
        lines.space().extend_from_slice(piece);
        assert!(lines.space().len() <= LIMIT + 100, "an overlong line is not kept");
        told.extend(std::iter::from_fn(|| lines.next_line()));
    }
    let [Line::Oversized(over), Line::Whole(rest)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(
        (over.bytes, over.salvaged.id.clone(), over.salvaged.calls),
        (5033, Some(Id::Number(7)), true)
    );
    assert_eq!(&rest[..], b"{}");
}

proptest! {
    #[test]
    fn cutting_the_stream_elsewhere_changes_nothing(
        stream in prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(b'"'), Just(b'{'), any::<u8>()], 0..400),
        cuts in prop::collection::vec(any::<usize>(), 0..30),
    ) {
        prop_assert_eq!(cut(&stream, &cuts), cut(&stream, &[]));
    }
}
