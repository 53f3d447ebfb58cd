//! Where a stream of events is cut never changes them, and what is written of an event is that event.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::sse::{Decoder, Event, SseError, write_event};

/// Small, so that events past the limit are common.
const MAX_BYTES: usize = 48;

fuzz_target!(|data: &[u8]| {
    let (cuts, stream) = data.split_at(data.len().min(8));
    let whole = events(std::iter::once(stream));
    assert_eq!(events(pieces(stream, cuts)), whole);
    assert_eq!(events(stream.chunks(1)), whole);
    for event in whole.0 {
        assert!(event.data.len() <= MAX_BYTES);
        let mut out = Vec::new();
        write_event(&mut out, event.id.as_deref(), event.retry, event.event.as_deref(), &event.data);
        let (again, error) = events(std::iter::once(out.as_slice()).chain([&b"data: next\n\n"[..]]));
        if error.is_none() {
            // One with nothing but empty data says nothing, and none of it is written.
            let said = event.id.is_some() || event.retry.is_some() || !event.data.is_empty();
            assert_eq!(again.len(), 1 + usize::from(said));
            assert!(!said || again.first() == Some(&event));
        }
    }
});

/// Cuts of the given lengths, over and over.
fn pieces<'a>(mut stream: &'a [u8], cuts: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut cuts = cuts.iter().cycle();
    std::iter::from_fn(move || {
        let length = usize::from(*cuts.next()?).max(1);
        let (piece, rest) = stream.split_at(length.min(stream.len()));
        stream = rest;
        (!piece.is_empty()).then_some(piece)
    })
}

fn events<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Event>, Option<SseError>) {
    let mut decoder = Decoder::new(MAX_BYTES);
    let mut events = Vec::new();
    for piece in pieces {
        decoder.feed(piece);
        while let Some(event) = decoder.next_event() {
            match event {
                Ok(event) => events.push(event),
                Err(error) => return (events, Some(error)),
            }
        }
    }
    (events, None)
}
