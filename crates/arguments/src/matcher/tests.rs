// Tests fail the way they do.
#![allow(clippy::unwrap_used)]

use super::*;

fn read(json: &str) -> Value<'static> {
    Value::read(json).unwrap().into_owned()
}

fn text(said: &str) -> Value<'_> {
    Value::Text(said.into())
}

#[test]
fn values_and_forms() {
    let matcher = Matcher::one_of(vec![read("1"), read("\"a\""), read(r#"{"x":[1],"y":null}"#)]).unwrap();
    for (json, expected) in
        [("1.0", true), ("\"a\"", true), (r#"{"y":null,"x":[1e0]}"#, true), ("\"A\"", false), ("true", false)]
    {
        assert_eq!(matcher.matches(&read(json)), expected, "{json}");
    }
    let glob = Matcher::glob(["*@example.org", "docs/**/?.md"]).unwrap();
    for (said, expected) in [
        ("a@example.org", true),
        ("a@example.org.evil.com", false),
        ("x/a@example.org", false),
        ("a@exampleXorg", false),
        ("docs/x/y/z.md", true),
        ("docs/x/zz.md", false),
        ("a@example.org\n", false),
    ] {
        assert_eq!(glob.matches(&text(said)), expected, "{said}");
    }
    let prefix = Matcher::prefix(["/srv/", "a.b"]).unwrap();
    assert!(
        prefix.matches(&text("/srv/x\ny")) && prefix.matches(&text("a.b")) && !prefix.matches(&text("aXb"))
    );
    let regex = Matcher::regex(["SELECT .*", "a|b"]).unwrap();
    assert!(regex.matches(&text("SELECT 1")) && regex.matches(&text("b")));
    assert!(
        !regex.matches(&text("xSELECT 1"))
            && !regex.matches(&text("SELECT 1\n; DROP"))
            && !regex.matches(&text("bc"))
    );
    assert!(!prefix.matches(&read("1")));
    assert!(Matcher::except(prefix).matches(&read("1")));
}

#[test]
fn expressions_that_are_none_or_too_large_are_errors() {
    for wrong in ["(", "a)(b", r"(?=a)", r"(a)\1", "(?:a{1000}){1000}"] {
        assert!(Matcher::regex([wrong]).is_err(), "{wrong}");
    }
    assert!(Matcher::regex([]).is_err());
    // A comment at the end of one does not swallow what comes after.
    let commented = Matcher::regex(["(?x) a # b"]).unwrap();
    assert!(commented.matches(&text("a")) && !commented.matches(&text("ab")));
}

#[test]
fn numbers_texts_and_lists() {
    let range = Matcher::range(Limit::new("0", true), Limit::new("100.5", false)).unwrap();
    for (json, expected) in
        [("0", false), ("1e-9", true), ("100.5", true), ("100.50000000000000000001", false), ("\"5\"", false)]
    {
        assert_eq!(range.matches(&read(json)), expected, "{json}");
    }
    assert!(Matcher::range(Limit::new("2", false), Limit::new("1", false)).is_err());
    assert!(Matcher::range(Limit::new("1", true), Limit::new("1", false)).is_err());
    let length = Matcher::length(Some(1), Some(2)).unwrap();
    assert!(length.matches(&text("é😀")) && !length.matches(&text("abc")) && !length.matches(&text("")));
    let count = Matcher::count(None, Some(1)).unwrap();
    assert!(count.matches(&read("[1]")) && count.matches(&read("{}")) && !count.matches(&read("[1,2]")));
    let types = Matcher::one_of_type(vec![Type::Integer, Type::Null]).unwrap();
    assert!(types.matches(&read("2.0")) && types.matches(&read("null")) && !types.matches(&read("2.5")));
}

#[test]
fn hosts_are_what_a_client_would_connect_to() {
    let hosts = ["example.org", "*.Example.com", "bücher.example", "192.0.2.1", "[2001:db8::1]"];
    let matcher = Matcher::host(hosts.into_iter().map(|host| Host::parse(host).unwrap()).collect()).unwrap();
    for allowed in [
        "https://example.org/x?y#z",
        "HTTPS://EXAMPLE.ORG:8443",
        "example.org",
        "example.org:443",
        "example.org.",
        "https://a.b.example.com/",
        "wss://a.example.com",
        "https://xn--bcher-kva.example/",
        "https://BÜCHER.example/",
        "http://192.0.2.1/",
        "http://0xC0000201/",
        "http://3221225985/",
        "[2001:DB8:0::1]:80",
        "postgres://Example.org/db",
        "https://example.org/@evil.com",
        "https://example.org?x=\u{2f}@evil.com",
        "http://[::ffff:192.0.2.1]/",
    ] {
        assert!(matcher.matches(&text(allowed)), "{allowed}");
    }
    for refused in [
        "https://evil.com/",
        "https://example.org.evil.com/",
        "https://example.org@evil.com/",
        "https://evil.com@example.org/",
        "https://evil.com\\@example.org/",
        "https:\\\\example.org",
        "https:example.org",
        "https:///evil.com",
        "//example.org",
        "https://example.com/",
        "https://notexample.org",
        "https://evil.com#example.org",
        "https://evil.com?example.org",
        "https://example.org\n.evil.com",
        " https://example.org",
        "https://ex%61mple.org",
        "file://example.org/etc",
        "mailto:a@example.org",
        "javascript:alert(1)",
        "",
        "example.org/path@x",
        "example.org:80x",
        "https://.example.com/",
        "*.example.com",
        "https://example.org\u{2028}",
        "https://example.org:80@evil.com",
        "192.0.2.2",
        "https://examp\u{200b}le.org.evil/",
    ] {
        assert!(!matcher.matches(&text(refused)), "{refused}");
    }
    for wrong in ["", "*.", "a b", "https://x", "*.192.0.2.1", "a/b", "a@b"] {
        assert!(Host::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn addresses_in_every_spelling() {
    let networks = ["10.0.0.0/8", "169.254.169.254", "2001:db8::/32", "127.0.0.0/8"];
    let matcher =
        Matcher::cidr(networks.into_iter().map(|network| Network::parse(network).unwrap()).collect())
            .unwrap();
    for inside in [
        "10.1.2.3",
        "http://10.1/",
        "http://012.0.0.1/",
        "http://0x0a000001",
        "167772161",
        "http://[::ffff:10.0.0.1]:8080/x",
        "[::ffff:a00:1]",
        "http://169.254.169.254/latest",
        "http://2852039166/",
        "[2001:db8::5]",
        "http://0177.1",
        "１０.0.0.1",
    ] {
        assert!(matcher.matches(&text(inside)), "{inside}");
    }
    for outside in [
        "11.0.0.1",
        "http://example.org",
        "169.254.169.253",
        "[2001:db9::]",
        "10.0.0.0.0",
        "",
        "http://8.8.8.8/",
    ] {
        assert!(!matcher.matches(&text(outside)), "{outside}");
    }
    for wrong in ["10.0.0.1/8", "10.0.0.0/33", "x", "10.0.0.0/", "::/129"] {
        assert!(Network::parse(wrong).is_err(), "{wrong}");
    }
    assert!(Network::parse("0.0.0.0/0").unwrap().contains([9, 9, 9, 9].into()));
}

#[test]
fn paths_lie_in_zones_by_component_in_every_reading() {
    let zones = vec![
        Zone::new("/srv/data", Some("/srv/data/work")).unwrap(),
        Zone::new("out", Some("/home/u")).unwrap(),
    ];
    let matcher = Matcher::path_within(zones).unwrap();
    for inside in [
        "/srv/data",
        "/srv/data/",
        "/srv/data/a b/c",
        "/srv/data/x/../y",
        "//srv//data/./x",
        "a",
        "../z",
        "file:///srv/data/x",
        "file://localhost/srv/data/x",
        "/srv/data/100%",
        "/srv/data/%41",
        "/srv/data/..x",
        "/srv/data/a\\b",
        "/home/u/out/x",
    ] {
        assert!(matcher.matches(&text(inside)), "{inside}");
    }
    for outside in [
        "/srv/database",
        "/srv",
        "/",
        "/etc/passwd",
        "/srv/data/../../etc",
        "../../etc",
        "/srv/data/%2e%2e/x",
        "/srv/data/%2E./x",
        "/srv/data/..\\x",
        "/srv/data/..%5cx",
        "/srv/data/a\\..\\..\\x",
        "~/x",
        "~root/x",
        "",
        " /srv/data/x",
        "/srv/data/x\0",
        "file://host/srv/data/x",
        "file:///etc/passwd",
        "/SRV/data/x",
        "/srv/data/%00",
        "C:\\x",
        "\\\\host\\share",
        "/srv/data/../database/x",
    ] {
        assert!(!matcher.matches(&text(outside)), "{outside}");
    }
    let windows = Zone::new("C:\\Data", None).unwrap();
    assert!(windows.contains("c:/data/x") && windows.contains("C:\\DATA\\y"));
    assert!(
        !windows.contains("C:\\Data\\..\\Windows") && !windows.contains("D:\\Data") && !windows.contains("x")
    );
    assert!(
        Zone::new("rel", None).is_err()
            && Zone::new("", None).is_err()
            && Zone::new("/x", Some("rel")).is_err()
    );
}
