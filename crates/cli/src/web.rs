//! Gets the bases of configurations over the network.

use std::net::IpAddr;

use policy::{Fetch, FetchError, FetchLimits};
use ureq::{
    Agent,
    http::{StatusCode, Uri},
    tls::{RootCerts, TlsConfig},
};

/// The network: `https://` with the system's certificates, through the proxy that `HTTPS_PROXY` or `ALL_PROXY` name,
/// and `http://` on this machine. No redirect is followed.
///
/// What comes back is checked against a digest, so neither a proxy nor the name service can put another base in place.
pub(crate) struct Web;

impl Fetch for Web {
    fn fetch(&self, url: &str, limits: FetchLimits) -> Result<Vec<u8>, FetchError> {
        let url: Uri = url.parse().map_err(|_| FetchError::Refused("this is no web address".to_owned()))?;
        let here = check(&url).map_err(|reason| FetchError::Refused(reason.to_owned()))?;
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let mut config = Agent::config_builder()
            .timeout_global(Some(limits.timeout))
            .max_redirects(0)
            .https_only(!here)
            .tls_config(tls);
        if here {
            config = config.proxy(None);
        }
        let failed = |error: ureq::Error| FetchError::Failed(error.to_string());
        let mut answer = Agent::from(config.build()).get(url).call().map_err(failed)?;
        match answer.status() {
            StatusCode::OK => {}
            status if status.is_redirection() => {
                let reason = format!("it redirects ({status}), which is not followed");
                return Err(FetchError::Failed(reason));
            }
            status => return Err(FetchError::Failed(format!("the answer is {status}"))),
        }
        answer.body_mut().with_config().limit(limits.max_bytes).read_to_vec().map_err(failed)
    }
}

/// Whether the address is on this machine, or why it may not be used.
fn check(url: &Uri) -> Result<bool, &'static str> {
    let authority = url.authority().ok_or("it has no host")?;
    if authority.as_str().contains('@') {
        return Err("it holds a user name or password");
    }
    match url.scheme_str() {
        Some("https") => Ok(false),
        Some("http") if is_here(authority.host()) => Ok(true),
        Some("http") => Err("`http://` is only for addresses on this machine"),
        _ => Err("it is neither `https://` nor `http://`"),
    }
}

fn is_here(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpListener,
        time::Duration,
    };

    use super::*;

    const LIMITS: FetchLimits = FetchLimits { max_bytes: 64, timeout: Duration::from_secs(2) };

    /// The address of a server that gives this answer once.
    fn answering(answer: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut client, _) = listener.accept().unwrap();
            let _ = client.read(&mut [0; 4096]);
            client.write_all(answer.as_bytes()).unwrap();
        });
        format!("http://{address}/base.yaml")
    }

    #[test]
    fn only_safe_addresses_are_used() {
        for (url, wanted) in [
            ("http://example.org/", "only for addresses on this machine"),
            ("http://127.0.0.1.example.org/", "only for addresses on this machine"),
            ("http://127.0.0.1@example.org/", "user name"),
            ("https://me:secret@example.org/", "user name"),
            ("ftp://example.org/", "neither"),
            ("file:///etc/passwd", "web address"),
            ("/base.yaml", "no host"),
            ("https://", "web address"),
        ] {
            match Web.fetch(url, LIMITS) {
                Err(FetchError::Refused(reason)) => assert!(reason.contains(wanted), "{url}: {reason}"),
                other => panic!("{url}: {other:?}"),
            }
        }
        for url in ["http://127.0.0.1:80/", "http://127.8.8.8/", "http://[::1]/", "http://LOCALHOST/"] {
            assert_eq!(check(&url.parse().unwrap()), Ok(true), "{url}");
        }
        assert_eq!(check(&"https://example.org/x?y".parse().unwrap()), Ok(false));
    }

    #[test]
    fn a_body_is_had() {
        let url = answering("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
        assert_eq!(Web.fetch(&url, LIMITS).unwrap(), b"abc");
    }

    #[test]
    fn other_answers_are_failures() {
        for (answer, wanted) in [
            ("HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx", "404"),
            (
                "HTTP/1.1 302 Found\r\nLocation: https://example.org/\r\nContent-Length: 1\r\n\r\nx",
                "redirects",
            ),
            ("HTTP/1.1 204 No Content\r\n\r\n", "204"),
            ("nonsense\r\n\r\n", ""),
        ] {
            match Web.fetch(&answering(answer), LIMITS) {
                Err(FetchError::Failed(reason)) => assert!(reason.contains(wanted), "{answer}: {reason}"),
                other => panic!("{answer}: {other:?}"),
            }
        }
    }

    #[test]
    fn no_more_is_taken_than_allowed() {
        let endless: &'static str =
            Box::leak(format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(65)).into_boxed_str());
        assert!(matches!(Web.fetch(&answering(endless), LIMITS), Err(FetchError::Failed(_))));
    }

    #[test]
    fn a_silent_server_is_not_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let limits = FetchLimits { timeout: Duration::from_millis(200), ..LIMITS };
        assert!(matches!(Web.fetch(&url, limits), Err(FetchError::Failed(_))));
    }
}
