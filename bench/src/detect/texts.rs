//! The texts the engine is measured with.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use inspect::pack::packs;
use serde_json::Value;

use crate::payload::prose;

/// What the others are compared with.
pub(super) const CODE: &str = "source code";

/// Texts in which there is nothing to find.
pub(super) fn clean(bytes: usize) -> Vec<(&'static str, String)> {
    vec![
        ("prose, English", prose(bytes)),
        ("prose, Russian, Chinese, Persian", filled(bytes, foreign)),
        (CODE, code(bytes)),
        ("JSON records", filled(bytes, record)),
        ("log lines", crate::scan::log_lines(bytes)),
    ]
}

/// Texts made to make it slow.
pub(super) fn worst(bytes: usize) -> Vec<(&'static str, String)> {
    let literals = literals();
    let pick = |number: usize| literals.get(number * 7919 % literals.len().max(1)).map_or("", String::as_str);
    let mut nested = "aGVsbG8gd29ybGQ=".repeat(8);
    while nested.len() < bytes {
        nested = BASE64_STANDARD.encode(nested);
    }
    nested.truncate(bytes);
    let numbers = "4111 1111 1111 111";
    vec![
        ("all literals of all rules, one after the other", filled(bytes, |n| format!("{} ", pick(n)))),
        ("all literals of all rules, without a gap", filled(bytes, |n| pick(n).to_owned())),
        ("the same literal again and again", filled(bytes, |_| pick(3).to_owned())),
        ("base64 in base64 in base64", nested),
        ("percent signs in percent signs", filled(bytes, |_| "%2525".to_owned())),
        ("one letter", "a".repeat(bytes)),
        ("letters and an end that does not fit", filled(bytes, |_| format!("{}!", "a".repeat(40)))),
        ("opening brackets", "((((<<<<{{{{[[[[".repeat(bytes / 16)),
        ("at signs and dots", "a@a.a@".repeat(bytes / 6)),
        ("digits", filled(bytes, |_| format!("{numbers}{numbers}"))),
        ("spaces", " ".repeat(bytes)),
        ("invisible characters", "a\u{200B}".repeat(bytes / 4)),
        ("slashes and dots", "../".repeat(bytes / 3)),
        ("equal signs and quotes", "=\"'=\"'".repeat(bytes / 6)),
    ]
}

/// Every literal that some rule looks for.
fn literals() -> Vec<String> {
    const MEMBERS: [&str; 6] = ["prefix", "prefixes", "names", "anchors", "words", "literals"];
    fn collect(value: &Value, wanted: bool, out: &mut Vec<String>) {
        match value {
            Value::String(text) if wanted => out.push(text.clone()),
            Value::Array(items) => items.iter().for_each(|item| collect(item, wanted, out)),
            Value::Object(members) => {
                members.iter().for_each(|(key, value)| collect(value, MEMBERS.contains(&key.as_str()), out));
            }
            _ => {}
        }
    }
    let mut out = Vec::new();
    for rule in packs().iter().flat_map(|pack| &pack.rules) {
        collect(&serde_json::json!(rule.find), false, &mut out);
    }
    out.sort();
    out.dedup();
    out
}

/// Source code as it stands in files, with nothing in it that any rule is about.
pub(super) fn code(bytes: usize) -> String {
    filled(bytes, |n| {
        format!(
            "/// Returns the row number {n}.\npub fn row_{n}(table: &Table, at: usize) -> Option<&Row> {{\n    \
             let row = table.rows.get(at + {})?;\n    if row.is_empty() {{\n        return None;\n    }}\n    \
             Some(row)\n}}\n\n",
            n % 97
        )
    })
}

fn foreign(n: usize) -> String {
    format!(
        "Река медленно течёт мимо старой мельницы, {n}. 河水慢慢地流过古老的磨坊。 رودخانه آرام از کنار آسیاب می‌گذرد.\n"
    )
}

fn record(n: usize) -> String {
    let (half, rest) = (n / 2, n % 1000);
    format!(
        "{{\"row\": {n}, \"title\": \"The mill by the river\", \"pages\": [{half}, {rest}], \"open\": true}},\n"
    )
}

/// Pieces, one after the other, of so many bytes.
fn filled(bytes: usize, piece: impl Fn(usize) -> String) -> String {
    let mut text = String::with_capacity(bytes + 512);
    let mut number = 0;
    while text.len() < bytes {
        let piece = piece(number);
        if piece.is_empty() {
            break;
        }
        text.push_str(&piece);
        number += 1;
    }
    text.truncate(text.floor_char_boundary(bytes));
    text
}
