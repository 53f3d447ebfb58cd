//! IPv4 addresses in every spelling that somebody reads.

use std::net::Ipv4Addr;

use super::known::METADATA;

/// An IPv4 address, in each way in which it may be read.
pub(super) struct V4 {
    pub(super) readings: Vec<Ipv4Addr>,
    /// Four decimal numbers up to 255 without leading zeros.
    pub(super) canonical: bool,
}

/// One to four numbers, decimal, octal or hexadecimal, the last for all bytes that are left, too large ones cut off: as
/// `inet_aton` and browsers have it, and some that are laxer.
pub(super) fn v4(name: &str) -> Option<V4> {
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

/// An IPv4 address inside a name: four labels, or one with dashes or eight hexadecimal digits where the service is
/// known to read those.
pub(super) fn embedded(name: &str, known: bool) -> Option<Ipv4Addr> {
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
pub(super) fn is_internal_v4(address: Ipv4Addr) -> bool {
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

/// An address of this machine other than those that systems give it (RFC 1122 §3.2.1.3).
pub(super) fn is_odd_loopback(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    a == 127 && (b, c) != (0, 0) && (b, c) != (0, 1)
}
