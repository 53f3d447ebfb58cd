//! No rule breaks the loader, and what it takes can be searched for in any text: spans lie in the text.
//!
//! The input is lines: what the rule looks for, and after them the text.
#![no_main]

use inspect::{
    Scanner, Text,
    pack::{Pack, UserPack},
};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|data: &[u8]| {
    let Ok(input) = std::str::from_utf8(data) else { return };
    let mut lines = input.splitn(5, '\n');
    let (Some(kind), Some(literal), Some(second), Some(number), Some(text)) =
        (lines.next(), lines.next(), lines.next(), lines.next(), lines.next())
    else {
        return;
    };
    let numbers: Vec<u16> = number.split(' ').filter_map(|number| number.parse().ok()).collect();
    let at = |index: usize| numbers.get(index).copied().unwrap_or(8);
    let length = json!([at(0), at(1)]);
    let find = match kind.as_bytes().first().map(|byte| byte % 3) {
        Some(0) => json!({"token": {"prefix": [literal], "chars": second, "length": length}}),
        Some(1) => json!({"assigned": {"names": [literal], "chars": second, "length": length, "regex": kind}}),
        _ => json!({"pattern": {"anchors": [literal], "regex": second, "before": at(0), "after": at(1)}}),
    };
    let Ok(pack) = serde_json::from_value::<Pack>(pack(&find, kind, literal)) else { return };
    let Ok(pack) = UserPack::new(pack) else { return };
    let scanner = Scanner::with_packs(|_| false, &[pack], &[]).expect("what was verified compiles");
    let mut hits = Vec::new();
    scanner.scan(Text::new(text), &mut hits);
    for hit in &hits {
        assert!(!text[hit.span.clone()].is_empty(), "{hit:?}");
    }
    assert!(hits.windows(2).all(|two| two[0].span.end <= two[1].span.start), "{hits:?}");
});

fn pack(find: &Value, kind: &str, word: &str) -> Value {
    let cells = json!({"request": "block", "response": "redact"});
    let mut rule = json!({"id": "anomaly.own", "title": "own", "confidence": 90, "find": [find]});
    if kind.len() % 2 == 0 {
        rule["near"] = json!({"words": [word], "within": 32, "confidence": 95});
        rule["checks"] = json!([{"entropy": 1.5}, {"varied": 2}]);
        rule["unless"] = json!([kind]);
    }
    json!({"pack": "own", "version": 1, "actions": {"balanced": cells, "strict": cells}, "rules": [rule]})
}
