use std::net::IpAddr;

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
    allow: Vec<(IpAddr, u8)>,
    named: Vec<(Host, u16)>,
}

impl Egress {
    /// With `allow_private`, lets out to this machine and to private networks too, but not to link-local addresses and the
    /// metadata services of clouds. `allow` lists networks that are let out to whatever they are: an address, and how
    /// many of its first bits count.
    pub fn new(allow_private: bool, allow: Vec<(IpAddr, u8)>) -> Self {
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
        let listed = self.allow.iter().any(|(network, bits)| {
            [address, unwrapped(address)].into_iter().any(|address| begins_with(address, *network, *bits))
        });
        if range == Range::Public || meant || listed || (near && self.allow_private) {
            return Ok(());
        }
        let remedy = match near {
            true => format!("set `allow_private: true`, or list `{address}` under `allow_addresses`"),
            false => format!("list `{address}` under `allow_addresses`"),
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
        let allow = |address: &str, bits| Egress::new(false, vec![(address.parse().unwrap(), bits)]);
        let private = Egress::new(true, vec![]);
        for (egress, address, expected) in [
            (allow("10.1.0.0", 16), "10.1.255.1", true),
            (allow("10.1.0.0", 16), "::ffff:10.1.0.1", true),
            (allow("10.1.0.0", 16), "10.2.0.1", false),
            (allow("169.254.169.254", 32), "169.254.169.254", true),
            (allow("169.254.169.254", 32), "169.254.169.253", false),
            (allow("fd00::", 8), "fd00:ec2::254", true),
            (allow("0.0.0.0", 0), "127.0.0.1", true),
            (allow("0.0.0.0", 0), "::1", false),
            (private.clone(), "10.0.0.1", true),
            (private.clone(), "127.0.0.1", true),
            (private.clone(), "fd00:ec2::254", false),
            (private.clone(), "169.254.169.254", false),
            (private, "224.0.0.1", false),
        ] {
            assert_eq!(goes(&egress, "http://intern.example/", address), expected, "{egress:?}: {address}");
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
