//! Server-Sent Events: neither cuts nor line endings change what is read, and what is written stays one event.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)] // A test fails by panicking.

use mcp_guard_wire::sse::{COMMENT, Decoder, Event, SseError, write_event};
use proptest::prelude::*;

const LIMIT: usize = 64;

/// Feeds `stream` in pieces cut at `cuts`; what came out, with the error that ended it.
fn cut(stream: &[u8], cuts: &[usize]) -> (Vec<Event>, Option<SseError>) {
    let mut decoder = Decoder::new(LIMIT);
    let mut events = Vec::new();
    let mut bounds: Vec<usize> =
        cuts.iter().map(|cut| cut % (stream.len() + 1)).chain([0, stream.len()]).collect();
    bounds.sort_unstable();
    for pair in bounds.windows(2) {
        decoder.feed(&stream[pair[0]..pair[1]]);
        while let Some(event) = decoder.next_event() {
            match event {
                Ok(event) => events.push(event),
                Err(error) => return (events, Some(error)),
            }
        }
    }
    (events, None)
}

fn read(stream: &str) -> Vec<Event> {
    let (events, error) = cut(stream.as_bytes(), &[]);
    assert_eq!(error, None, "{stream:?}");
    events
}

fn event(event: Option<&str>, id: Option<&str>, data: &'static str, retry: Option<u64>) -> Event {
    Event { event: event.map(Into::into), id: id.map(Into::into), data: data.into(), retry }
}

#[test]
fn fields_are_read_as_the_standard_has_them() {
    let data = |text| event(None, None, text, None);
    for (stream, events) in [
        ("data: a\n\n", vec![data("a")]),
        ("\u{feff}data:a\n\ndata:  b\n\n", vec![data("a"), data(" b")]),
        ("data\n\ndata\ndata\n\ndata:", vec![data(""), data("\n")]),
        (": hi\nevent: endpoint\ndata: /m?s=1\n\n", vec![event(Some("endpoint"), None, "/m?s=1", None)]),
        ("id: 7\ndata: \n\n", vec![event(None, Some("7"), "", None)]),
        ("id\n\nid: 1\0\ndata: x\n\n", vec![event(None, Some(""), "", None), data("x")]),
        ("retry: 3000\n\nretry: 3s\n\nretry:\n\n", vec![event(None, None, "", Some(3000))]),
        ("event: lonely\n\ndata: x\n\n", vec![data("x")]),
        ("Data: x\nunknown: y\n data: z\n\n:\n\n\n", vec![]),
        ("data: a\r\rdata: b\r\n\r\ndata: c\n\r\n", vec![data("a"), data("b"), data("c")]),
    ] {
        assert_eq!(read(stream), events, "{stream:?}");
        let every: Vec<usize> = (0..stream.len()).collect();
        assert_eq!(cut(stream.as_bytes(), &every), (events, None), "{stream:?} byte by byte");
    }
}

#[test]
fn what_cannot_be_read_fails_for_good() {
    for (stream, error) in [
        ("data: \u{1}\n\ndata: ".to_owned() + &"x".repeat(LIMIT), SseError::TooLong(LIMIT)),
        ("data: y\n\n".to_owned() + &"data: xxxx\n".repeat(LIMIT), SseError::TooLong(LIMIT)),
        ("data\n\n".to_owned() + &"data\n".repeat(LIMIT + 1), SseError::TooLong(LIMIT)),
        ("data\n\n:".to_owned() + &"x".repeat(LIMIT), SseError::TooLong(LIMIT)),
    ] {
        let (events, failed) = cut(stream.as_bytes(), &[]);
        assert_eq!((events.len(), failed), (1, Some(error)), "{stream:?}");
    }
    for stream in [&b"data: \xff\n\n"[..], b"id: \xc3\n\n", b"event: \xed\xa0\x80\ndata:\n\n"] {
        assert_eq!(cut(stream, &[]), (vec![], Some(SseError::Utf8)));
    }
    let mut decoder = Decoder::new(LIMIT);
    decoder.feed(b"data: \xff\n\n");
    decoder.feed(b"data: fine\n\n");
    assert_eq!(decoder.next_event(), Some(Err(SseError::Utf8)));
    decoder.feed(b"data: fine\n\n");
    assert_eq!(decoder.next_event(), Some(Err(SseError::Utf8)));
}

#[test]
fn comments_and_events_without_end_cost_no_memory() {
    let mut decoder = Decoder::new(LIMIT);
    for _ in 0..10_000 {
        decoder.feed(b": ping\n");
        decoder.feed(COMMENT);
        decoder.feed(b"unknown: field\n");
        assert_eq!(decoder.next_event(), None);
    }
}

#[test]
fn nothing_breaks_out_of_the_event_it_is_written_in() {
    let mut out = Vec::new();
    write_event(
        &mut out,
        Some("1\n\ndata: evil"),
        Some(5),
        Some("message\rid: 2"),
        b"a\n\ndata: b\rid: 3\r\nc",
    );
    assert_eq!(
        read(&String::from_utf8(out).unwrap()),
        [event(None, None, "a\n\ndata: b\nid: 3\nc", Some(5))]
    );
    let mut out = Vec::new();
    write_event(&mut out, Some("p"), None, None, b"");
    write_event(&mut out, None, Some(9), None, b"");
    assert_eq!(out, b"id: p\ndata: \n\nretry: 9\n\n");
}

/// Pieces a stream is likely to be made of.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "data", "data:", "data: ", "id: ", "event: ", "retry: 5", "\n", "\r", "\r\n", "\n\n", ":", " ",
            "x", "é", "\u{feff}", "\0",
        ])
        .prop_map(|piece| piece.as_bytes().to_vec()),
        any::<u8>().prop_map(|byte| vec![byte]),
    ];
    prop::collection::vec(piece, 0..120).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn cutting_the_stream_elsewhere_changes_nothing(
        stream in stream(),
        cuts in prop::collection::vec(any::<usize>(), 0..30),
    ) {
        let every: Vec<usize> = (0..stream.len()).collect();
        prop_assert_eq!(cut(&stream, &cuts), cut(&stream, &[]));
        prop_assert_eq!(cut(&stream, &every), cut(&stream, &[]));
    }

    #[test]
    fn line_endings_change_nothing(stream in "[a:\n]{0,40}(data: ?[a:\n]{0,40}){0,3}") {
        for ending in ["\r", "\r\n"] {
            prop_assert_eq!(cut(stream.replace('\n', ending).as_bytes(), &[]), cut(stream.as_bytes(), &[]));
        }
    }

    #[test]
    fn what_is_written_is_read_back(
        id in prop::option::of("[^\r\n\0]{0,9}"),
        kind in prop::option::of("[^\r\n]{0,9}"),
        retry in any::<Option<u64>>(),
        data in "[ -~é\n:]{1,20}",
    ) {
        let mut out = Vec::new();
        write_event(&mut out, id.as_deref(), retry, kind.as_deref(), data.as_bytes());
        let mut decoder = Decoder::new(1024);
        decoder.feed(&out);
        let read = decoder.next_event().unwrap().unwrap();
        prop_assert_eq!(read, Event { event: kind.map(Into::into), id: id.map(Into::into), data: data.into(), retry });
        prop_assert_eq!(decoder.next_event(), None);
    }
}
