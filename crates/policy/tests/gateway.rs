//! What a configuration says about the gateway, its callers, and servers that are reached by URL.

// Clippy exempts tests from these lints, but not the functions that tests share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::Duration;

use mcp_guard_policy::{
    AuthMode, Caller, Effect, Era, KeyringEntry, Launch, Listen, Network, Overrides, Policy, Surface,
    TokenSource, Transport, check_header, diff, parse, parse_extending,
};
use wire::Revision;

const KEY: &str = "0123456789abcdef-of-ada";
const HASH: &str = "sha256:738e0065355d69d80287323295e07d664bf160692cea268c0d6b22b7da1a061d";

fn env(name: &str) -> Option<String> {
    (name == "KEY").then(|| KEY.to_owned())
}

fn policy(text: &str) -> Policy {
    parse(text, "f.yaml", &env).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn refused(text: &str, wanted: &str) {
    let error = parse(text, "f.yaml", &env).expect_err("the file was accepted").to_string();
    assert!(error.contains("f.yaml:1:") && error.contains(wanted), "{text}: {error}");
}

fn launch(rest: &str) -> Launch {
    policy(&format!("servers: {{a: {{{rest}}}}}")).server(None).unwrap().launch.clone().unwrap()
}

fn merged(base: &str, own: &str) -> Result<Policy, String> {
    let own = format!("extends: {{path: base.yaml}}\n{own}");
    parse_extending((base, "base.yaml"), (&own, "own.yaml"), &env, Overrides::default())
        .map_err(|error| error.to_string())
}

#[test]
fn without_a_file_it_listens_to_this_machine_alone() {
    let policy = policy("");
    let gateway = policy.gateway();
    assert_eq!(gateway.listen, ["127.0.0.1:8080".parse::<Listen>().unwrap()]);
    assert_eq!((gateway.auth.mode, gateway.min_protocol_version), (AuthMode::Os, None));
    assert!(gateway.open_to_strangers().is_empty());
}

#[test]
fn everything_can_be_said() {
    let policy = policy(
        r#"
gateway:
  listen: ["0.0.0.0:443", "[::1]:0", "localhost:9", "unix:/run/guard.sock"]
  tls: {cert: /c.pem, key: /k.pem}
  allowed_hosts: [Guard.Example.org, "[::1]:8443"]
  allowed_origins: ["https://app.example.org"]
  min_protocol_version: 2025-06-18
  limits: {max_sessions: 5, header_timeout: 3, event_store_events: 0}
  shutdown_timeout: 7
servers:
  a: {command: x}
  b: {command: x, min_protocol_version: 2026-07-28}
"#,
    );
    let gateway = policy.gateway();
    let shown: Vec<String> = gateway.listen.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["0.0.0.0:443", "[::1]:0", "127.0.0.1:9", "unix:/run/guard.sock"]);
    assert_eq!(gateway.tls.as_ref().unwrap().key.to_str(), Some("/k.pem"));
    assert_eq!(gateway.allowed_hosts, ["guard.example.org", "[::1]:8443"]);
    assert_eq!((gateway.limits.max_sessions, gateway.limits.event_store_events), (5, 0));
    assert_eq!(gateway.limits.header_timeout, Duration::from_secs(3));
    assert_eq!(gateway.open_to_strangers(), [&gateway.listen[0]]);
    let oldest = |name| policy.server(Some(name)).unwrap().min_protocol_version.as_ref().unwrap();
    assert_eq!(
        (oldest("a").value, oldest("a").at.to_string()),
        (Revision::V2025_06_18, "f.yaml:7:25".into())
    );
    assert_eq!(oldest("b").value, Revision::V2026_07_28);
}

#[test]
fn every_revision_can_be_the_oldest() {
    for revision in Revision::ALL {
        let policy = policy(&format!("gateway: {{min_protocol_version: {revision}}}"));
        assert_eq!(policy.gateway().min_protocol_version, Some(revision));
        let expected = if revision == Revision::ALL[0] { Effect::Neutral } else { Effect::Tightens };
        let changes = diff(&parse("", "f.yaml", &env).unwrap(), &policy);
        assert_eq!(changes.iter().map(|change| change.effect).collect::<Vec<_>>(), [expected], "{revision}");
    }
}

#[test]
fn what_would_not_work_is_refused() {
    for (gateway, wanted) in [
        ("listen: []", "listen nowhere"),
        ("listen: ['8080']", "`127.0.0.1` for this machine"),
        ("listen: [':8080']", "`0.0.0.0` for every network"),
        ("listen: ['guard.example.org:80']", "write an IP address"),
        ("listen: ['unix:guard.sock']", "whole path"),
        ("tls: {cert: /c}", "`tls` has no `key`"),
        ("allowed_hosts: ['https://x']", "nothing could match this"),
        ("allowed_hosts: ['*']", "nothing could match this"),
        ("allowed_origins: ['null']", "nothing could match this"),
        ("allowed_origins: ['https://x/']", "nothing could match this"),
        ("min_protocol_version: 2025-11-26", "did you mean `2025-11-25`?"),
        ("limits: {max_session: 1}", "did you mean `max_sessions`?"),
        ("limits: {max_sessions: 0}", "outside of 1 to"),
        ("port: 8080", "what is `gateway.listen` here"),
        ("ports: 8080", "known here: `listen`"),
    ] {
        refused(&format!("gateway: {{{gateway}}}"), wanted);
    }
}

#[test]
fn a_key_is_its_digest_and_a_caller() {
    let text = "auth: {api_keys: {ada: {key: '${KEY}', roles: [dev], groups: [staff]}}, roles: {\
                dev: {permissions: {denied_tools: [x]}}, default: {permissions: {allowed_tools: []}}}}\n\
                servers: {a: {command: x}}";
    let policy = policy(text);
    let auth = &policy.gateway().auth;
    assert_eq!(auth.mode, AuthMode::ApiKey);
    assert_eq!(auth.api_keys[0].hash.to_string(), HASH);
    let keys = auth.keys().unwrap();
    let caller = Caller::from(keys.authenticate(KEY).unwrap());
    assert_eq!(caller, Caller { user: "ada".to_owned(), groups: vec!["staff".to_owned()] });
    let server = policy.server(None).unwrap();
    let allowed = |user: &str, tool: &str| {
        let caller = Caller { user: user.to_owned(), groups: Vec::new() };
        policy.for_caller(server, &caller).permissions.judge(Surface::Tool, tool).is_allowed()
    };
    assert!(allowed("ada", "y") && !allowed("ada", "x"), "the role applies");
    assert!(!allowed("eve", "y"), "and to nobody else");
}

#[test]
fn keys_that_protect_nothing_are_refused() {
    for (auth, wanted) in [
        ("mode: os, api_keys: {a: {key: '${KEY}'}}", "these keys would be asked of nobody"),
        ("mode: none, api_keys: {a: {key: '${KEY}'}}", "these keys would be asked of nobody"),
        ("mode: oauth", "is not in this version"),
        ("mode: jwt", "is not one of"),
        ("api_keys: {a: {key: secret}}", "at least 16 characters"),
        ("api_keys: {a: {key: 'with spaces in the middle'}}", "visible ASCII"),
        ("api_keys: {a: {key: 'sha256:abc'}}", "64 hexadecimal digits"),
        ("api_keys: {sk-of-m0lz: {roles: [default]}}", "add `key: ${VARIABLE}`"),
        (&format!("api_keys: {{a: {{key: '${{KEY}}'}}, b: {{key: '{HASH}'}}}}"), "the key of `a`, too"),
        ("api_keys: {a: {key: '${KEY}', roles: [dve]}}, roles: {dev: {}}", "did you mean `dev`?"),
    ] {
        refused(&format!("auth: {{{auth}}}"), wanted);
    }
}

#[test]
fn keys_are_shown_nowhere() {
    let text = "auth: {api_keys: {ada: {key: '${KEY}'}}}";
    let policy = policy(text);
    let shown = format!("{:?} {:?}", policy.entries(), policy.gateway().auth);
    assert!(shown.contains("auth.api_keys.ada") && !shown.contains(KEY), "{shown}");
    for faulty in [
        "auth: {api_keys: {a: {key: short-one}}}",
        "servers: {a: {url: 'https://x', headers: {Host: short-one}}}",
        "servers: {a: {command: x, upstream_auth_token: short-one}}",
    ] {
        let error = parse(faulty, "f.yaml", &env).unwrap_err().to_string();
        assert!(error.contains("*********") && !error.contains("short-one"), "{error}");
    }
    let server = launch("url: 'https://x', headers: {X-Key: '${KEY}'}, upstream_auth_token: '${KEY}'");
    assert!(!format!("{server:?} {:?}", server.token).contains(KEY), "{server:?}");
}

#[test]
fn another_caller_loosens_and_one_less_tightens() {
    let keys = |names: &str| format!("auth: {{mode: api_key, api_keys: {{{names}}}}}");
    let (one, other) = ("a: {key: 0123456789abcdef-1x}", "b: {key: 0123456789abcdef-2x}");
    let both = keys(&format!("{one}, {other}"));
    let change = |old: &str, new: &str| {
        let changes = diff(&policy(old), &policy(new));
        changes.into_iter().map(|change| (change.path, change.effect)).collect::<Vec<_>>()
    };
    let of_b = |effect| vec![("auth.api_keys.b".to_owned(), effect)];
    assert_eq!(change(&keys(one), &both), of_b(Effect::Loosens));
    assert_eq!(change(&both, &keys(one)), of_b(Effect::Tightens));
    let grouped = keys(&format!("{one}, {}", other.replace('}', ", groups: [g]}")));
    assert_eq!(change(&both, &grouped), of_b(Effect::Loosens));
    for key in ["allowed_hosts", "allowed_origins"] {
        let list = |items: &str| format!("gateway: {{{key}: [{items}]}}");
        let (few, more) =
            if key == "allowed_hosts" { ("a", "a, b") } else { ("'http://a'", "'http://a', 'http://b'") };
        assert_eq!(change("", &list(few)), [(format!("gateway.{key}"), Effect::Loosens)]);
        assert_eq!(change(&list(few), &list(more)), [(format!("gateway.{key}"), Effect::Loosens)]);
        assert_eq!(change(&list(more), &list(few)), [(format!("gateway.{key}"), Effect::Tightens)]);
    }
    assert_eq!(
        change("auth: {mode: none}", "auth: {mode: api_key}"),
        [("auth.mode".to_owned(), Effect::Tightens)]
    );
    assert_eq!(
        change("", "gateway: {listen: ['0.0.0.0:1']}"),
        [("gateway.listen".to_owned(), Effect::NeedsRestart)]
    );
}

#[test]
fn a_base_holds_for_every_gateway() {
    let strict = "auth: {mode: api_key}\ngateway: {min_protocol_version: 2025-11-25, limits: {max_sessions: 10}}\n\
                  servers: {a: {command: x}}";
    let mild = "auth: {mode: none}\ngateway: {min_protocol_version: 2024-11-05, limits: {max_sessions: 99}, listen: ['0.0.0.0:1']}\n\
                servers: {a: {min_protocol_version: 2025-03-26}}";
    let policy = merged(strict, mild).unwrap();
    let gateway = policy.gateway();
    assert_eq!(gateway.auth.mode, AuthMode::ApiKey);
    assert_eq!(gateway.min_protocol_version, Some(Revision::V2025_11_25));
    assert_eq!(
        policy.server(None).unwrap().min_protocol_version.as_ref().unwrap().value,
        Revision::V2025_11_25
    );
    assert_eq!((gateway.limits.max_sessions, gateway.listen[0].to_string()), (10, "0.0.0.0:1".to_owned()));
    for base in [
        "gateway: {listen: ['0.0.0.0:1']}",
        "gateway: {allowed_origins: ['https://x']}",
        "auth: {api_keys: {}}",
    ] {
        assert!(merged(base, "").unwrap_err().contains("belongs into the files of the machines"), "{base}");
    }
    let base = "servers: {a: {url: 'https://x'}}";
    let keyring = "token_keyring: {service: s, account: a}";
    for key in
        ["allow_private: true", "headers: {X: y}", "token_file: /x", keyring, "ca_file: /x", "era: modern"]
    {
        let error = merged(base, &format!("servers: {{a: {{{key}}}}}")).unwrap_err();
        assert!(error.contains("of a server of the base cannot be changed"), "{key}: {error}");
    }
}

#[test]
fn a_url_is_enough() {
    let server = launch("url: 'https://example.org/mcp'");
    assert_eq!((server.transport, server.era), (Transport::Http, Era::Auto));
    assert!(!server.remote.allow_private && server.remote.allow_addresses.is_empty());
    let server = launch(
        "url: 'https://example.org/mcp', transport: sse, headers: {X-Tenant: a b}, token_file: /t, allow_private: true, \
         allow_addresses: [10.1.0.0/16], ca_file: /ca, connect_timeout: 3, circuit_breaker: {failures: 2}, era: legacy",
    );
    assert_eq!((server.transport, server.era), (Transport::Sse, Era::Legacy));
    assert_eq!(server.headers, [("X-Tenant".to_owned(), "a b".to_owned())]);
    assert_eq!(server.token, Some(TokenSource::File("/t".into())));
    let remote = server.remote;
    assert_eq!((remote.allow_private, remote.connect_timeout), (true, Duration::from_secs(3)));
    assert_eq!(remote.allow_addresses, ["10.1.0.0/16".parse::<Network>().unwrap()]);
    assert_eq!(
        (remote.circuit_breaker.failures, remote.circuit_breaker.open_for),
        (2, Duration::from_secs(30))
    );
}

#[cfg(unix)]
#[test]
fn a_token_can_be_in_the_keyring() {
    let server = launch("url: 'https://x', token_keyring: {service: mcp server, account: ada}");
    let entry = KeyringEntry { service: "mcp server".into(), account: "ada".into() };
    assert_eq!(server.token, Some(TokenSource::Keyring(entry)));
    for (keyring, wanted) in [
        ("{service: s}", "`account` is missing"),
        ("{service: '', account: a}", "this value is empty"),
        ("{service: -s, account: a}", "this can be no `service`"),
        ("{service: s, account: \"a\\nb\"}", "this can be no `account`"),
        ("{service: s, account: a, keychain: k}", "unknown"),
    ] {
        refused(&format!("servers: {{a: {{url: 'https://x', token_keyring: {keyring}}}}}"), wanted);
    }
    let both = "url: 'https://x', token_file: /t, token_keyring: {service: s, account: a}";
    refused(&format!("servers: {{a: {{{both}}}}}"), "both `token_file` and `token_keyring`");
}

#[cfg(not(unix))]
#[test]
fn there_is_no_keyring_to_ask() {
    let keyring = "token_keyring: {service: s, account: a}";
    refused(&format!("servers: {{a: {{url: 'https://x', {keyring}}}}}"), "there is no keyring");
}

#[test]
fn connections_that_cannot_be_meant_are_refused() {
    for (server, wanted) in [
        ("url: 'https://u:p@example.org/'", "is not sent"),
        ("url: 'https://'", "no web address"),
        ("url: 'ftp://x'", "no web address"),
        ("command: x, url: 'https://x'", "either a `command` or a `url`"),
        ("command: x, headers: {A: b}", "`headers` is only used with a `url`"),
        ("command: x, upstream_auth_token: t", "only used with a `url`"),
        (
            "url: 'https://x', upstream_auth_token: t, token_file: /t",
            "both `upstream_auth_token` and `token_file`",
        ),
        (
            "url: 'https://x', headers: {authorization: b}, token_file: /t",
            "both `headers.Authorization` and `token_file`",
        ),
        ("url: 'https://x', headers: {A: b, a: c}", "given twice"),
        ("url: 'https://x', headers: {Mcp-Session-Id: b}", "headers of MCP"),
        ("url: 'https://x', headers: {A: \"b\\r\\nC: d\"}", "cannot be sent in a header"),
        ("url: 'https://x', allow_addresses: [10.0.0.0/33]", "as in `10.1.2.3`"),
        ("url: 'https://x', era: modem", "did you mean `modern`?"),
        ("url: 'https://x', allow_privat: true", "did you mean `allow_private`?"),
    ] {
        refused(&format!("servers: {{a: {{{server}}}}}"), wanted);
    }
}

#[test]
fn headers_that_are_not_ours_to_choose_are_refused() {
    for name in [
        "Connection",
        "Keep-Alive",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "Proxy-Authorization",
        "Expect",
        "Host",
        "Content-Length",
        "Content-Type",
        "Accept",
        "Accept-Encoding",
        "MCP-Protocol-Version",
        "Mcp-Param-x",
        "Last-Event-ID",
        "a b",
        "a:b",
        "",
        "é",
    ] {
        assert!(check_header(name, "x").is_err(), "{name}");
    }
    for name in ["Authorization", "X-API-Key", "Cookie", "User-Agent", "Accept-Language", "X-Forwarded-For"] {
        assert_eq!(check_header(name, "x"), Ok(()), "{name}");
    }
}

#[test]
fn networks_are_read_in_every_spelling() {
    for (text, read) in [
        ("10.1.2.3", "10.1.2.3/32"),
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("::1", "::1/128"),
        ("fd00::/8", "fd00::/8"),
        ("::ffff:10.0.0.1", "10.0.0.1/32"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
    ] {
        assert_eq!(text.parse::<Network>().unwrap().to_string(), read);
    }
    for text in
        ["", "x", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "::/129", "::ffff:0.0.0.0/95", "10.0.0.0/-1"]
    {
        assert!(text.parse::<Network>().is_err(), "{text}");
    }
}
