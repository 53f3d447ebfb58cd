//! Addresses and names that are known for where they lead.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Addresses at which clouds answer with credentials.
pub(super) const METADATA: [Ipv4Addr; 8] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(169, 254, 170, 23),
    Ipv4Addr::new(169, 254, 0, 23),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(168, 63, 129, 16),
    Ipv4Addr::new(100, 88, 222, 5),
];

pub(super) const METADATA_V6: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0xFD00, 0xEC2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xFD00, 0xEC2, 0, 0, 0, 0, 0, 0x23),
    Ipv6Addr::new(0xFD20, 0xCE, 0, 0, 0, 0, 0, 0x254),
];

pub(super) const METADATA_NAMES: [&str; 11] = [
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
pub(super) const LOCAL: [&str; 8] = [
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
pub(super) const INSIDE: [&str; 10] = [
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
pub(super) const WILDCARD: [&str; 24] = [
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
