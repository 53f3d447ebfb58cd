use http::{Request, Uri, header::HOST, uri::Authority};

/// What is wrong with a request that no client sends by accident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Smell {
    #[error("exactly one Host header is needed")]
    Host,
    #[error("the target and the Host header name different hosts")]
    OtherHost,
    #[error("this is no proxy")]
    Connect,
}

/// Refuses what could be understood in two ways (RFC 9112 §3.2, RFC 9113 §8.3.1).
pub(super) fn check<B>(request: &Request<B>) -> Result<(), Smell> {
    if request.method() == http::Method::CONNECT {
        return Err(Smell::Connect);
    }
    let mut hosts = request.headers().get_all(HOST).iter();
    let host = hosts.next();
    if hosts.next().is_some() {
        return Err(Smell::Host);
    }
    let host = match host {
        Some(host) => Some(host.to_str().ok().and_then(|host| host.parse().ok()).ok_or(Smell::Host)?),
        None => None,
    };
    match (host, authority(request.uri())) {
        (Some(host), Some(target)) if !same(&host, target) => Err(Smell::OtherHost),
        // In HTTP/2 the target alone may tell.
        (None, Some(_)) if request.version() >= http::Version::HTTP_2 => Ok(()),
        (None, _) => Err(Smell::Host),
        (Some(host), _) if host.as_str().contains('@') => Err(Smell::Host),
        _ => Ok(()),
    }
}

fn authority(uri: &Uri) -> Option<&Authority> {
    uri.authority()
}

fn same(one: &Authority, other: &Authority) -> bool {
    one.as_str().eq_ignore_ascii_case(other.as_str())
}
