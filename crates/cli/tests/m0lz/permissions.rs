//! Names were compared letter by letter, and what could not be matched was allowed.

use serde_json::{Value, json};

use crate::{ask, call, common::client::rule, guarded, house::House};

pub(crate) fn other_spellings_of_a_denied_tool_are_denied() {
    let house = guarded(json!({"permissions": {"denied_tools": ["danger_*", "^drop_(table|all)"]}}));
    let mut client = house.connect("files");
    for tool in [
        "danger_x",
        "DANGER_X",
        "danger_/x",
        "danger-x",
        "danger_\u{200b}x",
        "danger%5Fx",
        "drop_all",
        "Drop_Table",
    ] {
        let answer = call(&mut client, 1, tool, json!({}));
        assert_eq!(rule(&answer), "permission.denied_tools", "{tool}: {answer}");
    }
    for tool in ["drop_all_the_leaves", "dangerous"] {
        assert!(call(&mut client, 1, tool, json!({})).get("result").is_some(), "{tool}");
    }
}

pub(crate) fn a_name_past_1024_characters_is_denied() {
    let house = guarded(
        json!({"permissions": {"denied_tools": ["danger_*"], "denied_resources": ["file:///secret/**"]}}),
    );
    let mut client = house.connect("files");
    for length in [1000, 1025, 5000, 100_000] {
        let long = "x".repeat(length);
        let answer = call(&mut client, 1, &format!("danger_{long}"), json!({}));
        assert_eq!(rule(&answer), "permission.denied_tools", "{length}");
        let answer = ask(&mut client, 2, "resources/read", json!({"uri": format!("file:///secret/{long}")}));
        assert_eq!(rule(&answer), "permission.denied_resources", "{length}");
    }
}

pub(crate) fn nested_resources_are_denied() {
    let house = guarded(json!({"permissions": {"denied_resources": ["file:///secret/**"]}}));
    let mut client = house.connect("files");
    for uri in [
        "file:///secret/a/b",
        "FILE:///secret/a",
        "file:///open/../secret/a/b",
        "file:///open/%2e%2e/secret/a",
        "file:///SECRET/a",
    ] {
        let answer = ask(&mut client, 1, "resources/read", json!({ "uri": uri }));
        assert_eq!(rule(&answer), "permission.denied_resources", "{uri}: {answer}");
    }
}

pub(crate) fn a_faulty_pattern_is_refused_at_load() {
    let house = guarded(json!({"permissions": {"denied_tools": ["^(unclosed"]}}));
    for args in [&["validate"][..], &["start", "-d"], &["run", "-s", "files"]] {
        let ran = house.run(args);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.stderr.contains("^(unclosed") && ran.stderr.contains("mcp-guard.yaml:1:"), "{ran:?}");
    }
}

pub(crate) fn prompts_templates_and_subscriptions_are_judged() {
    let house = guarded(
        json!({"permissions": {"denied_prompts": ["secret_*"], "denied_resources": ["file:///secret/**"]}}),
    );
    let mut client = house.connect("files");
    let argument = json!({"name": "a", "value": "b"});
    for (method, params, expected) in [
        ("prompts/get", json!({"name": "secret_plan"}), "permission.denied_prompts"),
        ("resources/subscribe", json!({"uri": "file:///secret/a"}), "permission.denied_resources"),
        (
            "completion/complete",
            json!({"ref": {"type": "ref/prompt", "name": "secret_plan"}, "argument": argument}),
            "permission.denied_prompts",
        ),
    ] {
        let answer = ask(&mut client, 1, method, params);
        assert_eq!(rule(&answer), expected, "{answer}");
    }
}

pub(crate) fn lists_hide_what_is_denied() {
    let house = guarded(json!({"permissions": {
        "denied_tools": ["delete_*"], "denied_prompts": ["secret_*"], "denied_resources": ["file:///secret/**"],
    }}));
    let mut client = house.connect("files");
    for (method, list, key, left) in [
        ("tools/list", "tools", "name", "read_file"),
        ("prompts/list", "prompts", "name", "summary"),
        ("resources/list", "resources", "uri", "file:///open/a"),
        ("resources/templates/list", "resourceTemplates", "uriTemplate", "file:///open/{x}"),
    ] {
        let answer = ask(&mut client, 1, method, json!({}));
        let shown: Vec<&Value> =
            answer["result"][list].as_array().unwrap().iter().map(|item| &item[key]).collect();
        assert_eq!(shown, [left], "{method}");
    }
    // Without lists all is shown.
    let open = House::new(&[("files", &[])]);
    let answer = ask(&mut open.connect("files"), 1, "tools/list", json!({}));
    assert_eq!(answer["result"]["tools"].as_array().unwrap().len(), 2);
}
