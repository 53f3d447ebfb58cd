use http::{Method, Request, Version, header::HOST, uri::Authority};

/// What is wrong with a request that no client sends by accident: two programs could understand it in two ways
/// (RFC 9112 §11.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Smell {
    #[error("exactly one Host header with a host is needed")]
    Host,
    #[error("the target and the Host header name different hosts")]
    OtherHost,
    #[error("this is no proxy")]
    Connect,
    #[error("the body's length is told more than once")]
    Length,
    #[error("the only transfer coding understood is `chunked`, once")]
    Coding,
    #[error("a line does not end with CR LF, or contains CR")]
    LineEnd,
    #[error("a header goes on in a second line")]
    Fold,
    #[error("the beginning and the end of the request are not clear")]
    Unclear,
}

/// Refuses what could be understood in two ways, as far as the parsed request tells (RFC 9112 §3.2, RFC 9113 §8.3.1).
pub(super) fn check<B>(request: &Request<B>) -> Result<(), Smell> {
    if request.method() == Method::CONNECT {
        return Err(Smell::Connect);
    }
    let mut hosts = request.headers().get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (None, _) => None,
        (Some(host), None) => Some(host.to_str().map_err(|_| Smell::Host)?),
        (Some(_), Some(_)) => return Err(Smell::Host),
    };
    let target = request.uri().authority();
    match (host, target) {
        (Some(host), _) if !is_authority(host) => Err(Smell::Host),
        (Some(host), Some(target)) if !host.eq_ignore_ascii_case(target.as_str()) => Err(Smell::OtherHost),
        (Some(_), _) => Ok(()),
        (None, Some(target)) if request.version() == Version::HTTP_2 && is_authority(target.as_str()) => {
            Ok(())
        }
        (None, _) => Err(Smell::Host),
    }
}

fn is_authority(text: &str) -> bool {
    !text.contains('@') && text.parse::<Authority>().is_ok_and(|authority| !authority.host().is_empty())
}
