//! Which secrets and personal data are recognised: a rule that is taken out of the packs is missed here by its name.

// What the tests share fails the way they do.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use mcp_guard_inspect::{Confidence, Family, Scanner, Text, pack::packs};

/// The ids of all rules of these families, one a line. `tests/rules.rs` looks for each in the samples of its rule.
const IDS: &str = include_str!("confidential.txt");

/// Values of detectors in Rust, and some with a `~`, whose rules have no samples. `|` is removed before use.
const VALUES: [(&str, &str); 19] = [
    ("pii.email", "ann@example.org"),
    ("pii.phone", "+44 20 7946 0958"),
    ("pii.ssn", "536-22-8145"),
    ("pii.credit_card", "5105 1051 0510 5100"),
    ("secret.aws_key", "AK|IAQ2W5TZ7LKDPMBVCX"),
    ("secret.aws_secret_key", "aws_secret_access_key = kT9vQx2/Zp+Lr8WmD4s|YfH6uJcBnE1aGo3RiKtVb"),
    ("secret.github_token", "gh|p_wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO2uI0AB"),
    ("secret.slack_token", "xo|xb-2345678901-2345678901234-AbCdEfGhIjKlMnOpQrStUvWx"),
    ("secret.google_key", "AI|zaSyD9tW3hZ0kXq7rLm2NpVbC5fGjE8uYw1oQ"),
    ("secret.stripe_key", "sk|_live_9tW3hZ0kXq7rLm2NpVbC5fGj"),
    ("secret.openai_key", "sk|-9tW3hZ0kXq7rLm2NpVbCT3BlbkFJ5fGjE8uYw1oQaSdFgHjK"),
    ("secret.anthropic_key", "sk|-ant-api03-9tW3hZ0kXq7rLm2-NpVbC5fGjE8uYw1oQ_aSdFgHjKzXcVAA"),
    ("secret.npm_token", "np|m_9tW3hZ0kXq7rLm2NpVbC5fGjE8uYw1oQaSdF"),
    ("secret.pypi_token", "py|pi-AgEIcHlwaS5vcmcCJDU3ZjM4YjQyLTlmOWMtNGM5Yy05ZDQ4LTJmOGU5YjQ3ZDk4ZAAC"),
    (
        "secret.private_key",
        "-----BEGIN PRIVATE| KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ",
    ),
    ("secret.jwt", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiO|iIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"),
    ("secret.database_url", "postgres://app:s3c|r3t@db.example.com:5432/app"),
    ("secret.azure_client_secret", "secret: kT98Q~vQx2Zp7Lr8WmD|4sYfH6uJcBnE1aGo3RiKt"),
    ("secret.openshift_token", "token: sha256~U9yFxmAvpWIPMgJf5Tl|PpdTQMOme4ujtc01sxx8NW1k"),
];

#[test]
fn every_rule_is_there() {
    let listed: BTreeSet<_> = IDS.lines().collect();
    let confidential = |id: &str| {
        let family = id.split_once('.').and_then(|(family, _)| Family::named(family));
        family.is_some_and(Family::is_confidential)
    };
    let rules = packs().iter().flat_map(|pack| &pack.rules);
    let known: BTreeSet<_> = rules.map(|rule| rule.id.as_str()).filter(|id| confidential(id)).collect();
    let gone: Vec<_> = listed.difference(&known).collect();
    assert!(gone.is_empty(), "no longer recognised: {gone:?}");
    let new: Vec<_> = known.difference(&listed).collect();
    assert!(new.is_empty(), "add these to confidential.txt: {new:?}");
}

#[test]
fn every_rule_has_a_sample_or_a_value_here() {
    let rules = packs().iter().flat_map(|pack| &pack.rules);
    for rule in rules.filter(|rule| IDS.lines().any(|id| id == rule.id)) {
        assert!(!rule.matches.is_empty() || VALUES.iter().any(|(id, _)| *id == rule.id), "{}", rule.id);
    }
}

#[test]
fn every_value_is_found_by_its_rule() {
    for (id, value) in VALUES {
        let scanner = Scanner::new(|known| known.id() == id, &[]).unwrap();
        let mut hits = Vec::new();
        scanner.scan(Text::new(&value.replace('|', "")), &mut hits);
        assert!(hits.iter().any(|hit| hit.confidence >= Confidence::SURE), "{id}");
    }
}
