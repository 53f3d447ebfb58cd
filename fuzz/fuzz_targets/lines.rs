//! Where a stream is cut never changes its lines.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::{Line, Lines};

/// Small, so that lines past the limit are common.
const MAX_BYTES: usize = 48;

fuzz_target!(|data: &[u8]| {
    let (cuts, stream) = data.split_at(data.len().min(8));
    let whole = lines(std::iter::once(stream));
    assert_eq!(lines(pieces(stream, cuts)), whole);
    assert_eq!(lines(stream.chunks(1)), whole);
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

fn lines<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<String> {
    let mut cutter = Lines::new(MAX_BYTES);
    let mut lines = Vec::new();
    for piece in pieces {
        cutter.space().extend_from_slice(piece);
        lines.extend(std::iter::from_fn(|| cutter.next_line()));
    }
    lines.extend(cutter.finish());
    lines.iter().map(shown).collect()
}

fn shown(line: &Line) -> String {
    match line {
        Line::Whole(bytes) => {
            assert!(bytes.len() <= MAX_BYTES && !bytes.contains(&b'\n'));
            format!("{bytes:?}")
        }
        Line::Oversized(line) => {
            assert!(line.bytes > MAX_BYTES as u64);
            format!("{line:?}")
        }
    }
}
