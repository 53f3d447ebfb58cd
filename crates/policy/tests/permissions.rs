//! What a permission pattern meets. Several tests are named after ways around the rules of other
//! guards.

// Clippy exempts tests from these lints, but not the functions that tests share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use mcp_guard_policy::{
    Judgement, Location, Pattern, PatternList, PermissionLists, Permissions, Profile, Surface,
};

fn list(patterns: &[&str]) -> Option<PatternList> {
    let at = Location::BuiltIn(Profile::Balanced);
    let patterns = patterns.iter().map(|text| Pattern::new(text, at.clone())).collect();
    Some(PatternList { at, patterns })
}

fn denying_tools(patterns: &[&str]) -> Permissions {
    Permissions::compile(&PermissionLists { denied_tools: list(patterns), ..Default::default() }).unwrap()
}

fn allowing_tools(patterns: &[&str]) -> Permissions {
    Permissions::compile(&PermissionLists { allowed_tools: list(patterns), ..Default::default() }).unwrap()
}

fn denying_resources(patterns: &[&str]) -> Permissions {
    Permissions::compile(&PermissionLists { denied_resources: list(patterns), ..Default::default() }).unwrap()
}

fn allowing_resources(patterns: &[&str]) -> Permissions {
    Permissions::compile(&PermissionLists { allowed_resources: list(patterns), ..Default::default() })
        .unwrap()
}

#[track_caller]
fn denied(permissions: &Permissions, surface: Surface, names: &[&str]) {
    for name in names {
        assert!(!permissions.judge(surface, name).is_allowed(), "{name:?} is allowed");
    }
}

#[track_caller]
fn allowed(permissions: &Permissions, surface: Surface, names: &[&str]) {
    for name in names {
        assert!(
            permissions.judge(surface, name).is_allowed(),
            "{name:?}: {:?}",
            permissions.judge(surface, name)
        );
    }
}

#[test]
fn without_lists_everything_is_allowed() {
    allowed(&Permissions::default(), Surface::Tool, &["x", "", "\u{200b}"]);
    allowed(&Permissions::default(), Surface::Resource, &["file:///etc/passwd"]);
    allowed(&Permissions::default(), Surface::Prompt, &["x"]);
}

#[test]
fn an_empty_allow_list_allows_nothing() {
    let lists = PermissionLists {
        allowed_tools: list(&[]),
        allowed_resources: list(&[]),
        allowed_prompts: list(&[]),
        ..Default::default()
    };
    let none = Permissions::compile(&lists).unwrap();
    for surface in [Surface::Tool, Surface::Resource, Surface::Prompt] {
        denied(&none, surface, &["", "x", "file:///x"]);
    }
}

#[test]
fn a_denial_wins_and_names_its_rule() {
    let at = |line| Location::File { file: "mcp-guard.yaml".into(), line, column: 9 };
    let lists = PermissionLists {
        allowed_tools: list(&["*"]),
        denied_tools: Some(PatternList {
            at: at(11),
            patterns: vec![Pattern::new("delete_*", at(12)), Pattern::new("drop", at(13))],
        }),
        ..Default::default()
    };
    let permissions = Permissions::compile(&lists).unwrap();
    let Judgement::Denied(refusal) = permissions.judge(Surface::Tool, "DROP") else { panic!("allowed") };
    assert_eq!(refusal.list, "denied_tools");
    assert_eq!(&*refusal.pattern.unwrap().text, "drop");
    assert_eq!(refusal.at.to_string(), "mcp-guard.yaml:13:9");
    allowed(&permissions, Surface::Tool, &["read_file"]);
}

#[test]
fn a_name_outside_the_allow_list_names_the_list() {
    let permissions = allowing_tools(&["read_*"]);
    let Judgement::Denied(refusal) = permissions.judge(Surface::Tool, "write_file") else {
        panic!("allowed")
    };
    assert_eq!((refusal.list, refusal.pattern), ("allowed_tools", None));
    assert_eq!(refusal.at.to_string(), "built-in (balanced profile)");
}

#[test]
fn surfaces_do_not_mix() {
    let tools = denying_tools(&["**"]);
    denied(&tools, Surface::Tool, &["x"]);
    allowed(&tools, Surface::Prompt, &["x"]);
    allowed(&tools, Surface::Resource, &["x"]);
    let lists = PermissionLists { denied_prompts: list(&["x*"]), ..Default::default() };
    let prompts = Permissions::compile(&lists).unwrap();
    denied(&prompts, Surface::Prompt, &["x", "X-1"]);
    allowed(&prompts, Surface::Tool, &["x"]);
}

#[test]
fn weakness_case_change() {
    denied(&denying_tools(&["delete_file"]), Surface::Tool, &["DELETE_FILE", "Delete_File", "delete_ﬁle"]);
    denied(&denying_tools(&["Delete_*"]), Surface::Tool, &["delete_file", "DELETE_FILE"]);
    denied(&allowing_tools(&["read_file"]), Surface::Tool, &["READ_FILE"]);
    denied(
        &denying_resources(&["file:///etc/**"]),
        Surface::Resource,
        &["FILE:///ETC/passwd", "file:///Etc/passwd"],
    );
}

#[test]
fn weakness_zero_width() {
    let names = ["delete_file\u{200b}", "del\u{200d}ete_file", "\u{feff}delete_file", "delete_f\u{e0069}ile"];
    denied(&denying_tools(&["delete_file"]), Surface::Tool, &names);
    denied(&allowing_tools(&["delete_file"]), Surface::Tool, &names);
    denied(&denying_resources(&["file:///etc/**"]), Surface::Resource, &["file:///e\u{200b}tc/passwd"]);
}

#[test]
fn weakness_star_and_slash() {
    denied(
        &denying_tools(&["danger_*"]),
        Surface::Tool,
        &["danger_/x", "danger_a/b", "danger_", "danger-/x"],
    );
    denied(&allowing_tools(&["safe_*"]), Surface::Tool, &["safe_a/b"]);
}

#[test]
fn weakness_nested_paths() {
    let secret = denying_resources(&["file://secret/**"]);
    denied(&secret, Surface::Resource, &["file://secret/a", "file://secret/a/b", "file://secret/a/b/c.txt"]);
    allowed(&secret, Surface::Resource, &["file://public/a", "file:///public/secret/a"]);
    let one_level = allowing_resources(&["file:///docs/*"]);
    allowed(&one_level, Surface::Resource, &["file:///docs/a"]);
    denied(&one_level, Surface::Resource, &["file:///docs/a/b"]);
}

#[test]
fn weakness_long_names() {
    let long = format!("delete_{}", "x".repeat(100_000));
    denied(&denying_tools(&["delete_*"]), Surface::Tool, &[&long]);
    let deep = format!("file:///etc/{}", "a/".repeat(50_000));
    denied(&denying_resources(&["file:///etc/**"]), Surface::Resource, &[&deep]);
    let winding = format!("FILE:///etc/{}passwd", "x/%2e%2e/".repeat(5_000));
    denied(&denying_resources(&["file:///etc/**"]), Surface::Resource, &[&winding]);
}

#[test]
fn weakness_bad_regex_fails_open() {
    let lists = PermissionLists {
        denied_tools: list(&["fine", "^(", "^a{99999}{99999}"]),
        allowed_prompts: list(&["^["]),
        ..Default::default()
    };
    let errors = Permissions::compile(&lists).unwrap_err();
    let found: Vec<_> =
        errors.iter().map(|e| (e.list, e.pattern.as_ref().unwrap().text.to_string())).collect();
    assert_eq!(
        found,
        [
            ("denied_tools", "^(".to_owned()),
            ("denied_tools", "^a{99999}{99999}".to_owned()),
            ("allowed_prompts", "^[".to_owned())
        ]
    );
}

#[test]
fn weakness_regex_anchored_at_one_end() {
    let permissions = allowing_tools(&["^read_[a-z]+"]);
    allowed(&permissions, Surface::Tool, &["read_file"]);
    denied(&permissions, Surface::Tool, &["read_file; rm -rf", "read_file\n", "xread_file", "read_file2"]);
    let either = allowing_tools(&["^a|b"]);
    allowed(&either, Surface::Tool, &["a", "b"]);
    denied(&either, Surface::Tool, &["ax", "xb"]);
}

#[test]
fn a_regex_cannot_escape_its_anchors() {
    for escape in ["^a)|(b", "^(?x) a # comment", "^a)(?:"] {
        let lists = PermissionLists { allowed_tools: list(&[escape]), ..Default::default() };
        assert!(Permissions::compile(&lists).is_err(), "{escape}");
    }
    denied(&allowing_tools(&["^(?m)^a$"]), Surface::Tool, &["a\nb"]);
}

#[test]
fn a_regex_meets_every_form_of_a_name() {
    let permissions = denying_tools(&["^delete-(file|dir)"]);
    denied(
        &permissions,
        Surface::Tool,
        &["delete-file", "DELETE-DIR", "delete\u{200b}-file", "delete%2dfile"],
    );
    let permissions = allowing_tools(&["^get_[A-Z]+"]);
    allowed(&permissions, Surface::Tool, &["get_FOO"]);
    denied(&permissions, Surface::Tool, &["get_foo", "get_F\u{200b}OO"]);
    denied(&denying_resources(&["^file:///etc/.*"]), Surface::Resource, &["FILE:///x/../ETC/passwd"]);
}

#[test]
fn weakness_percent_encoding() {
    let etc = denying_resources(&["file:///etc/**"]);
    let names = [
        "file:///%65tc/passwd",
        "file:///etc%2fpasswd",
        "file:///%2565tc/passwd",
        "file:///safe/..%2fetc/passwd",
        "file:///safe/..%252f..%252fetc/passwd",
        "file://%2e%2e/etc/passwd",
        "file:%2f%2f/etc/passwd",
        "file:///%c0%ae%c0%ae/etc/passwd",
    ];
    denied(&etc, Surface::Resource, &names);
    denied(
        &denying_tools(&["delete_file"]),
        Surface::Tool,
        &["delete%5ffile", "%64elete_file", "delete%255ffile"],
    );
}

#[test]
fn weakness_dot_segments() {
    let etc = denying_resources(&["file:///etc/**"]);
    let names = [
        "file:///safe/../etc/passwd",
        "file:///./etc/passwd",
        "file:////etc/passwd",
        "file:///../../etc/passwd",
        "file:///safe/%2e%2e/etc/passwd",
        "file:///safe\\..\\etc\\passwd",
        "file:\\\\\\etc\\passwd",
        "file:/etc/passwd",
        "file://localhost/etc/passwd",
        "file://LOCALHOST/etc/passwd",
        "file:etc/passwd",
        "file:///etc/",
        "file:///etc",
        " file:///etc/passwd",
        "file:///safe/．．/etc/passwd",
        "/etc/passwd",
    ];
    denied(&etc, Surface::Resource, &names);
    allowed(&etc, Surface::Resource, &["file:///etcetera", "file:///home/etc/x", "https://etc/passwd"]);
    let docs = allowing_resources(&["file:///docs/**"]);
    allowed(
        &docs,
        Surface::Resource,
        &["file:///docs/a", "file:///docs/a/b.md", "file:///docs/a%20b", "file:///docs/"],
    );
    let outside = [
        "file:///docs/../etc/passwd",
        "file:///docs/%2e%2e/x",
        "file:///docs/..%252fx",
        "file:///docs/..\\x",
    ];
    denied(&docs, Surface::Resource, &outside);
}

/// A reading that undoes more than the server does can also hide what the server will do.
#[test]
fn decoding_too_much_does_not_hide_a_denied_path() {
    let etc = denying_resources(&["file:///etc/**"]);
    let names = [
        "FILE:///etc/%252e%252e/../passwd",
        "FILE:///etc/．．/../passwd",
        "FILE:///etc/x\\..\\..\\/../passwd",
        "FILE:///etc//../passwd",
        "FILE:///etc/\u{200b}../../passwd",
    ];
    denied(&etc, Surface::Resource, &names);
    let passwd = denying_resources(&["file:///etc/passwd"]);
    let names = [
        "file:///etc/passwd?x",
        "file:///etc/passwd#x",
        "file:///etc/x%3f/../passwd?y",
        "file:///etc/x%3f/%2e%2e/passwd?y",
        "file:///etc/passwd?/../../safe",
        "file:///etc/passwd%3fx",
    ];
    denied(&passwd, Surface::Resource, &names);
}

#[test]
fn separators_at_the_ends_do_not_hide_a_name() {
    denied(
        &denying_tools(&["delete_file"]),
        Surface::Tool,
        &["_delete_file", "delete_file/", ".delete-file ", "//delete_file"],
    );
    denied(&denying_tools(&["_private_*"]), Surface::Tool, &["private_x", "/private_x"]);
}

/// A name that cannot be read in every way within bounds is refused where there are rules.
#[test]
fn a_name_too_winding_to_read_is_refused() {
    let winding = format!("file:///docs/{}", "%2e%2e\\．．//?".repeat(30_000));
    let nothing_else = [denying_resources(&["https://evil.example/**"]), allowing_resources(&["**"])];
    for permissions in nothing_else {
        let Judgement::Denied(refusal) = permissions.judge(Surface::Resource, &winding) else {
            panic!("allowed")
        };
        assert!(refusal.unreadable && refusal.pattern.is_none());
    }
    allowed(&Permissions::default(), Surface::Resource, &[&winding]);
}

#[test]
fn web_addresses_meet_the_same_rule() {
    let evil = denying_resources(&["https://evil.example/**"]);
    let names = [
        "https://EVIL.example/x",
        "https://evil.example./x",
        "https://evil.example:443/x",
        "https://user:pw@evil.example/x",
        "https:evil.example/x",
        "https:///evil.example/x",
        "https:\\\\evil.example\\x",
        "https://evil%2eexample/x",
        "https://evil.example?x",
    ];
    denied(&evil, Surface::Resource, &names);
    let api = allowing_resources(&["https://api.example/items?id=*", "https://*.docs.example/**"]);
    allowed(&api, Surface::Resource, &["https://api.example/items?id=5", "https://a.docs.example/x/y"]);
    denied(&api, Surface::Resource, &["https://api.example/items/5", "https://x.example/a.docs.example/x"]);
}

#[test]
fn custom_schemes_work_as_written() {
    let demo = allowing_resources(&["demo://resource/**", "memo://insights", "note:*"]);
    allowed(&demo, Surface::Resource, &["demo://resource/static/1", "memo://insights", "note:todo"]);
    denied(&demo, Surface::Resource, &["demo://other/1", "memo://insight", "memo://insights/x", "note:a/b"]);
}

#[test]
fn templates_are_hidden_only_when_nothing_can_be_reached() {
    let docs = allowing_resources(&["file:///docs/**"]);
    for (template, shown) in [
        ("file:///docs/{name}", true),
        ("file:///{+path}", true),
        ("{+uri}", true),
        ("file:///etc/{name}", false),
        ("https://{host}/x", false),
        ("file:///docs/fixed", true),
    ] {
        assert_eq!(docs.judge_template(template).is_allowed(), shown, "{template}");
    }
    let etc = denying_resources(&["file:///etc/**"]);
    assert!(!etc.judge_template("file:///etc/{name}").is_allowed());
    assert!(!etc.judge_template("file:///x/../ETC/{name}").is_allowed());
    assert!(etc.judge_template("file:///{name}").is_allowed());
    assert!(!allowing_resources(&[]).judge_template("{+uri}").is_allowed());
    assert!(allowing_resources(&["^demo://.*"]).judge_template("demo://{x}").is_allowed());
}

#[test]
fn thousands_of_patterns_compile_and_match() {
    let patterns: Vec<String> = (0..3000).map(|n| format!("server_{n}_*/x{n}/**")).collect();
    let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
    let permissions = denying_tools(&patterns);
    denied(&permissions, Surface::Tool, &["server_2999_abc/x2999/y/z"]);
    allowed(&permissions, Surface::Tool, &["server_2999"]);
}

/// Classic bait for backtracking matchers, as glob and as regular expression.
#[test]
fn matching_is_linear() {
    let bait = "a".repeat(50_000);
    let started = std::time::Instant::now();
    let permissions = denying_tools(&["*a*a*a*a*a*a*a*a*a*b", "**a**a**a**a**b", "^(a+)+b", "^(a|aa)*b"]);
    allowed(&permissions, Surface::Tool, &[&bait]);
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}
