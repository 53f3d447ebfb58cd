//! Six expressions, the first 64 KiB of each text, and none of names, URIs and keys.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{ask, call, common::client::rule, guarded, house::House, text};

const AWS: &str = "AKIAIOSFODNN7EXAMPLE";

pub(crate) fn secrets_past_64_kib_are_found() {
    let house = House::new(&[("files", &[])]);
    let mut client = house.connect("files");
    for length in [65_530, 70_000, 3_000_000] {
        let said = format!("{} {AWS} end", "word ".repeat(length / 5));
        let refused = call(&mut client, 1, "read_file", json!({ "text": said }));
        assert_eq!(rule(&refused), "secret.aws_key", "{length}");
        // On the way back; the server puts it together, so that it does not come from us.
        let (head, tail) = said.split_at(said.len() - 10);
        let answer = call(&mut client, 2, "read_file", json!({ "say": format!("{head}{tail}") }));
        assert_eq!(rule(&answer), "secret.aws_key");
    }
}

pub(crate) fn secrets_in_names_and_uris_do_not_pass() {
    let house = House::new(&[("files", &[])]);
    let mut client = house.connect("files");
    for answer in [
        call(&mut client, 1, &format!("get_{AWS}").replace("get_", "get "), json!({})),
        ask(&mut client, 2, "resources/read", json!({"uri": format!("file:///open/{AWS}")})),
        ask(&mut client, 3, "prompts/get", json!({"name": format!("for {AWS}")})),
    ] {
        assert_eq!(rule(&answer), "secret.aws_key", "{answer}");
        assert!(!answer.to_string().contains(AWS), "{answer}");
    }
    assert!(!house.heard("files").join("\n").contains(AWS));
}

pub(crate) fn numbers_that_are_no_phones_pass_unchanged() {
    let house = House::new(&[("files", &[])]);
    let mut client = house.connect("files");
    for number in [
        "1718900000123",
        "1718900000",
        "20240620153000",
        "4155552671001",
        "id 9007199254740991",
        "order 1234567890",
    ] {
        let answer = call(&mut client, 1, "read_file", json!({ "say": number }));
        assert_eq!(text(&answer), number);
        assert!(house.heard("files").last().unwrap().contains(number), "nor is the request changed");
    }
}

pub(crate) fn more_than_two_kinds_of_secret_are_known() {
    let house = House::new(&[("files", &[])]);
    let mut client = house.connect("files");
    for (secret, detector) in [
        ("AWS_SECRET_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(), "secret.aws_secret_key"),
        (format!("github_pat_{}_{}", "1".repeat(22), "aB3".repeat(19) + "xy"), "secret.github_token"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bqXk29fLq8ZtPw3nYv5RjHs6TgUe1OcVdBmKaJiWxQz4lCo\n-----END RSA PRIVATE KEY-----".to_owned(),
            "secret.private_key",
        ),
        ("postgres://admin:Xk29fLq8Zt@db.internal:5432/main".to_owned(), "secret.database_url"),
    ] {
        let answer = call(&mut client, 1, "read_file", json!({ "text": secret }));
        assert_eq!(rule(&answer), detector, "{answer}");
    }
}

/// It froze the whole daemon for six seconds.
pub(crate) fn a_catastrophic_expression_delays_nothing() {
    let house = House::new(&[("files", &[])]);
    house.reconfigure(|config| {
        config["pii"] =
            json!({"custom_types": {"slow": {"patterns": [{"regex": "(a+)+$"}, {"regex": "(a|aa)+b"}]}}});
    });
    let mut client = house.connect("files");
    let start = Instant::now();
    call(&mut client, 1, "read_file", json!({ "text": format!("{}!", "a".repeat(29)) }));
    call(&mut client, 2, "read_file", json!({ "text": format!("{}!", "a".repeat(100_000)) }));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

pub(crate) fn one_action_leaves_the_other_defaults() {
    let house = House::new(&[("files", &[])]);
    house.reconfigure(|config| config["pii"] = json!({"actions": {"email": {"response": "block"}}}));
    let mut client = house.connect("files");
    let ssn = call(&mut client, 1, "read_file", json!({"text": "my ssn is 536-22-1845"}));
    assert_eq!(rule(&ssn), "pii.ssn", "{ssn}");
    let back = call(&mut client, 2, "read_file", json!({"say": "mail ann@example.org"}));
    assert_eq!(rule(&back), "pii.email", "{back}");
}

pub(crate) fn what_only_warns_is_not_redacted_with_the_rest() {
    let house = House::new(&[("files", &[])]);
    let said = "mail ann@example.org, card 4111 1111 1111 1111";
    house.reconfigure(|config| {
        config["pii"] =
            json!({"actions": {"credit_card": {"request": "allow"}, "email": {"request": "allow"}}});
    });
    let answer = call(&mut house.connect("files"), 1, "read_file", json!({ "say": said }));
    assert_eq!(text(&answer), "mail ann@example.org, card [REDACTED:credit_card]");
}

pub(crate) fn keys_of_objects_are_searched() {
    let house = guarded(json!({}));
    let answer = call(&mut house.connect("files"), 1, "read_file", json!({ AWS: 1 }));
    assert_eq!(rule(&answer), "secret.aws_key", "{answer}");
}

/// Keys for the guard were forwarded to the server. Nobody is asked for one here; what comes unasked is no exception.
pub(crate) fn a_stray_credential_is_inspected_like_any_text() {
    let house = House::new(&[("files", &[])]);
    let mut client = house.connect("files");
    let key = format!("sk-ant-api03-{}-{}AA", "aB3dE5fG7h".repeat(8) + "aB3dE5fG7hJk9", "aB3dE5");
    let jwt = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
    for (field, secret) in [("_api_key", key.as_str()), ("_bearer_token", jwt)] {
        ask(&mut client, 1, "tools/call", json!({"name": "read_file", field: secret}));
    }
    assert!(!house.heard("files").join("\n").contains(&key));
}
