//! What people read when their file is refused, letter for letter.

// Clippy exempts tests from these lints, but not the functions that tests share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use mcp_guard_policy::parse;

#[track_caller]
fn says(text: &str, expected: &str) {
    let error = parse(text, "mcp-guard.yaml", &|_| None).expect_err("the file was accepted");
    let shown: Vec<String> = error.to_string().lines().map(|line| line.trim_end().to_owned()).collect();
    assert_eq!(shown.join("\n"), expected.trim_matches('\n'));
}

#[test]
fn unknown_key() {
    says(
        "servers:\n  fs:\n    comand: npx\n",
        "
error: unknown key `comand`
 --> mcp-guard.yaml:3:5
  |
3 |     comand: npx
  |     ^^^^^^ unknown key
  |
  = help: did you mean `command`?
",
    );
}

#[test]
fn key_that_is_not_enforced() {
    says(
        "profile: strict\nauth:\n  mode: os\n  oauth: {}\n",
        "
error: `oauth` is not in this version, so the file is refused
 --> mcp-guard.yaml:4:3
  |
4 |   oauth: {}
  |   ^^^^^ not in this version
  |
  = help: remove `oauth`: callers are recognised by the operating system's user or by API keys alone; ignoring it would give false safety
",
    );
}

#[test]
fn unknown_word() {
    says(
        "profile: stict\n",
        "
error: `stict` is not one of `monitor`, `balanced` and `strict`
 --> mcp-guard.yaml:1:10
  |
1 | profile: stict
  |          ^^^^^ not a known value
  |
  = help: did you mean `strict`?
",
    );
}

#[test]
fn yaml_boolean() {
    says(
        "pii:\n  enabled: no\n",
        "
error: this is not a boolean
 --> mcp-guard.yaml:2:12
  |
2 |   enabled: no
  |            ^^ `true` or `false` expected
  |
  = help: YAML 1.1 words such as `yes`, `no`, `on` and `off` are not accepted; write `true` or `false`
",
    );
}

#[test]
fn yaml_octal() {
    says(
        "limits: {max_depth: 0o17}\n",
        "
error: this number can be read in two ways
 --> mcp-guard.yaml:1:21
  |
1 | limits: {max_depth: 0o17}
  |                     ^^^^ not plain digits
  |
  = help: write it in decimal digits, without signs, prefixes and underscores
",
    );
}

#[test]
fn number_for_text() {
    says(
        "servers:\n  fs: {command: npx, args: [-p, 8080]}\n",
        "
error: text expected, but YAML reads `8080` as a number or a boolean
 --> mcp-guard.yaml:2:33
  |
2 |   fs: {command: npx, args: [-p, 8080]}
  |                                 ^^^^ not text
  |
  = help: put it in quotes: \"8080\"
",
    );
}

#[test]
fn duplicate_key() {
    says(
        "servers:\n  fs:\n    command: npx\n    command: uvx\n",
        "
error: `command` is given twice in the same mapping
 --> mcp-guard.yaml:4:5
  |
4 |     command: uvx
  |     ^^^^^^^ given again here
  |
  = help: keep one of them; the guard does not choose for you
",
    );
}

#[test]
fn empty_allow_list_without_brackets() {
    says(
        "servers: {a: {command: x, policy: {permissions: {allowed_tools: null}}}}\n",
        "
error: this key has no value
 --> mcp-guard.yaml:1:65
  |
1 | servers: {a: {command: x, policy: {permissions: {allowed_tools: null}}}}
  |                                                                 ^^^^ nothing given
  |
  = help: give it a value or remove the key; an empty list is `[]`
",
    );
}

#[test]
fn unquoted_star() {
    says(
        "servers:\n  a:\n    command: x\n    policy:\n      permissions:\n        denied_tools:\n          - *\n",
        "
error: not valid YAML: while scanning an anchor or alias, did not find expected alphabetic or numeric character
 --> mcp-guard.yaml:7:13
  |
7 |           - *
  |             ^
  |
  = help: put a pattern that begins with `*` or `&` in quotes: \"*\"
",
    );
}

#[test]
fn unset_variables_are_all_named() {
    says(
        "servers:\n  fs:\n    command: npx\n    env:\n      TOKEN: Bearer ${GITHUB_TOKEN}\n      OTHER: ${a-b}\n",
        "
error: environment variable `GITHUB_TOKEN` is not set
 --> mcp-guard.yaml:5:21
  |
5 |       TOKEN: Bearer ${GITHUB_TOKEN}
  |                     ^^^^^^^^^^^^^^^ not set
  |
  = help: set GITHUB_TOKEN before starting mcp-guard, or write `$${GITHUB_TOKEN}` for the literal text

error: `${` is not followed by the name of a variable and `}`
 --> mcp-guard.yaml:6:14
  |
6 |       OTHER: ${a-b}
  |              ^^^^^^ not a variable
  |
  = help: write `${NAME}` with letters, digits and `_`, or `$${` for a literal `${`
",
    );
}

#[test]
fn bad_patterns_are_all_named() {
    says(
        "servers:\n  fs:\n    command: npx\n    policy:\n      permissions:\n        denied_tools: [delete_*, \"^drop_(\"]\n        \
         allowed_resources:\n          - \"^x{99999999}\"\n",
        "
error: bad pattern in `denied_tools`: unclosed group
 --> mcp-guard.yaml:6:34
  |
6 |         denied_tools: [delete_*, \"^drop_(\"]
  |                                  ^^^^^^^^^ not usable
  |
  = help: a pattern that begins with `^` is a regular expression; any other is a glob with `*`, `**` and `?`

error: bad pattern in `allowed_resources`: too large once compiled; use smaller repetition counts
 --> mcp-guard.yaml:8:13
  |
8 |           - \"^x{99999999}\"
  |             ^^^^^^^^^^^^^^ not usable
  |
  = help: a pattern that begins with `^` is a regular expression; any other is a glob with `*`, `**` and `?`
",
    );
}

#[test]
fn unknown_type_and_bad_threshold() {
    says(
        "pii:\n  confidence_threshold: 1.5\n  actions:\n    emial: {request: block}\n",
        "
error: `confidence_threshold` is outside of 0 to 1
 --> mcp-guard.yaml:2:25
  |
2 |   confidence_threshold: 1.5
  |                         ^^^
  |
  = help: the default is 0.8; higher values let more doubtful findings pass

error: unknown type `emial`
 --> mcp-guard.yaml:4:5
  |
4 |     emial: {request: block}
  |     ^^^^^ no such type
  |
  = help: did you mean `email`?
",
    );
}

#[test]
fn server_without_a_way_to_reach_it() {
    says(
        "servers:\n  fs: {}\n  web:\n    transport: stdio\n    url: https://example.org\n",
        "
error: this server has no `command`
 --> mcp-guard.yaml:2:3
  |
2 |   fs: {}
  |   ^^
  |
  = help: add `command:` with the program that is the server, or `url:` with its address

error: `url` is not used with transport `stdio`
 --> mcp-guard.yaml:5:10
  |
5 |     url: https://example.org
  |          ^^^^^^^^^^^^^^^^^^^
  |
  = help: a server has either a `command` or a `url`; remove what does not fit
",
    );
}
