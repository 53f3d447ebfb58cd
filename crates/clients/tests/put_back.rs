//! Files are changed in one place, and put back to the byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

mod support;

use std::fs;

use proptest::prelude::*;
use support::Home;

const CURSOR: &str = ".cursor/mcp.json";
const PLAIN: &str = r#"{"mcpServers": {"a": {"command": "x", "args": ["1"], "env": {"K": "v"}}}}"#;

/// White space and comments between tokens.
fn gap() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just(String::new()),
        3 => Just(" ".to_owned()),
        2 => Just("\n    ".to_owned()),
        1 => Just("\r\n\t".to_owned()),
        1 => Just(" // a, \"b\": {\n".to_owned()),
        1 => Just("/* , } \n */".to_owned()),
    ]
}

fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("true".to_owned()),
        Just("null".to_owned()),
        Just("-1.5e3".to_owned()),
        any::<String>().prop_map(|text| serde_json::Value::from(text).to_string()),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            list("[", "]", prop::collection::vec(inner.clone(), 0..4)),
            object(prop::collection::vec(inner, 0..4)),
        ]
    })
}

fn list(
    open: &'static str,
    close: &'static str,
    items: impl Strategy<Value = Vec<String>>,
) -> impl Strategy<Value = String> {
    (items, prop::collection::vec(gap(), 12), any::<bool>()).prop_map(move |(items, gaps, trailing)| {
        let mut gaps = gaps.iter().cycle();
        let mut gap = move || gaps.next().unwrap().clone();
        let mut text = open.to_owned();
        let last = items.len();
        for (at, item) in items.into_iter().enumerate() {
            let comma = if at + 1 < last || trailing { "," } else { "" };
            text += &format!("{}{item}{}{comma}", gap(), gap());
        }
        text + &gap() + close
    })
}

fn object(values: impl Strategy<Value = Vec<String>>) -> impl Strategy<Value = String> {
    let members = (values, prop::collection::vec(gap(), 8)).prop_map(|(values, gaps)| {
        let mut gaps = gaps.into_iter().cycle();
        let named = values
            .into_iter()
            .enumerate()
            .map(|(at, value)| format!("\"k{at}\"{}:{}{value}", gaps.next().unwrap(), gaps.next().unwrap()));
        named.collect::<Vec<_>>()
    });
    list("{", "}", members)
}

/// A server with its members in any order, and others between them.
fn server() -> impl Strategy<Value = String> {
    let members = (value(), value(), any::<[bool; 3]>(), gap(), gap()).prop_map(|(one, two, with, a, b)| {
        let mut members = vec![format!("\"command\"{a}:{b}\"program\""), format!("\"other\"{b}:{a}{one}")];
        if with[0] {
            members.push(format!("\"args\"{a}:{b}[\"one\",{a}\"two\"{b},]"));
        }
        if with[1] {
            members.push(format!("\"env\"{a}:{b}{{\"KEY_A\"{b}:\"VALUE_A\"{a},\"KEY_B\":{b}\"VALUE_B\"}}"));
        }
        if with[2] {
            members.push(format!("\"more\":{a}{two}"));
        }
        members
    });
    list("{", "}", members.prop_shuffle())
}

/// A server with an address, likewise.
fn remote() -> impl Strategy<Value = String> {
    let members = (value(), any::<[bool; 3]>(), gap(), gap()).prop_map(|(other, with, a, b)| {
        let mut members = vec![format!("\"url\"{a}:{b}\"http://localhost:1/VALUE_A\"")];
        if with[0] {
            members.push(format!("\"headers\"{b}:{a}{{\"KEY_B\"{a}:\"VALUE_A\"{b},}}"));
        }
        if with[1] {
            members.push(format!("\"type\"{a}:{b}\"http\""));
        }
        if with[2] {
            members.push(format!("\"other\"{b}:{a}{other}"));
        }
        members
    });
    list("{", "}", members.prop_shuffle())
}

fn document() -> impl Strategy<Value = (String, usize)> {
    let members = (prop::collection::vec(prop_oneof![server(), remote()], 1..4), value(), gap()).prop_map(
        |(servers, other, gap)| {
            let named: Vec<_> =
                servers.iter().enumerate().map(|(at, server)| format!("\"s{at}\":{gap}{server}")).collect();
            (
                vec![
                    format!("\"first\":{gap}{other}"),
                    format!("\"mcpServers\":{gap}{{{}}}", named.join(",")),
                ],
                servers.len(),
            )
        },
    );
    (members, gap(), gap(), any::<bool>()).prop_flat_map(|((members, count), before, after, mark)| {
        list("{", "}", Just(members)).prop_map(move |object| {
            let mark = if mark { "\u{FEFF}" } else { "" };
            (format!("{mark}{before}{object}{after}\n"), count)
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_json_file_is_guarded_and_put_back_to_the_byte((text, count) in document()) {
        let home = Home::with(CURSOR, &text);
        prop_assert_eq!(home.discover(&[]).problems, []);
        prop_assert_eq!(home.apply(), (count, vec![]));
        let new = home.read(CURSOR);
        prop_assert!(!new.contains("VALUE_A") && !new.contains("KEY_B"), "{}", new);
        prop_assert_eq!(home.apply(), (0, vec![]));
        prop_assert!(home.undo().iter().all(|undone| undone.outcome.is_ok()));
        prop_assert_eq!(home.read(CURSOR), text);
        prop_assert_eq!(home.names(".cursor"), ["mcp.json"], "nothing is left behind");
    }
}

#[test]
fn files_of_every_making_are_put_back() {
    for (path, text) in [
        (CURSOR, format!("\u{FEFF}{PLAIN}")),
        (CURSOR, "{\r\n  \"mcpServers\": {\r\n    \"a\": {\r\n      \"command\": \"x\"\r\n    }\r\n  }\r\n}".to_owned()),
        (".codex/config.toml", "[mcp_servers.\"a b\"]\r\ncommand = 'x'\r\n[mcp_servers.\"a b\".env]\r\nK = 'v'".to_owned()),
        (".codex/config.toml", "mcp_servers.a.command = \"x\"\n".to_owned()),
        (".codex/config.toml", "[mcp_servers.a]\nenv.K = \"v\"\nenv.L = \"w\"\ncommand = \"x\"\n[mcp_servers.a.tools.t]\nx = 1\n".to_owned()),
        (".codex/config.toml", "[mcp_servers.a.env]\nK = \"v\"\n\n[mcp_servers.b]\ncommand = \"y\"\n\n[mcp_servers.a]\ncommand = \"x\"\n".to_owned()),
        (".config/goose/config.yaml", "extensions:\n  a:\n    envs: {K: v}\n    cmd: x\n    args: []\n".to_owned()),
        (".config/goose/config.yaml", "extensions: {a: {cmd: x, args: [b], envs: {K: v}}, c: {type: builtin}}".to_owned()),
        (".config/goose/config.yaml", "extensions:\r\n  a:\r\n    cmd: x\r\n    envs:\r\n      K: v".to_owned()),
        (".config/goose/config.yaml", "extensions:\n  a: &one\n    cmd: x\n    envs: &two\n      K: v\n  b:\n    cmd: y\n    envs: *two\n".to_owned()),
        (".config/goose/config.yaml", "extensions:\n  a:\n    cmd: |-\n      x\n    args:\n\n    # first\n    - >-\n      b\n\n    - c\n\n    timeout: 3\n".to_owned()),
        (".codex/config.toml", "[mcp_servers.a]\r\nurl = 'https://x'\r\n[mcp_servers.a.http_headers]\r\nK = 'v'".to_owned()),
        (".codex/config.toml", "mcp_servers.a.url = \"https://x\"\nmcp_servers.a.http_headers.K = \"v\"\n".to_owned()),
        (".config/goose/config.yaml", "extensions:\n  a:\n    uri: >-\n      http://localhost/\n\n    headers: {K: v}\n    type: streamable_http\n".to_owned()),
        (".continue/config.yaml", "mcpServers:\n- headers:\n    K: v\n  name: a\n  url: https://x\n".to_owned()),
        (".continue/config.yaml", "mcpServers:\n- command: x\n  name: a\n- env:\n    K: v\n  name: b\n  command: y\n".to_owned()),
    ] {
        let home = Home::with(path, &text);
        let (changed, refused) = home.apply();
        assert!(changed + refused.len() > 0, "nothing found in {text:?}");
        let new = home.read(path);
        assert_eq!(new.starts_with('\u{FEFF}'), text.starts_with('\u{FEFF}'));
        assert_eq!(new.contains("\r\n"), text.contains("\r\n"), "{new:?}");
        assert!(!text.contains("\r\n") || !new.replace("\r\n", "").contains('\n'), "mixed line ends in {new:?}");
        assert!(home.undo().iter().all(|undone| undone.outcome.is_ok()), "{text:?}\n{new:?}");
        assert_eq!(home.read(path), text, "{new}");
    }
}

#[test]
fn what_cannot_be_changed_alone_is_refused_and_left() {
    let shared =
        "extensions:\n  a:\n    cmd: x\n    envs: &two\n      K: v\n  b:\n    cmd: y\n    other: *two\n";
    let home = Home::with(".config/goose/config.yaml", shared);
    let (changed, refused) = home.apply();
    assert_eq!((changed, refused), (1, vec!["a".to_owned()]), "{}", home.read(".config/goose/config.yaml"));
    assert!(home.read(".config/goose/config.yaml").contains("    envs: &two\n      K: v\n"));
}

#[test]
fn what_the_user_changes_elsewhere_in_the_meantime_survives() {
    let text =
        "{\n  \"mcpServers\": {\n    \"a\": {\"command\": \"x\"},\n    \"b\": {\"command\": \"y\"}\n  }\n}\n";
    let home = Home::with(CURSOR, text);
    assert_eq!(home.apply().0, 2);
    let edited = home.read(CURSOR).replace("{\n  \"mcp", "{\n  // new\n  \"theme\": 1,\n  \"mcp");
    let edited = edited.replace("\"b\": {", "\"b\": {\"timeout\": 9, ");
    home.write(CURSOR, &edited);
    let undone = home.undo();
    assert_eq!(undone[0].outcome, Ok(()));
    assert!(undone[1].outcome.as_ref().unwrap_err().contains("changed since"), "{undone:?}");
    let now = home.read(CURSOR);
    assert!(now.contains("// new\n  \"theme\": 1,") && now.contains("\"a\": {\"command\": \"x\"}"), "{now}");
    assert!(now.contains("\"timeout\": 9, \"command\": \"/opt/bin/mcp-guard\""), "{now}");
    assert_eq!(home.names(".cursor").len(), 2, "the copy with the entry that was left is kept");
}

#[test]
fn a_change_by_another_program_is_noticed() {
    let home = Home::with(CURSOR, PLAIN);
    let found = home.discover(&[]);
    home.write(CURSOR, format!("{PLAIN} "));
    let (changed, failed) = home.apply_found(&found);
    assert_eq!(changed, 0);
    assert!(failed[0].contains("changed by another program"), "{failed:?}");
    assert_eq!(home.read(CURSOR), format!("{PLAIN} "));
    assert_eq!((home.names(".cursor"), home.undo()), (vec!["mcp.json".to_owned()], vec![]));
}

#[test]
fn killed_before_the_file_is_replaced_nothing_is_lost() {
    let home = Home::with(CURSOR, PLAIN);
    assert_eq!(home.apply().0, 1);
    // As after a kill between the copy and the renaming: copy and journal are there, the file is the old one.
    home.write(CURSOR, PLAIN);
    assert_eq!(home.names(".cursor").len(), 2);
    assert_eq!(home.undo()[0].outcome, Ok(()));
    assert_eq!((home.read(CURSOR).as_str(), home.names(".cursor").len()), (PLAIN, 1));
}

#[test]
fn a_removed_file_or_entry_ends_the_matter() {
    let home = Home::with(CURSOR, PLAIN);
    home.apply();
    home.write(CURSOR, "{}");
    assert!(home.undo()[0].outcome.as_ref().unwrap_err().contains("no longer there"));
    assert_eq!((home.undo(), home.read(CURSOR).as_str()), (vec![], "{}"));
}

#[cfg(unix)]
mod on_unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_link_stays_a_link_and_the_mode_stays() {
        let home = Home::with("dotfiles/mcp.json", PLAIN);
        let mode = |path: &str| fs::metadata(home.path(path)).unwrap().permissions().mode() & 0o777;
        fs::set_permissions(home.path("dotfiles/mcp.json"), fs::Permissions::from_mode(0o640)).unwrap();
        fs::create_dir(home.path(".cursor")).unwrap();
        symlink("../dotfiles/mcp.json", home.path(CURSOR)).unwrap();
        assert_eq!(home.apply(), (1, vec![]));
        assert!(fs::symlink_metadata(home.path(CURSOR)).unwrap().is_symlink());
        assert!(home.read("dotfiles/mcp.json").contains("mcp-guard"));
        for name in home.names("dotfiles") {
            assert_eq!(mode(&format!("dotfiles/{name}")), 0o640, "{name}");
        }
        assert_eq!(mode("state/applied.json"), 0o600);
        assert_eq!(mode("state"), 0o700);
        home.undo();
        assert_eq!((home.read(CURSOR).as_str(), mode(CURSOR)), (PLAIN, 0o640));
    }

    #[test]
    fn a_read_only_file_is_left_alone() {
        let home = Home::with(CURSOR, PLAIN);
        fs::set_permissions(home.path(CURSOR), fs::Permissions::from_mode(0o444)).unwrap();
        let (changed, failed) = home.apply();
        assert_eq!(changed, 0);
        assert!(failed[0].contains("read-only"), "{failed:?}");
        assert_eq!((home.read(CURSOR).as_str(), home.names(".cursor").len()), (PLAIN, 1));
    }
}
