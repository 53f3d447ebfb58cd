//! Every rule of our packs: it can be compiled, finds its samples, and leaves alone what it says it does.

// What the tests share fails the way they do.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use mcp_guard_inspect::{
    Place, Scanner, Text,
    pack::{Rule, Sample, packs},
};

#[test]
fn every_rule_can_be_compiled() {
    for rule in packs().iter().flat_map(|pack| &pack.rules) {
        rule.verify().unwrap();
    }
}

#[test]
fn every_rule_finds_its_samples_and_nothing_in_its_counter_samples() {
    let mut faults = Vec::new();
    for pack in packs() {
        for rule in &pack.rules {
            let scanner = Scanner::new(|known| known.id() == rule.id, &[]).unwrap();
            let places = if rule.places.is_empty() { &pack.places } else { &rule.places };
            let place = places.first().map_or(Place::UNKNOWN, |kind| Place::new(*kind));
            for sample in &rule.matches {
                if !finds(&scanner, rule, sample, place) {
                    faults.push(format!("{} does not find {sample:?}", rule.id));
                }
            }
            for sample in &rule.no_match {
                if finds(&scanner, rule, sample, place) {
                    faults.push(format!("{} finds {sample:?}", rule.id));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Whether the rule finds something in a sample that is sure enough to count by default.
fn finds(scanner: &Scanner, rule: &Rule, sample: &Sample, place: Place) -> bool {
    let (text, key) = match sample {
        Sample::Text(text) => (text, None),
        Sample::Member { text, key } => (text, Some(key.as_str())),
    };
    let text = text.replace('~', "");
    let mut hits = Vec::new();
    scanner.scan(Text { text: &text, key, place }, &mut hits);
    hits.iter().any(|hit| {
        hit.confidence.percent() >= 80
            && scanner.detector(hit.detector).is_some_and(|found| found.id() == rule.id)
    })
}
