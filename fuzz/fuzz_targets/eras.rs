//! Whatever a client and a server say in whatever order, no exchange is answered twice, and what a translator writes
//! can be read.
#![no_main]

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use bytes::Bytes;
use eras::{
    Exchange, LegacyOverModern, LegacySettings, ModernOverLegacy, ModernSettings, Out, SameEra, Translator,
};
use libfuzzer_sys::fuzz_target;
use wire::{Content, Kind, Limits, Reader};

/// Each translator, and whether it writes its messages anew: what it then says can be read, whatever it was told.
fn translators() -> Vec<(Box<dyn Translator>, bool)> {
    vec![
        (Box::new(LegacyOverModern::new(LegacySettings::default())), true),
        (Box::new(ModernOverLegacy::new(ModernSettings::new([7; 32]))), true),
        (Box::new(SameEra::private()), false),
        (Box::new(SameEra::shared()), false),
    ]
}

// A script of lines, the first byte of which says what happens: `c` a client says the rest of the line, in an exchange
// of its own; `s` the server says what follows the next byte, a digit if the transport tells the exchange; `l` and a
// digit: the client leaves; `t` and a digit: time passes; `g`: the server is gone.
fuzz_target!(|data: &[u8]| {
    let Ok(script) = std::str::from_utf8(data) else { return };
    for (mut translator, anew) in translators() {
        let mut answered = BTreeSet::new();
        let mut exchanges = 0;
        let mut now = Instant::now();
        let digit =
            |text: &str| text.bytes().next().filter(u8::is_ascii_digit).map(|digit| u64::from(digit - b'0'));
        for line in script.lines() {
            let (what, rest) = line.split_at_checked(1).unwrap_or_default();
            let out = match what {
                // The guard has read what comes from a client.
                "c" if read(rest).is_some() => {
                    exchanges += 1;
                    translator.client(Exchange(exchanges), rest, now)
                }
                "s" => {
                    let (of, said) = rest.split_at_checked(1).unwrap_or_default();
                    translator.server(digit(of).map(Exchange), said, now)
                }
                "l" => translator.client_gone(Exchange(digit(rest).unwrap_or_default()), now),
                "t" => {
                    now += Duration::from_secs(1 << (4 * digit(rest).unwrap_or_default()).min(16));
                    translator.tick(now)
                }
                "g" => translator.server_gone("it stopped", now),
                _ => continue,
            };
            for out in out {
                let (Out::Client { line, .. } | Out::Server { line, .. }) = &out;
                let kind = read(line);
                assert!(!anew || kind.is_some(), "cannot be read: {line}");
                if let (Out::Client { of: Some(of), .. }, Some(Kind::Response | Kind::Failure)) = (&out, kind)
                {
                    assert!(answered.insert(*of), "answered twice: {line}");
                }
            }
        }
    }
});

/// What a line is, if it is a message. Answers may come to lie deeper in a request than they were.
fn read(line: &str) -> Option<Kind> {
    let limits = Limits { max_depth: 256, ..Limits::default() };
    match Reader::new(limits).read(&Bytes::copy_from_slice(line.as_bytes()), false) {
        Ok(Content::Single(frame)) => Some(frame.kind()),
        _ => None,
    }
}
