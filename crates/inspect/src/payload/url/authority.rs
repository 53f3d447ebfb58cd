//! Which hosts an address may lead to: parsers disagree about where one begins and ends.

use crate::pack::Where;

/// Schemes after which browsers look for a host however many slashes there are (WHATWG URL §3.1).
pub(super) const WEB: [&str; 6] = ["http", "https", "ftp", "ftps", "ws", "wss"];

/// What the beginning of an address says, to any of its readers.
#[derive(Debug)]
pub(super) struct Authority {
    /// In lower case, empty if there is none.
    pub(super) scheme: String,
    /// Slashes and backslashes after the scheme.
    pub(super) slashes: usize,
    /// Every host that a parser may take it for, without brackets.
    pub(super) hosts: Vec<String>,
    /// The port, where one is written.
    pub(super) port: Option<u16>,
    /// Parsers disagree, or a reader would take something else for the host.
    pub(super) deceptive: bool,
    /// It has no scheme of its own and leads to a host all the same, or slashes are not as they should be.
    pub(super) redirects: bool,
}

impl Authority {
    /// Reads an address; `None` if the text is none.
    pub(super) fn read(written: &str, kind: Where) -> Option<Self> {
        let trimmed =
            written.trim_matches(|letter: char| letter <= ' ' || matches!(letter, '"' | '\'' | '<' | '>'));
        let start = strip(trimmed, "url:").unwrap_or(trimmed);
        // Browsers take tabs and line breaks out wherever they are.
        let broken = start.bytes().take(64).any(|byte| matches!(byte, b'\t' | b'\n' | b'\r'));
        let joined: String;
        let text = if broken {
            joined = start.chars().filter(|letter| !matches!(letter, '\t' | '\n' | '\r')).collect();
            joined.as_str()
        } else {
            start
        };
        let (scheme, rest) = scheme(text);
        let slashes = rest.chars().take_while(|letter| matches!(letter, '/' | '\\')).count();
        let is_web = WEB.contains(&scheme.as_str());
        if scheme.is_empty() {
            return Self::relative(rest, slashes, kind);
        }
        if slashes < 2 && !is_web {
            return Some(Self { scheme, slashes, ..Self::none() });
        }
        let after = rest.trim_start_matches(['/', '\\']);
        let mut address = Self { scheme, slashes, ..Self::none() };
        address.find_hosts(after);
        let slashed = rest.get(..slashes).unwrap_or_default();
        // `http:host` has a host for browsers and none for the standard (RFC 3986 §3).
        let numbers = address.hosts.iter().any(|host| super::host::judge(host).disguised);
        address.redirects =
            is_web && slashed != "//" && (slashes > 0 || numbers || after.contains(['@', '.']));
        address.deceptive |= is_web && (slashed.contains('\\') || broken);
        Some(address)
    }

    /// `//host`, `/\host`, `/%09/host`, and bare hosts in arguments that are for addresses.
    fn relative(text: &str, slashes: usize, kind: Where) -> Option<Self> {
        let foreign = is_foreign(text.trim_start_matches(['/', '\\']));
        if slashes == 0 && !foreign {
            let port = text.contains([':', '/']) || text.parse::<std::net::Ipv4Addr>().is_ok();
            if kind != Where::Url || text.contains(char::is_whitespace) || !port {
                return None;
            }
            let mut bare = Self::none();
            bare.find_hosts(text);
            bare.redirects = false;
            // Without a scheme, a number or a word with a colon is no host yet.
            bare.deceptive = false;
            return Some(bare);
        }
        let unescaped = super::super::reading::read(text.as_bytes());
        let unescaped = String::from_utf8_lossy(&unescaped.bytes);
        let gap = |letter: char| letter <= ' ' || matches!(letter, '/' | '\\');
        let after = unescaped.trim_start_matches(gap);
        let lead = unescaped.get(..unescaped.len() - after.len()).unwrap_or_default();
        let mut address = Self::none();
        address.slashes = slashes;
        let odd = lead.len() > 1 && (lead.starts_with("//") || lead.contains(['\\', '\t', '\n', '\r']));
        let again = scheme(after).0;
        let absolute =
            WEB.contains(&again.as_str()) || matches!(again.as_str(), "javascript" | "data" | "vbscript");
        let host = after.split(['/', '\\', '?', '#']).next().unwrap_or_default();
        let share = text.starts_with("\\\\");
        address.redirects = (odd && !share && is_name(host)) || absolute || foreign;
        if address.redirects && kind == Where::Url {
            address.find_hosts(if absolute { scheme(after).1.trim_start_matches(gap) } else { after });
        }
        Some(address)
    }

    fn none() -> Self {
        Self {
            scheme: String::new(),
            slashes: 0,
            hosts: Vec::new(),
            port: None,
            deceptive: false,
            redirects: false,
        }
    }

    /// Takes the authority apart as each kind of parser does.
    fn find_hosts(&mut self, after: &str) {
        let until = |ends: &[char]| after.split(ends).next().unwrap_or_default();
        let browser = until(&['/', '\\', '?', '#']);
        let standard = until(&['/', '?', '#']);
        let naive = until(&['/']);
        let host = standard.rsplit('@').next().unwrap_or_default();
        self.port = host.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        for authority in [browser, standard, naive] {
            let mut parts = authority.split('@');
            let (first, last) = (parts.next().unwrap_or_default(), parts.next_back());
            for host in [last, Some(first)].into_iter().flatten() {
                self.push(host);
            }
        }
        let Some((user, host)) = standard.rsplit_once('@') else {
            let seen = browser.split(':').next().unwrap_or_default();
            let inner = super::host::judge(host_of(browser).trim_end_matches(['!', ','])).internal;
            self.deceptive |= naive.contains('@') && naive != browser && (is_name(seen) || inner);
            // `http://10.0.0.1#example.com`: what a filter that looks at the end of an address takes for the host.
            let mark = after.get(standard.len()..).and_then(|rest| rest.strip_prefix('#'));
            self.deceptive |= inner && mark.is_some_and(is_name);
            // Marks at the end of a host are cut off by some, and by others not.
            self.deceptive |= inner && standard.ends_with(['!', ',', '#']);
            return;
        };
        // `user:password@` is old, and says where it leads all the same; what looks like a host is meant to mislead.
        let name = user.split(':').next().unwrap_or_default();
        self.deceptive |= is_name(name) || user.contains(['\\', '@', '\t', ' ', '<', '>']) || host.is_empty();
        let address = super::host::judge(host_of(host));
        self.deceptive |= address.disguised;
    }

    fn push(&mut self, authority: &str) {
        let host = host_of(authority).trim_end_matches(['!', ',', '\\', '#', '?']).to_owned();
        if !host.is_empty() && !self.hosts.contains(&host) {
            self.hosts.push(host);
        }
    }
}

/// Whether a host follows one character that is folded to a slash somewhere, or to nothing.
fn is_foreign(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|first| !first.is_ascii())
        && letters.as_str().is_ascii()
        && is_name(letters.as_str())
}

/// The host without its port and brackets.
fn host_of(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

/// Whether it reads as the name of a host: labels, and a last one of letters.
fn is_name(text: &str) -> bool {
    let text = text.rsplit_once('@').map_or(text, |(_, host)| host).split(':').next().unwrap_or_default();
    let legal = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '.' | '_');
    let last = text.trim_end_matches('.').rsplit_once('.').map(|(_, last)| last);
    text.chars().all(legal)
        && last.is_some_and(|last| last.len() > 1 && last.chars().all(char::is_alphabetic))
}

/// The scheme in lower case, and what follows its colon.
fn scheme(text: &str) -> (String, &str) {
    let legal = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '.' | '-' | '_');
    match text.split_once(':') {
        // `host:8080` is a host and a port, `C:\` a drive.
        Some((scheme, rest))
            if scheme.len() > 1
                && scheme.len() <= 32
                && scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
                && scheme.chars().all(legal)
                && (!rest.starts_with(|letter: char| letter.is_ascii_digit())
                    || WEB.contains(&scheme.to_ascii_lowercase().as_str())) =>
        {
            (scheme.to_ascii_lowercase(), rest)
        }
        _ => (String::new(), text),
    }
}

fn strip<'t>(text: &'t str, lead: &str) -> Option<&'t str> {
    let head = text.get(..lead.len())?;
    head.eq_ignore_ascii_case(lead).then(|| text.get(lead.len()..)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Authority {
        Authority::read(text, Where::Url).unwrap_or_else(Authority::none)
    }

    #[test]
    fn every_host_that_a_parser_may_see_is_listed() {
        for (text, host) in [
            ("http://127.1.1.1:80#\\@127.2.2.2:80/", "127.2.2.2"),
            ("http://example.com@10.0.0.1/", "10.0.0.1"),
            ("http://10.0.0.1\\@example.com/", "10.0.0.1"),
            ("http:2130706433", "2130706433"),
            ("http://[::1]:80/", "::1"),
            ("ht\ttp://10.0.0.1/", "10.0.0.1"),
            ("localhost:8080/x", "localhost"),
        ] {
            assert!(read(text).hosts.iter().any(|found| found == host), "{text}: {:?}", read(text));
        }
    }

    #[test]
    fn what_misleads_is_told_from_what_does_not() {
        for text in [
            "https://example.com@evil.net/",
            "http://good.com\\@evil.net/",
            "http:\\\\evil.net",
            "https://good.com#@evil.net/",
            "http://a.com:80:\\@@b.com/",
            "http://127.0.0.1!/",
            "http://localhost#example.com",
            "http://127.1.1.1:80#\\@127.2.2.2:80/",
        ] {
            assert!(read(text).deceptive, "{text}");
        }
        for text in [
            "https://example.com/a@b",
            "ssh://git@github.com/a/b.git",
            "https://user:secret@example.com/",
            "https://medium.com/@someone",
            "https://example.com/?mail=a@b.com",
            "https://example.com:8443/x?y=1#z",
            "mailto:someone@example.com",
            "http://localhost:3000/",
        ] {
            assert!(!read(text).deceptive, "{text}: {:?}", read(text));
        }
        for text in [
            "//evil.net/x",
            "/\\evil.net",
            "/%09/evil.net",
            "https:///evil.net",
            "/https://evil.net",
            "////evil.net//",
        ] {
            assert!(read(text).redirects, "{text}");
        }
        for text in ["/a/b.html", "https://example.com/", "a/b//c.txt", "C:\\a\\b.txt", "/repos/x/y"] {
            assert!(!read(text).redirects, "{text}");
        }
    }
}
