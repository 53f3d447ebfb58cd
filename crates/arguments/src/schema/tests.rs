// Tests fail the way they do.
#![allow(clippy::unwrap_used)]

use super::*;

fn valid(schema: &str, value: &str) -> bool {
    Schema::of_server(schema).unwrap().validate(&Value::read(value).unwrap()) == Outcome::Valid
}

#[test]
fn drafts_are_told_apart() {
    let draft4 =
        r#"{"$schema":"http://json-schema.org/draft-04/schema#","minimum":1,"exclusiveMinimum":true}"#;
    assert!(!valid(draft4, "1") && valid(draft4, "1.5"));
    assert!(!valid(r#"{"exclusiveMinimum":1}"#, "1"));
    let draft7 = r##"{"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"t":{"type":"string"}},"properties":{"a":{"$ref":"#/definitions/t","maxLength":1}}}"##;
    assert!(valid(draft7, r#"{"a":"long"}"#) && !valid(draft7, r#"{"a":1}"#));
    let now = r##"{"$defs":{"t":{"type":"string"}},"properties":{"a":{"$ref":"#/$defs/t","maxLength":1}}}"##;
    assert!(!valid(now, r#"{"a":"long"}"#));
}

#[test]
fn hostile_schemas_are_findings_of_their_own() {
    let of = |schema: &str| Schema::of_server(schema).map(|_| ());
    for remote in [
        r#"{"$ref":"http://169.254.169.254/"}"#,
        r#"{"$ref":"file:///etc/passwd"}"#,
        r#"{"$ref":"other.json#/a"}"#,
        r#"{"properties":{"a":{"$ref":"//evil.com/x"}}}"#,
    ] {
        assert!(matches!(of(remote), Err(SchemaError::Remote { .. })), "{remote}");
    }
    for wrong in [
        "",
        "[]",
        "3",
        r#"{"type":"text"}"#,
        r#"{"minLength":-1}"#,
        r##"{"$ref":"#/nowhere"}"##,
        r#"{"required":true}"#,
        r#"{"multipleOf":0}"#,
        r#"{"properties":[]}"#,
        r#"{"$schema":"https://example.org/mine"}"#,
        r#"{"allOf":{}}"#,
    ] {
        assert!(matches!(of(wrong), Err(SchemaError::Invalid { .. })), "{wrong}");
    }
    assert!(matches!(
        of(&format!("{{\"allOf\":[{}{{}}]}}", "{},".repeat(30_000))),
        Err(SchemaError::TooLarge(_))
    ));
    assert!(matches!(of(&"x".repeat(2 << 20)), Err(SchemaError::TooLarge(_))));
    let deep = format!("{}{{}}{}", r#"{"not":"#.repeat(100), "}".repeat(100));
    assert!(Schema::of_server(&deep).is_ok());
    assert!(of(&format!("{}{{}}{}", r#"{"not":"#.repeat(1000), "}".repeat(1000))).is_err());
}

#[test]
fn bombs_cost_no_more_than_is_allowed() {
    let references = r##"{"$defs":{"a":{"allOf":[{"$ref":"#/$defs/b"},{"$ref":"#/$defs/b"}]},"b":{"allOf":[{"$ref":"#/$defs/c"},{"$ref":"#/$defs/c"}]},
        "c":{"$ref":"#/$defs/a"}},"$ref":"#/$defs/a"}"##;
    let doubling: String = (0..40)
        .map(|n| {
            format!(
                r##""d{n}":{{"allOf":[{{"$ref":"#/$defs/d{m}"}},{{"$ref":"#/$defs/d{m}"}}]}},"##,
                m = n + 1
            )
        })
        .collect();
    let doubling = format!(r##"{{"$defs":{{{doubling}"d40":{{}}}},"$ref":"#/$defs/d0"}}"##);
    let unique = r#"{"uniqueItems":true}"#;
    let objects = format!("[{}{{}}]", (0..5000).map(|n| format!("{{\"a\":{n}}},")).collect::<String>());
    for (schema, value) in [(references, "{}"), (doubling.as_str(), "1"), (unique, objects.as_str())] {
        let begun = std::time::Instant::now();
        let outcome = Schema::of_server(schema).unwrap().validate(&Value::read(value).unwrap());
        assert_eq!(outcome, Outcome::TooCostly);
        assert!(begun.elapsed().as_secs() < 5);
    }
}

#[test]
fn expressions_mean_what_they_do_in_json_schema() {
    for (pattern, text, expected) in [
        (r"^\\d+$", "٣", false),
        (r"^\\w$", "é", false),
        (r"^\\W$", "é", true),
        ("^[[a]$", "[", true),
        (r"^\\/x\\-$", "/x-", true),
        ("^[a&&b]$", "&", true),
        (r"^\\u0041$", "A", true),
        ("b", "abc", true),
        (r"^\\S+$", "a\u{a0}", false),
    ] {
        assert_eq!(
            valid(&format!("{{\"pattern\":\"{pattern}\"}}"), &format!("\"{text}\"")),
            expected,
            "{pattern} {text}"
        );
    }
    let backtracking = Schema::of_server(r#"{"properties":{"a":{"pattern":"^(?=x)"}}}"#).unwrap();
    assert_eq!(backtracking.unjudged(), ["/properties/a/pattern"]);
    // What is said beside it holds all the same, but for what it leaves open.
    let beside =
        r#"{"patternProperties":{"^a?:(":{}},"properties":{"b":{"minimum":1}},"additionalProperties":false}"#;
    assert!(valid(beside, r#"{"b":1,"c":0}"#) && !valid(beside, r#"{"b":0}"#));
    assert!(Schema::of_policy(Value::read(r#"{"pattern":"^(?=x)"}"#).unwrap().into_owned()).is_err());
}

#[test]
fn policies_take_no_keyword_that_means_nothing() {
    for wrong in [
        r#"{"propertys":{}}"#,
        r#"{"format":"uri"}"#,
        r##"{"$ref":"#"}"##,
        r#"{"properties":{"a":{"maxlength":1}}}"#,
    ] {
        assert!(Schema::of_policy(Value::read(wrong).unwrap().into_owned()).is_err(), "{wrong}");
    }
}

#[test]
fn a_violation_says_where_and_what_would_pass_and_never_what_was_there() {
    let schema = Schema::of_server(
        r#"{"properties":{"a":{"items":{"type":"string","maxLength":3}}},"required":["b"]}"#,
    )
    .unwrap();
    let outcome = schema.validate(&Value::read(r#"{"a":["x","secret"]}"#).unwrap());
    let found = match outcome {
        Outcome::Invalid(found) => found,
        _ => Vec::new(),
    };
    assert_eq!(found.len(), 2);
    let told = format!("{found:?}");
    assert!(told.contains("/a/1") && told.contains("at most 3 characters") && told.contains("`b`"), "{told}");
    assert!(told.contains("a text of 6 characters") && !told.contains("secret"), "{told}");
}
