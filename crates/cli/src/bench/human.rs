//! The report for a person at a terminal.

use super::{
    report::{Case, Report},
    tally::{Counts, Share, Tally},
};
use crate::paint::{FAINT, STRONG, paint};

pub(crate) fn text(report: &Report) -> String {
    let mut lines = vec![paint(
        FAINT,
        format_args!(
            "{:<42} {:>6} {:>22} {:>22} {:>7} {:>22} {:>22}",
            format!("{} profile", report.profile),
            "attack",
            "found %",
            "blocked or altered %",
            "benign",
            "found %",
            "blocked or altered %"
        ),
    )];
    for corpus in &report.corpora {
        lines.push(paint(STRONG, row(&corpus.name, &corpus.total)));
        for (category, tally) in corpus.grouped() {
            lines.push(row(&format!("  {category}"), &tally));
        }
        lines.extend(corpus.misses.iter().map(|case| shown("missed", case)));
        lines.extend(corpus.false_alarms.iter().map(|case| shown("false alarm", case)));
    }
    let speed = &report.speed;
    lines.push(format!(
        "{} messages, {:.1} MB: {:.1} µs half of them, {:.1} µs all but 1 %, {:.0} MB/s",
        speed.messages,
        speed.bytes as f64 / 1e6,
        speed.p50_us,
        speed.p99_us,
        speed.megabytes_per_second
    ));
    lines.join("\n")
}

fn row(name: &str, tally: &Tally) -> String {
    let Tally { attacks, benign } = tally;
    format!("{name:<42} {} {}", counts(attacks), counts(benign))
}

fn counts(counts: &Counts) -> String {
    format!("{:>6} {:>22} {:>22}", counts.rows, share(counts.found()), share(counts.enforced()))
}

fn share(share: Option<Share>) -> String {
    share.map_or_else(
        || "–".to_owned(),
        |Share { percent, from, to }| format!("{percent:.1} ({from:.1}–{to:.1})"),
    )
}

fn shown(what: &str, case: &Case) -> String {
    let rules = if case.rules.is_empty() { String::new() } else { format!(" [{}]", case.rules.join("; ")) };
    format!("    {what} {} {}{rules}: {}", case.id, case.category, case.text)
}
