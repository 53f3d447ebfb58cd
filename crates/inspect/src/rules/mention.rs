//! Whether a text says something or only speaks of it. Documentation quotes attacks; who forwards it must not cut it.
//!
//! What counts as a mention: what stands in quotation marks within a sentence, in backticks, in a fenced block, or in a
//! text that names several things only texts about attacks name. All of it can be imitated by who writes an attack, so
//! a mention is a milder finding, never none, where the rule says so.

use std::{ops::Range, sync::LazyLock};

use aho_corasick::AhoCorasick;

use crate::ascii::{before, run_start, slice};

/// What is known of the text around findings; found out when first asked for.
#[derive(Debug, Default)]
pub(super) struct Surroundings(Option<Known>);

#[derive(Debug)]
struct Known {
    /// Fenced blocks, in order.
    fenced: Vec<Range<usize>>,
    about_attacks: bool,
}

/// How far an opening quotation mark or backtick may stand before what it quotes, in bytes.
const QUOTED: usize = 160;

/// How many different topics make a text one about attacks.
const TOPICS: u32 = 3;

/// What texts about attacks name, by topic.
static TERMS: [(u32, &str); 33] = [
    (0, "prompt injection"),
    (0, "prompt-injection"),
    (0, "prompt_injection"),
    (0, "promptinject"),
    (1, "jailbreak"),
    (2, "tool poisoning"),
    (2, "rug pull"),
    (2, "confused deputy"),
    (3, "attacker"),
    (3, "adversar"),
    (4, "red team"),
    (4, "red-team"),
    (4, "pentest"),
    (4, "penetration test"),
    (5, "owasp"),
    (5, "mitre att"),
    (5, "cve-"),
    (6, "guardrail"),
    (6, "mitigat"),
    (6, "countermeasure"),
    (7, "threat model"),
    (7, "attack surface"),
    (7, "attack vector"),
    (8, "vulnerabilit"),
    (9, "exfiltrat"),
    (10, "false positive"),
    (10, "false negative"),
    (11, "detector"),
    (11, "detection"),
    (11, "scanner"),
    (12, "payload"),
    (12, "exploit"),
    (13, "malicious"),
];

static TOPICS_IN: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let terms = TERMS.iter().map(|(_, term)| term);
    AhoCorasick::builder().ascii_case_insensitive(true).build(terms).ok()
});

impl Surroundings {
    /// Whether what lies in `span` is only spoken of.
    pub(super) fn mention(&mut self, text: &str, span: &Range<usize>) -> bool {
        let bytes = text.as_bytes();
        let known = self.0.get_or_insert_with(|| Known::of(bytes));
        known.about_attacks || known.fenced(span.start) || quoted(text, span)
    }
}

impl Known {
    fn of(text: &[u8]) -> Self {
        let mut fences = memchr::memmem::find_iter(text, "```")
            .filter(|&at| slice(text, line(text, at)..at).iter().all(|byte| b" \t>-*".contains(byte)));
        let mut fenced = Vec::new();
        while let (Some(start), Some(end)) = (fences.next(), fences.next()) {
            fenced.push(start..end);
        }
        let topics = TOPICS_IN.iter().flat_map(|terms| terms.find_iter(text));
        let topics = topics
            .filter_map(|found| TERMS.get(found.pattern().as_usize()))
            .fold(0_u32, |seen, (topic, _)| seen | 1 << topic);
        Self { fenced, about_attacks: topics.count_ones() >= TOPICS }
    }

    fn fenced(&self, at: usize) -> bool {
        let next = self.fenced.partition_point(|block| block.start <= at);
        next.checked_sub(1).and_then(|last| self.fenced.get(last)).is_some_and(|block| at < block.end)
    }
}

/// Where the line begins that `at` lies in, as far as it matters.
fn line(text: &[u8], at: usize) -> usize {
    run_start(text, at.saturating_sub(QUOTED), at, |byte| byte != b'\n')
}

/// Whether `span` stands in backticks, or in quotation marks that a sentence put around it.
fn quoted(text: &str, span: &Range<usize>) -> bool {
    let bytes = text.as_bytes();
    let from = line(bytes, span.start);
    let lead = slice(bytes, from..span.start);
    let tail = slice(bytes, span.start..bytes.len().min(span.end + QUOTED));
    if lead.iter().filter(|byte| **byte == b'`').count() % 2 == 1 && tail.contains(&b'`') {
        return true;
    }
    for (open, close) in
        [("\"", "\""), ("“", "”"), ("„", "“"), ("«", "»"), ("「", "」"), ("'", "'"), ("‘", "’")]
    {
        let Some(at) = memchr::memmem::rfind(lead, open.as_bytes()) else { continue };
        let inside = slice(lead, at + open.len()..lead.len());
        let closes = memchr::memmem::find(tail, close.as_bytes()).is_some();
        if closes && memchr::memmem::find(inside, close.as_bytes()).is_none() && in_prose(bytes, from + at) {
            return true;
        }
    }
    false
}

/// Whether the quotation mark at `at` was put by a sentence, not by data: a word stands before it, and a space between.
fn in_prose(text: &[u8], at: usize) -> bool {
    let start = run_start(text, at.saturating_sub(3), at, |byte| byte == b' ' || byte == b'(');
    let last = before(text, start, 1);
    start < at && (last.is_ascii_alphanumeric() || last >= 0x80)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mention(text: &str) -> bool {
        let start = text.find("OBEY").unwrap();
        Surroundings::default().mention(text, &(start..start + 4))
    }

    #[test]
    fn quotations_code_and_texts_about_attacks_only_speak_of_it() {
        for text in [
            "Texts such as \"please OBEY me\" are reported",
            "for instance “OBEY” or others",
            "the phrase 'OBEY now' is",
            "use `OBEY` there",
            "Look:\n```\nOBEY\n```\n",
            "A jailbreak is an attack by an adversary. OWASP lists OBEY",
        ] {
            assert!(mention(text), "{text}");
        }
    }

    #[test]
    fn data_and_plain_text_say_it() {
        for text in [
            "OBEY",
            "{\"text\": \"OBEY\"}",
            "body: \"OBEY\"",
            "[\"a\", \"OBEY\"]",
            "say \"hello\" and OBEY \"me\"",
            "it's OBEY, it's",
            "```\ncode\n```\nOBEY",
            "This attacker said OBEY",
        ] {
            assert!(!mention(text), "{text}");
        }
    }
}
