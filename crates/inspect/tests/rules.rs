//! Every rule of our packs: it can be compiled, finds its samples, and leaves alone what it says it does.

// What the tests share fails the way they do.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use mcp_guard_inspect::{Joint, Scanner, Seam, Text, pack::packs};

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
            let wrong = rule.faults(&scanner, places);
            faults.extend(wrong.into_iter().map(|fault| format!("{}: {fault:?}", rule.id)));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_part_of_a_scanner_finds_its_own_and_shows_what_others_would_cover() {
    let all = Scanner::new(|_| true, &[]).unwrap();
    let part = all.only(|known| known.name == "email");
    let text = "ann@example.org AKIAQ2W5TZ7LKDPMBVCX postgres://app:s3cr3t@db.example.org/app";
    let mut hits = Vec::new();
    part.scan(Text::new(text), &mut hits);
    let found: Vec<_> = hits.iter().map(|hit| &text[hit.span.clone()]).collect();
    assert_eq!(found[0], "ann@example.org");
    assert!(hits.iter().all(|hit| part.detector(hit.detector).unwrap().name == "email"));
    assert!(part.id("aws_key").is_none() && part.id("email").is_some());
    let seam = Seam { at: 8, joint: Joint::Parts, starts: &[] };
    let mut across = Vec::new();
    let cut = "AKIAQ2W5TZ7LKDPMBVCX";
    part.scan_across(Text::new(cut), seam, &mut across, |_| 0);
    assert!(across.is_empty());
    all.scan_across(Text::new(cut), seam, &mut across, |_| 0);
    assert_eq!(across.len(), 1);
}
