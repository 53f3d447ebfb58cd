use std::borrow::Cow;

use proptest::prelude::*;

use super::{canonical_uri, canonical_uri_pattern, fold, fold_case, fold_pattern, plain, uri_readings};

#[test]
fn names_that_look_alike_fold_alike() {
    for name in [
        "delete_file",
        "DELETE_FILE",
        "delete-file",
        "delete.file",
        "delete file",
        " delete_file ",
        "delete__file",
        "delete_\u{200b}file",
        "delete%5ffile",
        "delete%255Ffile",
        "ｄｅｌｅｔｅ＿ｆｉｌｅ",
        "delete\u{202e}_file",
        "delete_file\u{fe0f}",
        "delete_file\u{e0041}",
        "dele\u{0}te_file",
        "%64elete_file",
        "%EF%BD%84elete_file",
        "delete%c1%9ffile",
    ] {
        assert_eq!(fold(name), "delete_file", "{name:?}");
    }
}

#[test]
fn names_that_differ_stay_apart() {
    for (a, b) in [("read_file", "readfile"), ("a1", "a2"), ("get", "gets"), ("é", "e"), ("", "_")] {
        assert_ne!(fold(a), fold(b));
    }
}

#[test]
fn settled_names_are_borrowed() {
    for name in ["read_file", "a", "", "search(x)", "tool+2"] {
        assert!(matches!(fold(name), Cow::Borrowed(_)), "{name}");
        assert!(matches!(plain(name), Cow::Borrowed(_)), "{name}");
    }
    for uri in ["file:///docs/a.md", "https://a.example/x", "demo://resource/static/1"] {
        assert!(matches!(canonical_uri(uri), Cow::Borrowed(_)), "{uri}");
        assert_eq!(uri_readings(uri).iter().collect::<Vec<_>>(), [uri]);
    }
}

#[test]
fn uris_have_one_canonical_form() {
    for (uri, form) in [
        ("FILE:///ETC/Passwd", "file:///ETC/Passwd"),
        ("file:/etc/passwd", "file:///etc/passwd"),
        ("file://localhost/etc/passwd", "file:///etc/passwd"),
        ("file://%2e%2e/etc/passwd", "file:///etc/passwd"),
        ("file:///safe/..%252f..%252fetc/passwd", "file:///etc/passwd"),
        ("file:///a//b/./c/../d/", "file:///a/b/d"),
        ("file:///../..", "file:///"),
        ("file:\\\\host\\share", "file:///host/share"),
        ("HTTPS://User@Host.Example.:443/A/b", "https://host.example/A/b"),
        ("http://h:8080", "http://h:8080"),
        ("demo:/x", "demo:///x"),
        ("note:Todo", "note:Todo"),
        ("/a/../b", "/b"),
        ("C:\\x", "C:/x"),
        ("", ""),
    ] {
        assert_eq!(canonical_uri(uri), form, "{uri}");
    }
}

#[test]
fn every_reading_a_server_may_make_is_listed() {
    let readings = uri_readings("file:///etc/%252e%252e/../passwd?x#y");
    let forms: Vec<_> = readings.iter().collect();
    for form in ["file:///passwd", "file:///etc/passwd", "file:///etc/passwd?x#y", "file:///passwd?x#y"] {
        assert!(forms.contains(&form), "{form} is not in {forms:?}");
    }
    assert!(readings.is_complete());
}

#[test]
fn work_on_a_hostile_uri_is_bounded() {
    let hostile = format!("file:///{}", "%2e%2e\\．．//\u{200b}?".repeat(30_000));
    let readings = uri_readings(&hostile);
    assert!(!readings.is_complete());
}

#[test]
fn escapes_are_undone_to_the_end() {
    let nested = |n: usize| format!("%{}61", "25".repeat(n));
    assert_eq!(fold(&nested(0)), "a");
    assert_eq!(fold(&nested(10_000)), "a");
    assert_eq!(fold("%EF%BC%85%36%31"), "a");
    assert_eq!(fold("100%"), "100%");
    assert_eq!(fold("%zz"), "%zz");
}

#[test]
fn case_is_folded_beyond_ascii() {
    for (a, b) in [("ΣΑΣ", "σας"), ("STRASSE", "straße"), ("\u{212a}", "k"), ("ſ", "S")] {
        assert_eq!(fold_case(a), fold_case(b));
    }
}

/// Text in which escapes, separators, lookalikes and URI structure are frequent.
fn tricky() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => proptest::sample::select(vec![
            "%", "25", "2e", "%2e", "%252f", "%5c", "%EF%BC%85", "%c0%ae", "/", "//", "\\", ".", "..", "/../", ":", "?",
            "#", "@", "file:", "file://", "https://", "HTTP:", "ab:", "localhost", "\u{200b}", "\u{fdd0}", "％", "．", "ａ",
            "ﬁ", "İ", "ß", "ẞ", "Σ", "-", "_", " ", "\u{0}", "\t", "\u{345}", "e\u{301}", "ﷺ", "\u{1e9b}\u{323}",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,4}",
        1 => any::<String>(),
    ];
    proptest::collection::vec(part, 0..14).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn reading_a_name_twice_changes_nothing(text in tricky()) {
        let folded = fold(&text);
        prop_assert_eq!(&fold(&folded), &folded);
        let seen = plain(&text);
        prop_assert_eq!(&plain(&seen), &seen);
        let uri = canonical_uri(&text);
        prop_assert_eq!(&canonical_uri(&uri), &uri);
    }

    #[test]
    fn the_short_cut_agrees_with_the_long_way(text in "[a-zA-Z0-9:/._?%@ -]{0,24}") {
        prop_assert_eq!(fold(&text), fold_pattern(&text));
        prop_assert_eq!(canonical_uri(&text), canonical_uri_pattern(&text));
        let uri = format!("file:///{text}");
        prop_assert_eq!(canonical_uri(&uri), canonical_uri_pattern(&uri));
        let uri = format!("https://{text}");
        prop_assert_eq!(canonical_uri(&uri), canonical_uri_pattern(&uri));
    }

    #[test]
    fn escaping_a_name_does_not_change_its_folded_form(text in "[a-z0-9_-]{1,16}", layers in 0usize..4, at in any::<prop::sample::Index>()) {
        let at = at.index(text.len());
        let escaped = format!("{}%{}{:02x}{}", &text[..at], "25".repeat(layers), text.as_bytes()[at], &text[at + 1..]);
        prop_assert_eq!(fold(&escaped), fold(&text));
    }

    #[test]
    fn readings_never_panic_and_begin_with_the_canonical_one(text in tricky()) {
        let readings = uri_readings(&text);
        let canonical = canonical_uri(&text);
        prop_assert_eq!(readings.iter().next(), Some(canonical.as_ref()));
    }
}

#[test]
fn what_is_put_on_a_host_again_and_again_is_cut_off() {
    for tail in [":", ".", ":80", ".:80:.", " ."] {
        let uri = format!("http://Host{}/a", tail.repeat(100));
        assert_eq!(canonical_uri(&uri), "http://host/a", "{tail}");
    }
    let once = canonical_uri("fib://:::::::::::::::::::::::::::::::::::::/c//d").into_owned();
    assert_eq!(canonical_uri(&once), once);
}
