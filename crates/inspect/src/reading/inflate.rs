//! Compressed data: gzip (RFC 1952), zlib (RFC 1950) and bare deflate (RFC 1951), never past a bound.

use std::io::Read;

use flate2::read::{DeflateDecoder, GzDecoder, ZlibDecoder};

/// What came out, and whether there was more than `most` bytes of it.
pub(super) fn inflate(bytes: &[u8], most: usize) -> Option<(Vec<u8>, bool)> {
    match bytes {
        [0x1F, 0x8B, 8, ..] => read(GzDecoder::new(bytes), most),
        [first, second, ..] if is_zlib(*first, *second) => read(ZlibDecoder::new(bytes), most),
        _ if bytes.len() >= SHORTEST && is_deflate(bytes) => read(DeflateDecoder::new(bytes), most),
        _ => None,
    }
}

/// Whether compressed data may begin like this.
pub(super) fn begins(head: &[u8]) -> bool {
    match head {
        [0x1F, 0x8B, 8, ..] => true,
        [first, second, ..] => is_zlib(*first, *second),
        _ => false,
    }
}

/// Shorter data is not worth compressing, in bytes.
const SHORTEST: usize = 16;

fn is_zlib(first: u8, second: u8) -> bool {
    first & 0x0F == 8
        && first >> 4 <= 7
        && (u16::from(first) << 8 | u16::from(second)) % 31 == 0
        && second & 0x20 == 0
}

/// The first block is the last, and is compressed, or says twice how long it is.
fn is_deflate(bytes: &[u8]) -> bool {
    match bytes {
        [first, ..] if matches!(first & 7, 3 | 5) => true,
        [1, a, b, c, d, ..] => *a == !c && *b == !d,
        _ => false,
    }
}

fn read(decoder: impl Read, most: usize) -> Option<(Vec<u8>, bool)> {
    let mut out = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    // What came before an error was there.
    let _ = decoder.take(limit).read_to_end(&mut out);
    let cut = out.len() > most;
    out.truncate(most);
    (!out.is_empty()).then_some((out, cut))
}
