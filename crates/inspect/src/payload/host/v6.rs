//! IPv6 addresses, and the IPv4 addresses inside them.

use std::net::{Ipv4Addr, Ipv6Addr};

/// An IPv6 address, and the IPv4 address that is reached through it.
pub(super) fn v6(name: &str) -> Option<(Ipv6Addr, Option<Ipv4Addr>)> {
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

/// All but global unicast (RFC 4291 §2.4).
pub(super) fn is_internal_v6(address: &Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    !((0x2000..0x4000).contains(&a) || (a == 0x64 && b == 0xFF9B))
}
