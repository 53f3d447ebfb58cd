use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How far away an address is, by what is known of its range (IANA special-purpose registries).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Range {
    /// Somewhere on the Internet.
    Public,
    /// This machine.
    Loopback,
    /// A network of one's own: private, unique local, shared with a provider.
    Private,
    /// Where clouds keep the credentials of their machines, and everything else that is link-local.
    Metadata,
    /// No single machine: multicast, broadcast, reserved, documentation.
    Reserved,
}

impl Range {
    /// As an error calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Public => "a public address",
            Self::Loopback => "an address of this machine",
            Self::Private => "an address of a private network",
            Self::Metadata => "link-local or the metadata service of a cloud",
            Self::Reserved => "a reserved address",
        }
    }

    /// The range of an address. An IPv4 address inside an IPv6 one counts as itself.
    pub(super) fn of(address: IpAddr) -> Self {
        match unwrapped(address) {
            IpAddr::V4(address) => v4(address),
            IpAddr::V6(address) => v6(address),
        }
    }
}

/// The IPv4 address a translator or the system would reach by an IPv6 one: mapped and compatible (RFC 4291 §2.5.5),
/// NAT64 (RFC 6052 §2.1), 6to4 (RFC 3056 §2).
pub(super) fn unwrapped(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let [high, low] = match v6.segments() {
        // `::` and `::1` are no IPv4 addresses.
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => return address,
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => [high, low],
        [0x2002, high, low, ..] => [high, low],
        _ => return address,
    };
    IpAddr::V4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)))
}

fn v4(address: Ipv4Addr) -> Range {
    match address.octets() {
        // To connect to "any address" is to connect to this machine.
        [127, ..] | [0, 0, 0, 0] => Range::Loopback,
        // Alibaba, Oracle, Azure; the rest of the world uses 169.254.169.254.
        [169, 254, ..] | [100, 100, 100, 200] | [192, 0, 0, 192] | [168, 63, 129, 16] => Range::Metadata,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => Range::Private,
        [0 | 224.., ..]
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 18 | 19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _] => Range::Reserved,
        _ => Range::Public,
    }
}

fn v6(address: Ipv6Addr) -> Range {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => Range::Loopback,
        // Amazon and Google; then link-local.
        [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254]
        | [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254]
        | [0xfe80..=0xfebf, ..] => Range::Metadata,
        // Unique local, site-local, and NAT64 of one's own network (RFC 8215).
        [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] | [0x64, 0xff9b, 1, ..] => Range::Private,
        // IETF protocol assignments with Teredo, documentation.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Range::Reserved,
        [0x2000..=0x3fff, ..] => Range::Public,
        _ => Range::Reserved,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_by_what_they_reach() {
        let table = [
            (
                Range::Public,
                "1.1.1.1 172.15.0.1 172.32.0.1 100.63.255.255 100.128.0.1 2606:4700::1111 2002:101:101::",
            ),
            (Range::Public, "::ffff:8.8.8.8 64:ff9b::808:808 168.63.129.17"),
            (Range::Loopback, "127.0.0.1 127.255.255.254 0.0.0.0 ::1 :: ::ffff:127.0.0.1 ::127.0.0.1"),
            (Range::Loopback, "64:ff9b::7f00:1 2002:7f00:1:: ::ffff:0.0.0.0"),
            (
                Range::Private,
                "10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 100.64.0.1 100.127.255.255 fc00::1",
            ),
            (
                Range::Private,
                "fd12:3456::1 fec0::1 64:ff9b:1::a00:1 ::ffff:10.0.0.1 2002:a00:1:: 64:ff9b::c0a8:1",
            ),
            (
                Range::Metadata,
                "169.254.169.254 169.254.0.1 100.100.100.200 192.0.0.192 168.63.129.16 fe80::1",
            ),
            (
                Range::Metadata,
                "fd00:ec2::254 fd20:ce::254 ::ffff:169.254.169.254 64:ff9b::a9fe:a9fe 2002:a9fe:a9fe::",
            ),
            (Range::Reserved, "0.1.2.3 192.0.2.1 198.18.0.1 203.0.113.9 224.0.0.1 255.255.255.255 240.0.0.1"),
            (Range::Reserved, "ff02::1 2001:db8::1 2001::1 3fff::1 100::1 4000::1 198.51.100.7 192.0.0.8"),
        ];
        for (range, addresses) in table {
            for address in addresses.split(' ') {
                assert_eq!(Range::of(address.parse().unwrap()), range, "{address}");
            }
        }
    }
}
