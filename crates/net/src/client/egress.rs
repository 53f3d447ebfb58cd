use std::{net::IpAddr, str::FromStr};

use http::Uri;
use url::Host;

use super::{
    NetError,
    address::{Range, unwrapped},
};

/// Which addresses may be connected to. Without a word, public ones alone.
#[derive(Debug, Clone, Default)]
pub struct Egress {
    allow_private: bool,
    allow: Vec<Allow>,
    named: Vec<(Host, u16)>,
}

/// One exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allow {
    /// Addresses that begin with these many bits of this one.
    Network(IpAddr, u8),
    /// Where this name leads, if that is this machine or a private network.
    Name(String),
}

impl Egress {
    /// Lets out to exceptions, whatever they are, and with `allow_private` to this machine and to private networks, but
    /// not to link-local addresses and the metadata services of clouds.
    pub fn new(allow_private: bool, allow: Vec<Allow>) -> Self {
        Self { allow_private, allow, named: Vec::new() }
    }

    /// Takes note of a URL the operator wrote: by writing `localhost` or the literal of an address of this machine or of
    /// a private network, they mean that host, at that port. What any other name leads to is not for them to know.
    #[must_use]
    pub fn named(mut self, url: &Uri) -> Self {
        if let Ok(host) = host(url) {
            self.named.push((host, port(url)));
        }
        self
    }

    /// Whether this address, to which `host` has led, may be connected to.
    pub(super) fn check(&self, host: &Host, port: u16, address: IpAddr) -> Result<(), NetError> {
        let range = Range::of(address);
        let near = matches!(range, Range::Loopback | Range::Private);
        let meant = match host {
            Host::Domain(name) => range == Range::Loopback && is_localhost(name),
            Host::Ipv4(_) | Host::Ipv6(_) => near,
        } && self.named.iter().any(|(named, at)| named == host && *at == port);
        let listed = self.allow.iter().any(|allow| match allow {
            Allow::Network(network, bits) => {
                [address, unwrapped(address)].into_iter().any(|address| begins_with(address, *network, *bits))
            }
            Allow::Name(name) => {
                near && matches!(host, Host::Domain(host) if host.eq_ignore_ascii_case(name))
            }
        });
        if range == Range::Public || meant || listed || (near && self.allow_private) {
            return Ok(());
        }
        let remedy = match near {
            true => format!("set `allow_private: true`, or list `{address}` under `allow`"),
            false => format!("list `{address}` under `allow`"),
        };
        Err(NetError::Forbidden { host: host.to_string(), address, range: range.name(), remedy })
    }
}

/// The host a URL names. Every spelling of an address is that address (WHATWG URL, host parsing).
pub(super) fn host(url: &Uri) -> Result<Host, NetError> {
    let wrong = |why: String| NetError::Url { url: url.host().unwrap_or_default().to_owned(), why };
    let host = Host::parse(url.host().unwrap_or_default()).map_err(|error| wrong(error.to_string()))?;
    Ok(match host {
        Host::Domain(name) => Host::Domain(name.trim_end_matches('.').to_owned()),
        address => address,
    })
}

pub(super) fn port(url: &Uri) -> u16 {
    url.port_u16().unwrap_or(if is_tls(url) { 443 } else { 80 })
}

pub(super) fn is_tls(url: &Uri) -> bool {
    url.scheme() == Some(&http::uri::Scheme::HTTPS)
}

fn is_localhost(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

fn begins_with(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    let (address, network, width) = match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(n)) => (u128::from(a.to_bits()), u128::from(n.to_bits()), 32),
        (IpAddr::V6(a), IpAddr::V6(n)) => (a.to_bits(), n.to_bits(), 128),
        _ => return false,
    };
    // All bits shifted out is what a network of no bits means.
    (address ^ network).checked_shr(width - u32::from(bits).min(width)).unwrap_or(0) == 0
}

/// What an exception is written as: an address, a network (`10.0.0.0/8`) or a host name.
impl FromStr for Allow {
    type Err = NetError;

    fn from_str(text: &str) -> Result<Self, NetError> {
        let wrong = || NetError::Allow(text.to_owned());
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Network(address, width(address)));
        }
        if let Some((network, bits)) = text.split_once('/') {
            let network: IpAddr = network.parse().map_err(|_| wrong())?;
            let bits = bits.parse().ok().filter(|bits| *bits <= width(network)).ok_or_else(wrong)?;
            return Ok(Self::Network(network, bits));
        }
        match Host::parse(text) {
            Ok(Host::Domain(name)) if !name.is_empty() => Ok(Self::Name(name)),
            _ => Err(wrong()),
        }
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes(egress: &Egress, url: &str, address: &str) -> bool {
        let url: Uri = url.parse().unwrap();
        egress.check(&host(&url).unwrap(), port(&url), address.parse().unwrap()).is_ok()
    }

    #[test]
    fn what_the_operator_wrote_is_meant_and_what_a_name_leads_to_is_not() {
        let meant = |url: &str| Egress::default().named(&url.parse().unwrap());
        for (egress, url, address, expected) in [
            (meant("http://localhost:8000/mcp"), "http://localhost:8000/mcp", "127.0.0.1", true),
            (meant("http://localhost:8000/mcp"), "http://LOCALHOST:8000/other", "::1", true),
            // `localhost` is this machine and nothing else, at this port and no other.
            (meant("http://localhost:8000/mcp"), "http://localhost:8000/mcp", "10.0.0.1", false),
            (meant("http://localhost:8000/mcp"), "http://localhost:22/", "127.0.0.1", false),
            (meant("http://localhost:8000/mcp"), "http://127.0.0.1:8000/mcp", "127.0.0.1", false),
            (meant("http://10.0.0.5/mcp"), "http://10.0.0.5/mcp", "10.0.0.5", true),
            (meant("http://0xa000005/mcp"), "http://10.0.0.5/mcp", "10.0.0.5", true),
            (meant("http://10.0.0.5/mcp"), "http://10.0.0.6/mcp", "10.0.0.6", false),
            (meant("http://[::1]:1/"), "http://[::1]:1/", "::1", true),
            (meant("http://intern.example/"), "http://intern.example/", "10.0.0.1", false),
            (meant("http://intern.example/"), "http://intern.example/", "127.0.0.1", false),
            (meant("http://169.254.169.254/"), "http://169.254.169.254/", "169.254.169.254", false),
            (
                meant("http://[::ffff:a9fe:a9fe]/"),
                "http://[::ffff:a9fe:a9fe]/",
                "::ffff:169.254.169.254",
                false,
            ),
            (Egress::default(), "http://localhost/", "127.0.0.1", false),
            (Egress::default(), "https://public.example/", "1.1.1.1", true),
        ] {
            assert_eq!(goes(&egress, url, address), expected, "{egress:?}: {url} at {address}");
        }
    }

    #[test]
    fn exceptions_are_exact() {
        let allow = |text: &str| Egress::new(false, vec![text.parse().unwrap()]);
        let private = Egress::new(true, vec![]);
        for (egress, address, expected) in [
            (allow("10.1.0.0/16"), "10.1.255.1", true),
            (allow("10.1.0.0/16"), "::ffff:10.1.0.1", true),
            (allow("10.1.0.0/16"), "10.2.0.1", false),
            (allow("169.254.169.254"), "169.254.169.254", true),
            (allow("169.254.169.254"), "169.254.169.253", false),
            (allow("fd00::/8"), "fd00:ec2::254", true),
            (allow("0.0.0.0/0"), "127.0.0.1", true),
            (allow("0.0.0.0/0"), "::1", false),
            (allow("intern.example"), "10.0.0.1", true),
            (allow("intern.example"), "169.254.169.254", false),
            (allow("other.example"), "10.0.0.1", false),
            (private.clone(), "10.0.0.1", true),
            (private.clone(), "127.0.0.1", true),
            (private.clone(), "fd00:ec2::254", false),
            (private.clone(), "169.254.169.254", false),
            (private, "224.0.0.1", false),
        ] {
            assert_eq!(goes(&egress, "http://intern.example/", address), expected, "{egress:?}: {address}");
        }
        for wrong in ["10.0.0.0/33", "fd00::/129", "10.0.0/8", "", "a b", "/8", "10.0.0.0/-1"] {
            assert!(wrong.parse::<Allow>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_refusal_names_the_address_and_the_remedy() {
        let url: Uri = "http://intern.example/".parse().unwrap();
        let error = Egress::default()
            .check(&host(&url).unwrap(), 80, "10.0.0.1".parse().unwrap())
            .unwrap_err()
            .to_string();
        for part in ["intern.example", "10.0.0.1", "private network", "allow_private: true"] {
            assert!(error.contains(part), "{error}");
        }
    }
}
