//! Hosts, as any of the parsers may understand them that a server could use.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use unicode_normalization::UnicodeNormalization;

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

/// The longest name there is (RFC 1035 §2.3.4), with room for escapes, in bytes.
const LONGEST: usize = 1024;

/// Addresses at which clouds answer with credentials.
const METADATA: [Ipv4Addr; 8] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(169, 254, 170, 23),
    Ipv4Addr::new(169, 254, 0, 23),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(100, 88, 222, 5),
];

const METADATA_V6: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0xFD00, 0xEC2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xFD00, 0xEC2, 0, 0, 0, 0, 0, 0x23),
    Ipv6Addr::new(0xFD20, 0xCE, 0, 0, 0, 0, 0, 0x254),
];

const METADATA_NAMES: [&str; 11] = [
    "metadata",
    "metadata.google.internal",
    "metadata.goog",
    "metadata.azure.internal",
    "metadata.azure.com",
    "instance-data",
    "instance-data.ec2.internal",
    "metadata.tencentyun.com",
    "metadata.platformequinix.com",
    "metadata.packet.net",
    "rancher-metadata",
];

/// Names of this machine.
const LOCAL: [&str; 8] = [
    "localhost",
    "localhost4",
    "localhost6",
    "ip6-localhost",
    "ip6-loopback",
    "ipv6-localhost",
    "ipv6-loopback",
    "loopback",
];

/// Ends of names that exist inside networks only.
const INSIDE: [&str; 10] = [
    "localhost",
    "localdomain",
    "localdomain4",
    "localdomain6",
    "internal",
    "cluster.local",
    "local",
    "intranet",
    "home.arpa",
    "lan",
];

/// Services whose names resolve to the address written in them, or always to this machine.
const WILDCARD: [&str; 24] = [
    "nip.io",
    "sslip.io",
    "xip.io",
    "xip.name",
    "traefik.me",
    "localtest.me",
    "lvh.me",
    "vcap.me",
    "lacolhost.com",
    "yoogle.com",
    "localho.st",
    "fuf.me",
    "lndo.site",
    "ngrok-localhost.com",
    "bugbounty.dod.network",
    "spoofed.burpcollaborator.net",
    "localdomain.pw",
    "1u.ms",
    "rbndr.us",
    "rebind.network",
    "rebind.it",
    "r3dir.me",
    "ipq.co",
    "127-0-0-1.org.uk",
];

/// Understands a host, without brackets and port.
pub(super) fn judge(written: &str) -> Host {
    if written.is_empty() || written.len() > LONGEST {
        return Host::default();
    }
    let name = plain(written);
    let restyled = !written.is_ascii() || written.contains('%');
    let name = name.trim_end_matches('.');
    if let Some(address) = v4(name) {
        let internal = address.readings.iter().any(|reading| is_internal_v4(*reading));
        let disguised = !address.canonical || restyled || written.ends_with('.');
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

/// An IPv4 address, in each way in which it may be read.
struct V4 {
    readings: Vec<Ipv4Addr>,
    /// Four decimal numbers up to 255 without leading zeros.
    canonical: bool,
}

/// One to four numbers, decimal, octal or hexadecimal, the last for all bytes that are left, too large ones cut off: as
/// `inet_aton` and browsers have it, and some that are laxer.
fn v4(name: &str) -> Option<V4> {
    let parts: Vec<&str> = name.split('.').collect();
    if parts.len() > 4 || !name.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let numbers: Vec<Number> = parts.iter().map(|part| number(part)).collect::<Option<_>>()?;
    let address = |value: fn(&Number) -> u128| {
        let mut bits: u32 = 0;
        let (last, first) = numbers.split_last()?;
        for (index, number) in first.iter().enumerate() {
            bits |= u32::from((value(number) & 0xFF) as u8) << (24 - 8 * index);
        }
        let room = 32 - 8 * first.len();
        let mask = if room == 32 { u128::from(u32::MAX) } else { (1 << room) - 1 };
        Some(Ipv4Addr::from(bits | (value(last) & mask) as u32))
    };
    let mut readings: Vec<_> =
        [address(|number| number.usual), address(|number| number.decimal)].into_iter().flatten().collect();
    readings.dedup();
    let plain = |number: &Number| number.plain && number.decimal <= 255;
    Some(V4 { readings, canonical: numbers.len() == 4 && numbers.iter().all(plain) })
}

struct Number {
    /// With `0x` hexadecimal, with a leading zero octal.
    usual: u128,
    /// With leading zeros decimal all the same.
    decimal: u128,
    plain: bool,
}

fn number(part: &str) -> Option<Number> {
    let digits = |digits: &str, radix: u32| {
        if digits.len() > 4 * 16 {
            return None;
        }
        digits.chars().try_fold(0_u128, |value, digit| {
            Some(value.wrapping_mul(radix.into()).wrapping_add(digit.to_digit(radix)?.into()))
        })
    };
    let odd = |usual| Number { usual, decimal: usual, plain: false };
    if let Some(hex) = part.strip_prefix("0x") {
        return digits(hex, 16).map(odd);
    }
    if let Some(octal) = part.strip_prefix("0o").or_else(|| part.strip_prefix('o')) {
        return digits(octal, 8).map(odd).filter(|_| !octal.is_empty());
    }
    let decimal = if part.is_empty() { return None } else { digits(part, 10)? };
    if part.len() > 1 && part.starts_with('0') {
        return Some(Number { usual: digits(part, 8).unwrap_or(decimal), decimal, plain: false });
    }
    Some(Number { usual: decimal, decimal, plain: true })
}

/// An IPv6 address, and the IPv4 address that is reached through it.
fn v6(name: &str) -> Option<(Ipv6Addr, Option<Ipv4Addr>)> {
    let name = name.split('%').next().unwrap_or(name);
    let address: Ipv6Addr = name.contains(':').then(|| name.parse().ok()).flatten()?;
    let [a, b, c, d, e, f, g, h] = address.segments();
    let v4 = |high: u16, low: u16| Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
    let embedded = match (a, b) {
        // Mapped, compatible, translated (RFC 4291 §2.5.5, RFC 2765).
        (0, 0) if c == 0 && d == 0 && (e == 0 || e == 0xFFFF) && (g, h) > (0, 1) => v4(g, h),
        // NAT64 (RFC 6052, RFC 8215).
        (0x64, 0xFF9B) => v4(g, h),
        // 6to4 (RFC 3056) and Teredo (RFC 4380), which has it inverted.
        (0x2002, _) => v4(b, c),
        (0x2001, 0) => v4(!g, !h),
        // ISATAP (RFC 5214).
        _ if (e == 0 || e == 0x200) && f == 0x5EFE => v4(g, h),
        _ => None,
    };
    Some((address, embedded))
}

/// An IPv4 address inside a name: four labels, or one with dashes or eight hexadecimal digits where the service is
/// known to read those.
fn embedded(name: &str, known: bool) -> Option<Ipv4Addr> {
    let labels: Vec<&str> = name.split('.').collect();
    let byte = |label: &&str| label.parse::<u8>().ok();
    let of = |bytes: &[&str]| match bytes {
        [a, b, c, d] => Some(Ipv4Addr::new(byte(a)?, byte(b)?, byte(c)?, byte(d)?)),
        _ => None,
    };
    labels.windows(4).find_map(of).or_else(|| {
        labels.iter().find_map(|label| {
            let parts: Vec<&str> = label.split('-').collect();
            let dashed = parts.windows(4).find_map(of).filter(|_| known || parts.len() == 4);
            let hex = || u32::from_str_radix(label, 16).ok().filter(|_| known && label.len() == 8);
            dashed.or_else(|| hex().map(Ipv4Addr::from))
        })
    })
}

/// Not to be reached from the public network (IANA IPv4 Special-Purpose Address Registry).
fn is_internal_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    matches!(
        (a, b, c),
        (0 | 10 | 127 | 224.., _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 168, _)
            | (192, 0, 0)
            | (198, 18..=19, _)
    ) || METADATA.contains(&address)
}

/// All but global unicast (RFC 4291 §2.4).
fn is_internal_v6(address: &Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    !((0x2000..0x4000).contains(&a) || (a == 0x64 && b == 0xFF9B))
}

#[cfg(test)]
mod tests {
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
