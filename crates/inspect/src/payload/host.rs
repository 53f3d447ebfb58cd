//! Hosts, as any of the parsers may understand them that a server could use.

mod known;
mod v4;
mod v6;

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use known::{INSIDE, LOCAL, METADATA, METADATA_NAMES, METADATA_V6, WILDCARD};
use v4::{embedded, is_internal_v4, is_odd_loopback, v4};
use v6::{is_internal_v6, v6};

/// What a host turns out to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Host {
    /// It leads to this machine or network, or to nothing public.
    pub(super) internal: bool,
    /// It answers with credentials of the machine it is asked from.
    pub(super) metadata: bool,
    /// It is an address, and written as nobody writes one who wants it to be read.
    pub(super) disguised: bool,
    /// It is a name that resolves to the address in it, or to one of this machine.
    pub(super) rebinds: bool,
    /// It is a public address, plainly written.
    pub(super) raw: bool,
    /// It is a name in which letters stand for others that look alike.
    pub(super) lookalike: bool,
}

/// Understands a host, without brackets and port.
pub(super) fn judge(written: &str) -> Host {
    if written.is_empty() {
        return Host::default();
    }
    let name = plain(written);
    let restyled = !written.is_ascii() || written.contains('%');
    let name = name.trim_end_matches('.');
    if let Some(address) = v4(name) {
        let internal = address.readings.iter().any(|reading| is_internal_v4(*reading));
        let disguised = !address.canonical
            || restyled
            || written.ends_with('.')
            || address.readings.iter().any(|reading| is_odd_loopback(*reading));
        return Host {
            internal,
            metadata: address.readings.iter().any(|reading| METADATA.contains(reading)),
            disguised,
            raw: !internal && !disguised,
            ..Host::default()
        };
    }
    if let Some((address, embedded)) = v6(name) {
        let inner = embedded.map(|address| Host { disguised: true, ..judge(&address.to_string()) });
        let mut host = inner.unwrap_or_default();
        host.metadata |= METADATA_V6.contains(&address);
        host.internal |= is_internal_v6(&address);
        host.disguised |= restyled;
        return host;
    }
    let within =
        |end: &&str| name.strip_suffix(*end).is_some_and(|lead| lead.is_empty() || lead.ends_with('.'));
    let metadata = METADATA_NAMES.contains(&name);
    let local = LOCAL.contains(&name) || INSIDE.iter().any(&within);
    let known = WILDCARD.iter().any(within);
    let inner = embedded(name, known);
    Host {
        metadata: metadata || inner.is_some_and(|inner| METADATA.contains(&inner)),
        internal: local || metadata || known,
        disguised: (local || metadata) && restyled,
        rebinds: known || inner.is_some_and(is_internal_v4),
        raw: false,
        lookalike: super::url::lookalike::is_lookalike(name),
    }
}

/// Lower case, in compatibility form (Unicode Annex 15) and without escapes, as IDNA mapping leaves it (UTS 46 §4).
fn plain(written: &str) -> Cow<'_, str> {
    if written
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-'))
    {
        return Cow::Borrowed(written);
    }
    let unescaped = super::reading::read(written.as_bytes());
    let unescaped = String::from_utf8_lossy(&unescaped.bytes);
    let invisible =
        |letter: &char| matches!(letter, '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}');
    let dot = |letter| if matches!(letter, '\u{3002}' | '\u{FF61}' | '\u{FF0E}') { '.' } else { letter };
    let mapped =
        unescaped.nfkc().filter(|letter| !invisible(letter) && !letter.is_control() && *letter != '\\');
    Cow::Owned(mapped.map(dot).flat_map(char::to_lowercase).collect())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn every_spelling_of_the_metadata_address_is_known() {
        for host in [
            "169.254.169.254",
            "2852039166",
            "0xA9FEA9FE",
            "0xA9.0xFE.0xA9.0xFE",
            "0251.0376.0251.0376",
            "0251.254.169.254",
            "169.16689662",
            "0x41414141A9FEA9FE",
            "7147006462",
            "①⑥⑨.②⑤④.①⑥⑨.②⑤④",
            "169。254。169。254",
            "169.254.169.254.",
            "::ffff:a9fe:a9fe",
            "0:0:0:0:0:ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::",
            "fd00:ec2::254",
            "425.510.425.510",
            "169.254.169.254.nip.io",
            "a9fea9fe.nip.io",
            "169-254-169-254.sslip.io",
            "METADATA.google.internal.",
            "%31%36%39.254.169.254",
        ] {
            assert!(judge(host).metadata, "{host}");
        }
    }

    #[test]
    fn what_leads_inside_is_told_from_what_does_not() {
        for host in [
            "127.0.0.1",
            "127.1",
            "0",
            "2130706433",
            "017700000001",
            "0x7f000001",
            "[::1]",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "10.1.2.3",
            "192.168.0.1",
            "localhost",
            "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
            "a.localhost",
            "db.internal",
            "fe80::1",
            "0o177.0.0.1",
            "o177.0.0.1",
            "127.0.0.1.nip.io",
        ] {
            let host = host.trim_matches(['[', ']']);
            let found = judge(host);
            assert!(found.internal || found.rebinds, "{host}");
        }
        for host in [
            "example.com",
            "github.com",
            "münchen.de",
            "日本語.jp",
            "v1.2.3.4.example.com",
            "2606:4700::1111",
            "ab-12-3-4-5.example.net",
        ] {
            assert_eq!(judge(host), Host::default(), "{host}");
        }
    }

    proptest::proptest! {
        #[test]
        fn an_inner_address_is_known_in_any_spelling(c in 0_u8..=255, d in 1_u8..=255, how in 0_usize..7) {
            let address = Ipv4Addr::new(192, 168, c, d);
            let bits = u32::from(address);
            let spelt = [
                bits.to_string(), format!("{bits:#x}"), format!("0{bits:o}"), format!("192.168.{}", u16::from_be_bytes([c, d])),
                format!("::ffff:{address}"), format!("0300.0250.{c}.{d:#x}"), format!("www.{address}.nip.io"),
            ];
            let host = judge(&spelt[how]);
            proptest::prop_assert!((host.internal && host.disguised) || host.rebinds, "{:?}", spelt[how]);
        }

        #[test]
        fn any_host_can_be_judged(host in ".{0,60}") {
            judge(&host);
        }
    }
}
