use std::{fmt, net::IpAddr};

use url::Url;

use super::MatcherError;

/// A host that URLs may lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// This one.
    Exactly(url::Host),
    /// Every name that ends with this one and a dot before it.
    Below(String),
}

impl Host {
    /// A host: a name, an address, or `*.` and a name for all names below it. Names are compared in lower case and in
    /// punycode (WHATWG URL §3).
    ///
    /// # Errors
    /// If it is none of these.
    pub fn parse(text: &str) -> Result<Self, MatcherError> {
        let wrong = || {
            MatcherError(
                "a host is written `example.org`, `*.example.org`, `192.0.2.1` or `[2001:db8::1]`".into(),
            )
        };
        if let Some(above) = text.strip_prefix("*.") {
            return match name(above).ok_or_else(wrong)? {
                url::Host::Domain(above) => Ok(Self(Kind::Below(format!(".{above}")))),
                _ => Err(wrong()),
            };
        }
        Ok(Self(Kind::Exactly(name(text).ok_or_else(wrong)?)))
    }

    fn holds(&self, host: &url::Host) -> bool {
        match (&self.0, host) {
            (Kind::Exactly(known), host) => known == host,
            (Kind::Below(suffix), url::Host::Domain(name)) => name.ends_with(suffix.as_str()),
            (Kind::Below(_), _) => false,
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Exactly(host) => host.fmt(f),
            Kind::Below(suffix) => write!(f, "*{suffix}"),
        }
    }
}

pub(super) fn any(hosts: &[Host], text: &str) -> bool {
    read(text).is_some_and(|host| hosts.iter().any(|known| known.holds(&host)))
}

/// The address that a URL or a bare host names outright, in whichever spelling; an IPv4 address within an IPv6 one counts
/// as what it is.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    match read(text)? {
        url::Host::Ipv4(address) => Some(address.into()),
        url::Host::Ipv6(address) => Some(IpAddr::from(address).to_canonical()),
        url::Host::Domain(_) => None,
    }
}

/// The host of a URL or of a bare `host` or `host:port`. None where programs could read different ones: with user
/// information, with backslashes, spaces or control characters, with no or more than two slashes.
fn read(text: &str) -> Option<url::Host> {
    if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return None;
    }
    let (scheme, rest) = text.split_once("://").map_or((None, text), |(scheme, rest)| (Some(scheme), rest));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() || authority.contains(['@', '%']) {
        return None;
    }
    let Some(scheme) = scheme else {
        // Without a scheme what follows the port would be something else than a path.
        return (authority.len() == rest.len()).then(|| without_port(authority)).flatten().and_then(name);
    };
    if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || scheme.eq_ignore_ascii_case("file") {
        return None;
    }
    let parsed = Url::parse(text).ok()?;
    let host = name(parsed.host_str()?)?;
    // What we took for the host has to be what a whole parser takes for it.
    (name(without_port(authority)?)? == host).then_some(host)
}

fn without_port(authority: &str) -> Option<&str> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let end = rest.find(']')? + 2;
            (authority.get(..end)?, authority.get(end..)?)
        }
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let digits = match port.strip_prefix(':') {
        Some(digits) => digits,
        None if port.is_empty() => "",
        None => return None,
    };
    digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(host)
}

/// A name or an address as all spellings of it come out; a dot at the end says nothing.
fn name(text: &str) -> Option<url::Host> {
    let text = text.strip_suffix('.').unwrap_or(text);
    let host = url::Host::parse(text).ok()?;
    match &host {
        url::Host::Domain(name)
            if name.is_empty() || name.contains('*') || name.starts_with('.') || name.contains("..") =>
        {
            None
        }
        url::Host::Ipv6(address) => Some(address.to_ipv4_mapped().map_or(host, url::Host::Ipv4)),
        _ => Some(host),
    }
}
