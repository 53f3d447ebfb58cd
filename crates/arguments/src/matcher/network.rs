use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
};

use super::MatcherError;

/// An IP network such as `10.0.0.0/8`, or a single address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Reads a network.
    ///
    /// # Errors
    /// If it is none, or an address stands for it that is not its first.
    pub fn parse(text: &str) -> Result<Self, MatcherError> {
        let wrong = || MatcherError("a network is written `10.0.0.0/8` or `2001:db8::/32`".to_owned());
        let (address, bits) =
            text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            None => all,
            Some(bits) => bits.parse().ok().filter(|bits| *bits <= all).ok_or_else(wrong)?,
        };
        let network = Self { address, bits };
        if network.first() != network.wide(address) {
            let message = format!("{address} is not the first address of a network of {bits} bits");
            return Err(MatcherError(message));
        }
        Ok(network)
    }

    /// Whether an address lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.address.is_ipv4() == address.is_ipv4() && self.wide(address) & self.mask() == self.first()
    }

    fn first(&self) -> u128 {
        self.wide(self.address) & self.mask()
    }

    fn mask(&self) -> u128 {
        let outside = if self.address.is_ipv4() { 32 - self.bits.min(32) } else { 128 - self.bits.min(128) };
        u128::MAX.checked_shl(outside.into()).unwrap_or(0)
    }

    fn wide(&self, address: IpAddr) -> u128 {
        match address {
            IpAddr::V4(address) => u32::from(address).into(),
            IpAddr::V6(address) => Ipv6Addr::into(address),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}
