//! Entries about arguments: what is wrong in one is said with its line, and roles and bases only add.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

use mcp_guard_policy::{Caller, Effect, Policy, diff, parse};

fn load(arguments: &str) -> Result<Policy, String> {
    let yaml = format!("servers:\n  s:\n    command: x\n    policy:\n      arguments:\n{arguments}");
    parse(&yaml, "mcp-guard.yaml", &|name| (name == "ROOT").then(|| "/srv/data".to_owned()))
        .map_err(|error| error.to_string())
}

#[test]
fn mistakes_are_errors_with_their_line() {
    for (entry, said) in [
        ("        - rules: [{at: path, prefix: [a]}]", "JSON Pointer"),
        ("        - rules: [{prefix: [a]}]", "`at` is missing"),
        ("        - rules: [{at: /a}]", "asks nothing"),
        ("        - rules: [{at: /a/*, required: true}]", "cannot be required"),
        ("        - rules: [{at: /a, regex: ['(']}]", "no regular expression"),
        ("        - rules: [{at: /a, prefix: []}]", "empty list"),
        ("        - rules: [{at: /a, range: {min: 2, max: 1}}]", "no number"),
        ("        - rules: [{at: /a, range: {min: 2, above: 1}}]", "both ends"),
        ("        - rules: [{at: /a, host: ['https://x']}]", "a host is written"),
        ("        - rules: [{at: /a, cidr: [10.0.0.1/8]}]", "first address"),
        ("        - rules: [{at: /a, path_within: [rel]}]", "working directory"),
        ("        - rules: [{at: /a, one_of_type: [text]}]", "no such type"),
        ("        - rules: [{at: /a, not: {prefix: [a], length: {max: 1}}}]", "one matcher"),
        ("        - rules: [{at: /a, prefx: [a]}]", "prefx"),
        ("        - when: ['argument.x']", "no `argument`"),
        ("        - when: ['1 + 1']", "true or false"),
        ("        - schema: {propertys: {}}", "propertys"),
        ("        - schema: {$ref: 'http://example.org/'}", "refers to something outside"),
        ("        - unknown: maybe", "maybe"),
        ("        - {}", "asks nothing"),
        ("        - tools: []\n          unknown: refuse", "no tool"),
        ("        - rules: [{at: /a, prefix: ['${UNSET}']}]", "UNSET"),
        ("        - set: {a: '${UNSET}'}", "UNSET"),
    ] {
        let error = load(entry).err().unwrap_or_else(|| panic!("{entry} was taken"));
        assert!(error.contains(said) && (error.contains(":6:") || error.contains("6 |")), "{entry}: {error}");
    }
}

#[test]
fn variables_stand_for_their_values() {
    let policy =
        load("        - rules: [{at: /a, prefix: ['${ROOT}/']}, {at: /b, const: {x: ['${ROOT}']}}]").unwrap();
    let rules = &policy.server(None).unwrap().arguments[0].constraints.rules;
    assert!(rules[0].matchers()[0].matches(&arguments::Value::Text("/srv/data/x".into())));
    let value = arguments::Value::read(r#"{"x":["/srv/data"]}"#).unwrap();
    assert!(rules[1].matchers()[0].matches(&value));
}

#[test]
fn another_entry_tightens_and_one_less_loosens() {
    let (one, two) = (
        "        - unknown: refuse\n",
        "        - unknown: refuse\n        - rules: [{at: /a, length: {max: 1}}]\n",
    );
    let (one, two) = (load(one).unwrap(), load(two).unwrap());
    let effects = |old: &Policy, new: &Policy| {
        diff(old, new).into_iter().map(|change| change.effect).collect::<Vec<_>>()
    };
    assert_eq!(effects(&one, &two), [Effect::Tightens]);
    assert_eq!(effects(&two, &one), [Effect::Loosens]);
    assert_eq!(effects(&one, &one), []);
    assert_ne!(one.hash(), two.hash());
    let forced = load("        - unknown: refuse\n        - force: {a: 1}\n").unwrap();
    assert_eq!(effects(&one, &forced), [Effect::Loosens]);
}

#[test]
fn roles_add_entries_and_conditions_learn_who_calls() {
    let yaml = "servers: {s: {command: x, policy: {arguments: [{when: ['principal.user == \"ann\"']}]}}}\n\
        auth: {roles: {staff: {users: [ann], arguments: [{unknown: refuse}]}}}";
    let policy = parse(yaml, "mcp-guard.yaml", &|_| None).unwrap();
    let server = policy.server(None).unwrap();
    let of = |user: &str| policy.for_caller(server, &Caller { user: user.to_owned(), groups: Vec::new() });
    let (ann, bob) = (of("ann"), of("bob"));
    assert_eq!((ann.arguments.len(), bob.arguments.len()), (2, 1));
    assert_eq!(ann.principal.as_ref().unwrap().roles, ["staff"]);
    assert_eq!(bob.principal.as_ref().unwrap().user, "bob");
    assert!(server.narrowed);
}
