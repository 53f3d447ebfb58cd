//! A name already in its canonical form stays as it is, and every reading of a URI can be made.
#![no_main]

use inspect::names::{canonical_uri, fold, plain, uri_readings};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(name) = std::str::from_utf8(data) else { return };
    for settle in [fold, plain, canonical_uri] {
        let once = settle(name);
        assert_eq!(settle(&once), once);
    }
    let readings = uri_readings(name);
    assert_eq!(readings.iter().next(), Some(&*canonical_uri(name)));
});
