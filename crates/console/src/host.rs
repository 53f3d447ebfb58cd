use hyper::{Request, header::HOST};

/// Whether the request is meant for this machine by one of its own names (RFC 9110 §7.2).
pub(crate) fn is_ours<B>(request: &Request<B>) -> bool {
    let mut hosts = request.headers().get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let Ok(host) = host.to_str() else { return false };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name.eq_ignore_ascii_case("localhost") || ["127.0.0.1", "[::1]"].contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_ours() {
        let ours = |hosts: &[&str]| {
            let mut request = Request::builder();
            for host in hosts {
                request = request.header(HOST, *host);
            }
            is_ours(&request.body(()).unwrap())
        };
        for host in ["127.0.0.1", "127.0.0.1:9777", "localhost:1", "LOCALHOST", "[::1]:9777", "[::1]"] {
            assert!(ours(&[host]), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil:80",
            "127.0.0.1:80:1",
            "::1",
            "0.0.0.0",
        ] {
            assert!(!ours(&[host]), "{host}");
        }
        assert!(!ours(&[]));
        assert!(!ours(&["127.0.0.1", "evil.example"]));
    }
}
