//! The official test suite of JSON Schema, where a checkout of it is at hand.

// Tests fail the way they do.
#![allow(clippy::unwrap_used)]

use std::{env, fs, path::Path};

use mcp_guard_arguments::{Outcome, Schema, Value};

/// Of formats, which only annotate, and of vocabularies and documents elsewhere, which are never fetched, nothing is asked.
const APART: [&str; 6] =
    ["refRemote.json", "vocabulary.json", "dynamicRef.json", "recursiveRef.json", "id.json", "anchor.json"];

const DRAFTS: [(&str, &str); 5] = [
    ("draft4", "http://json-schema.org/draft-04/schema#"),
    ("draft6", "http://json-schema.org/draft-06/schema#"),
    ("draft7", "http://json-schema.org/draft-07/schema#"),
    ("draft2019-09", "https://json-schema.org/draft/2019-09/schema"),
    ("draft2020-12", "https://json-schema.org/draft/2020-12/schema"),
];

#[test]
#[ignore = "needs a checkout of json-schema-org/JSON-Schema-Test-Suite; its folder is given in JSON_SCHEMA_TEST_SUITE"]
fn the_official_suite() {
    let suite = env::var("JSON_SCHEMA_TEST_SUITE").unwrap();
    let mut wrong = Vec::new();
    let (mut run, mut refused) = (0, 0);
    for (draft, uri) in DRAFTS {
        let mut files: Vec<_> = fs::read_dir(Path::new(&suite).join("tests").join(draft))
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        files.sort();
        for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "json"))
        {
            let name = file.file_name().unwrap().to_str().unwrap();
            if APART.contains(&name) {
                continue;
            }
            let text = fs::read_to_string(file).unwrap();
            for group in Value::read(&text).unwrap().elements().unwrap() {
                let mut schema = group.get("schema").unwrap().to_json();
                if let Some(rest) =
                    schema.strip_prefix('{').filter(|_| group.get("schema").unwrap().get("$schema").is_none())
                {
                    let comma = if rest == "}" { "" } else { "," };
                    schema = format!("{{\"$schema\":\"{uri}\"{comma}{rest}");
                }
                let said = group.get("description").unwrap().as_text().unwrap();
                let compiled = match Schema::of_server(&schema) {
                    Ok(compiled) => compiled,
                    Err(error) => {
                        refused += 1;
                        println!("refused {draft}/{name}: {said}: {error}");
                        continue;
                    }
                };
                for test in group.get("tests").unwrap().elements().unwrap() {
                    run += 1;
                    let valid = compiled.validate(test.get("data").unwrap()) == Outcome::Valid;
                    if Value::Bool(valid) != *test.get("valid").unwrap() {
                        let case = test.get("description").unwrap().as_text().unwrap();
                        wrong.push((format!("{draft}/{name}: {said}: {case}"), !valid));
                    }
                }
            }
        }
    }
    let false_alarms = wrong.iter().filter(|(_, expected)| *expected).count();
    for (case, _) in &wrong {
        println!("wrong {case}");
    }
    println!(
        "{run} run, {} wrong, {false_alarms} of them false alarms, {refused} schemas refused",
        wrong.len()
    );
    assert!(run > 4000 && wrong.len() * 100 < run);
}
