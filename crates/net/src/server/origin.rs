use std::{
    net::{Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use http::{
    HeaderName, Request,
    header::{HOST, ORIGIN},
};

/// The hosts a request may be meant for. It keeps out web pages that reach us by a name which they have pointed at
/// this machine (DNS rebinding): the browser says that name in `Host`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostGuard(Option<Vec<Host>>);

/// The web pages a request may come from. It keeps out pages of other sites, which a browser names in `Origin`.
/// Programs that are no browsers send none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginGuard(Option<Vec<Origin>>);

/// What is no host or origin in a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Not a host.
    #[error(
        "`{0}` is no host; write a name or address, with a port if only that port is meant: `mcp.example:8443`"
    )]
    Host(String),
    /// Not an origin.
    #[error("`{0}` is no origin; write the scheme and the host, nothing after: `https://app.example`")]
    Origin(String),
}

impl HostGuard {
    /// This machine, by its own names and at any port.
    pub fn loopback() -> Self {
        Self(Some(loopback().map(|name| Host { name, port: None }).into()))
    }

    /// Any host: for a server that is reached by names nobody has told us.
    pub fn any() -> Self {
        Self(None)
    }

    /// This host, too; without a port, at any port.
    ///
    /// # Errors
    /// It is no host.
    pub fn and(mut self, host: &str) -> Result<Self, NameError> {
        let host = host.parse().map_err(|()| NameError::Host(host.to_owned()))?;
        if let Some(hosts) = &mut self.0 {
            hosts.push(host);
        }
        Ok(self)
    }

    /// Whether the request is meant for one of them. Answer 403 if not.
    pub fn admits<B>(&self, request: &Request<B>) -> bool {
        let Some(hosts) = &self.0 else { return true };
        match request.uri().authority() {
            Some(target) => target.as_str().parse().ok(),
            None => only(request, &HOST).ok().flatten().and_then(|host| host.parse().ok()),
        }
        .is_some_and(|host: Host| hosts.iter().any(|known| known.covers(&host)))
    }
}

impl OriginGuard {
    /// Pages of this machine, over HTTP or HTTPS and at any port.
    pub fn loopback() -> Self {
        let of = |scheme: &'static str| {
            loopback().map(|name| Origin { scheme: scheme.to_owned(), host: Host { name, port: None } })
        };
        Self(Some([of("http"), of("https")].concat()))
    }

    /// Pages of any site: only where no page can do harm.
    pub fn any() -> Self {
        Self(None)
    }

    /// Pages of this origin, too; without a port, at the port that its scheme has by default.
    ///
    /// # Errors
    /// It is no origin.
    pub fn and(mut self, origin: &str) -> Result<Self, NameError> {
        let origin = origin.parse::<Origin>().map_err(|()| NameError::Origin(origin.to_owned()))?;
        if let Some(origins) = &mut self.0 {
            origins.push(origin);
        }
        Ok(self)
    }

    /// Whether the request comes from one of them or from no page at all. Answer 403 if not.
    pub fn admits<B>(&self, request: &Request<B>) -> bool {
        let Some(origins) = &self.0 else { return true };
        match only(request, &ORIGIN) {
            Ok(None) => true,
            Ok(Some(origin)) => {
                origin.parse::<Origin>().is_ok_and(|origin| origins.iter().any(|known| known.covers(&origin)))
            }
            Err(Unclear) => false,
        }
    }
}

/// A host, as `Host` names it (RFC 9110 §7.2).
#[derive(Debug, Clone, PartialEq, Eq)]
struct Host {
    name: Name,
    port: Option<u16>,
}

/// A name or address. Addresses in other forms than the usual ones are taken for names, which nobody allows.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    Dns(String),
    V4(Ipv4Addr),
    V6(Ipv6Addr),
}

/// Where a web page comes from (RFC 6454 §6.2). `null` is none: it stands for any page that hides its own.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin {
    scheme: String,
    host: Host,
}

impl Host {
    fn covers(&self, other: &Self) -> bool {
        self.name == other.name && (self.port.is_none() || self.port == other.port)
    }
}

impl Origin {
    fn covers(&self, other: &Self) -> bool {
        self.scheme == other.scheme && self.host.covers(&other.host)
    }
}

impl FromStr for Host {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (name, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (address, port) = rest.split_once(']').ok_or(())?;
                let port = if port.is_empty() { None } else { Some(port.strip_prefix(':').ok_or(())?) };
                (Name::V6(address.parse().map_err(drop)?), port)
            }
            None => {
                let (name, port) =
                    text.split_once(':').map_or((text, None), |(name, port)| (name, Some(port)));
                (name.parse()?, port)
            }
        };
        let digits =
            |port: &str| (!port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())).then_some(());
        let port = port.map(|port| digits(port).and_then(|()| port.parse().ok()).ok_or(())).transpose()?;
        Ok(Self { name, port })
    }
}

impl FromStr for Name {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let name = text.strip_suffix('.').unwrap_or(text);
        let letters =
            |label: &str| label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if !name.split('.').all(|label| !label.is_empty() && letters(label)) {
            return Err(());
        }
        Ok(name.parse().map_or_else(|_| Self::Dns(name.to_ascii_lowercase()), Self::V4))
    }
}

impl FromStr for Origin {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (scheme, host) = text.split_once("://").ok_or(())?;
        if scheme.is_empty()
            || !scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        {
            return Err(());
        }
        let scheme = scheme.to_ascii_lowercase();
        let mut host: Host = host.parse()?;
        host.port = host.port.or(match scheme.as_str() {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        });
        Ok(Self { scheme, host })
    }
}

/// The header occurs twice, or is no text.
struct Unclear;

fn only<'r, B>(request: &'r Request<B>, name: &HeaderName) -> Result<Option<&'r str>, Unclear> {
    let mut values = request.headers().get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| Unclear),
        (Some(_), Some(_)) => Err(Unclear),
    }
}

fn loopback() -> [Name; 3] {
    [Name::Dns("localhost".to_owned()), Name::V4(Ipv4Addr::LOCALHOST), Name::V6(Ipv6Addr::LOCALHOST)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(name: HeaderName, values: &[&str]) -> Request<()> {
        let request = values.iter().fold(Request::builder(), |request, value| request.header(&name, *value));
        request.body(()).unwrap()
    }

    #[test]
    fn hosts() {
        let loopback = HostGuard::loopback();
        let more = HostGuard::loopback().and("MCP.example.").unwrap().and("10.0.0.7:8443").unwrap();
        for (host, at_loopback, with_more) in [
            ("localhost", true, true),
            ("LocalHost.:1", true, true),
            ("127.0.0.1:65535", true, true),
            ("[::1]", true, true),
            ("[0:0::1]:80", true, true),
            ("mcp.example", false, true),
            ("mcp.EXAMPLE:9", false, true),
            ("10.0.0.7:8443", false, true),
            ("10.0.0.7", false, false),
            ("10.0.0.7:80", false, false),
            ("sub.mcp.example", false, false),
            ("mcp.example.evil", false, false),
            ("localhost.evil:80", false, false),
            ("127.0.0.1.evil", false, false),
            ("127.0.0.2", false, false),
            ("127.1", false, false),
            ("2130706433", false, false),
            ("0.0.0.0", false, false),
            ("[::ffff:127.0.0.1]", false, false),
            ("[::1", false, false),
            ("[::1]x", false, false),
            ("::1", false, false),
            ("localhost..", false, false),
            ("localhost:", false, false),
            ("localhost:+80", false, false),
            ("localhost:80:80", false, false),
            ("localhost:65536", false, false),
            ("a@localhost", false, false),
            ("localhost, evil", false, false),
            ("", false, false),
            ("é", false, false),
        ] {
            let request = request(HOST, &[host]);
            assert_eq!(loopback.admits(&request), at_loopback, "{host}");
            assert_eq!(more.admits(&request), with_more, "{host}");
            assert!(HostGuard::any().admits(&request), "{host}");
        }
        assert!(!loopback.admits(&request(HOST, &[])));
        assert!(!loopback.admits(&request(HOST, &["localhost", "localhost"])));
        let absolute = |uri: &str| Request::get(uri).header(HOST, "localhost").body(()).unwrap();
        assert!(loopback.admits(&absolute("http://localhost/")));
        assert!(!loopback.admits(&absolute("http://evil.example/")), "the target counts (RFC 9112 §3.2.2)");
    }

    #[test]
    fn origins() {
        let loopback = OriginGuard::loopback();
        let more = OriginGuard::loopback().and("https://App.example").unwrap();
        let more = more.and("http://app.example:8080").unwrap().and("vscode-webview://abc").unwrap();
        for (origin, at_loopback, with_more) in [
            ("http://localhost", true, true),
            ("HTTPS://LOCALHOST:5173", true, true),
            ("http://127.0.0.1:6274", true, true),
            ("http://[::1]:1", true, true),
            ("https://app.example", false, true),
            ("https://app.example:443", false, true),
            ("http://app.example:8080", false, true),
            ("vscode-webview://abc", false, true),
            ("https://app.example:444", false, false),
            ("http://app.example", false, false),
            ("https://app.example.evil", false, false),
            ("https://evil.app.example", false, false),
            ("https://localhost.evil", false, false),
            ("vscode-webview://localhost", false, false),
            ("null", false, false),
            ("", false, false),
            ("localhost", false, false),
            ("http://", false, false),
            ("://localhost", false, false),
            ("http://localhost/", false, false),
            ("http://localhost@evil.example", false, false),
            ("http://localhost http://evil.example", false, false),
            ("file://", false, false),
        ] {
            let request = request(ORIGIN, &[origin]);
            assert_eq!(loopback.admits(&request), at_loopback, "{origin}");
            assert_eq!(more.admits(&request), with_more, "{origin}");
            assert!(OriginGuard::any().admits(&request), "{origin}");
        }
        assert!(loopback.admits(&request(ORIGIN, &[])), "no browser, no origin");
        assert!(!loopback.admits(&request(ORIGIN, &["http://localhost", "http://localhost"])));
    }

    #[test]
    fn what_is_no_name_is_refused_with_an_example() {
        for host in ["", "https://mcp.example", "mcp.example/", "*", "a:b"] {
            assert!(HostGuard::loopback().and(host).unwrap_err().to_string().contains("mcp.example:8443"));
        }
        for origin in ["", "app.example", "https://app.example/", "null", "*"] {
            assert!(
                OriginGuard::loopback().and(origin).unwrap_err().to_string().contains("https://app.example")
            );
        }
    }
}
