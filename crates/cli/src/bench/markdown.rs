//! The report as tables to be pasted into a page.

use std::fmt::Write as _;

use super::{
    report::{Case, Measured, Report},
    tally::{Counts, Share, Tally},
};

pub(crate) fn text(report: &Report) -> String {
    let mut page = format!("Profile `{}`; shares in percent, with 95 % intervals.\n\n", report.profile);
    page.push_str(&head("corpus"));
    for corpus in &report.corpora {
        page.push_str(&row(&corpus.name, &corpus.total));
    }
    page.push('\n');
    page.push_str(&head("corpus: category"));
    for corpus in &report.corpora {
        for (category, tally) in corpus.grouped() {
            page.push_str(&row(&format!("{}: {category}", corpus.name), &tally));
        }
    }
    for (title, cases) in [
        ("Missed", (|corpus: &Measured| &corpus.misses) as fn(&Measured) -> &Vec<Case>),
        ("Blocked or altered without being an attack", |corpus| &corpus.false_alarms),
    ] {
        list(&mut page, title, report, cases);
    }
    let speed = &report.speed;
    let _ = write!(
        page,
        "\n{} messages, {:.1} MB: p50 {:.1} µs, p99 {:.1} µs, {:.0} MB/s from bytes to bytes.",
        speed.messages,
        speed.bytes as f64 / 1e6,
        speed.p50_us,
        speed.p99_us,
        speed.megabytes_per_second
    );
    page
}

fn head(first: &str) -> String {
    format!(
        "| {first} | attacks | found | blocked or altered | benign | found | blocked or altered |\n\
         | --- | --: | --: | --: | --: | --: | --: |\n"
    )
}

fn row(name: &str, tally: &Tally) -> String {
    let Tally { attacks, benign } = tally;
    format!("| {} | {} | {} |\n", cell(name), counts(attacks), counts(benign))
}

fn counts(counts: &Counts) -> String {
    if counts.rows == 0 {
        return "– | – | –".to_owned();
    }
    format!("{} | {} | {}", counts.rows, share(counts.found()), share(counts.enforced()))
}

fn share(share: Option<Share>) -> String {
    share.map_or_else(String::new, |Share { percent, from, to }| format!("{percent:.1} ({from:.1}–{to:.1})"))
}

fn list(page: &mut String, title: &str, report: &Report, cases: fn(&Measured) -> &Vec<Case>) {
    if report.corpora.iter().all(|corpus| cases(corpus).is_empty()) {
        return;
    }
    let _ = write!(page, "\n{title}:\n\n");
    for corpus in &report.corpora {
        for case in cases(corpus) {
            let rules = case.rules.join("; ");
            let rules = if rules.is_empty() { rules } else { format!(" ({rules})") };
            let _ = writeln!(page, "- `{}` {}{}: {}", case.id, case.category, cell(&rules), cell(&case.text));
        }
    }
}

/// Text that stays what it is in a table and in a list.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            '|' | '<' | '>' | '[' | ']' | '*' | '_' | '`' | '\\' | '!' | '#' | '&' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}
