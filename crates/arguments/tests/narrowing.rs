//! A narrowed schema accepts exactly what the original accepts and the call check lets through.

// Tests fail the way they do.
#![allow(clippy::unwrap_used)]

use mcp_guard_arguments::{Call, Constraints, Limit, Matcher, Outcome, Pointer, Rule, Schema, Type, Value};
use proptest::{prelude::*, sample::select};

fn read(json: &str) -> Value<'static> {
    Value::read(json).unwrap().into_owned()
}

/// Values near the limits of the matchers below.
fn leaf() -> impl Strategy<Value = String> {
    select(vec![
        "null",
        "true",
        "false",
        "0",
        "1",
        "1.0",
        "2.5",
        "10",
        "-1",
        "100",
        "1e400",
        "\"\"",
        "\"a\"",
        "\"ab\"",
        "\"/srv/x\"",
        "\"/srv/\"",
        "\"x@example.org\"",
        "\"A-b\"",
        "\"aa\\n\"",
        "\"é😀\"",
        "[]",
        "{}",
        "[1]",
        "[\"a\",\"ab\"]",
        "[1,2,3]",
        "{\"a\":\"a\"}",
        "{\"b\":1,\"c\":null}",
    ])
    .prop_map(str::to_owned)
}

fn value() -> impl Strategy<Value = String> {
    let list = |inner| {
        prop::collection::vec(inner, 0..3).prop_map(|all: Vec<String>| format!("[{}]", all.join(",")))
    };
    leaf().prop_recursive(2, 12, 3, move |inner| prop_oneof![list(inner.clone()), members(inner)])
}

fn members(inner: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let names = select(vec!["a", "b", "c", "path", "x-y"]);
    prop::collection::btree_map(names, inner, 0..4).prop_map(|all| {
        let all: Vec<String> = all.into_iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", all.join(","))
    })
}

fn matcher() -> impl Strategy<Value = Matcher> {
    let base = select(vec![
        Matcher::constant(read("1")),
        Matcher::one_of(vec![read("\"a\""), read("null"), read("{\"a\":\"a\"}"), read("[1.0]")]).unwrap(),
        Matcher::prefix(["/srv/", "a"]).unwrap(),
        Matcher::glob(["*@example.org", "/srv/**", "?b"]).unwrap(),
        Matcher::regex(["[a-z]+", "(?i)a-B", "x|é."]).unwrap(),
        Matcher::range(Limit::new("0", false), Limit::new("10", true)).unwrap(),
        Matcher::range(Limit::new("1", true), None).unwrap(),
        Matcher::length(Some(1), Some(2)).unwrap(),
        Matcher::count(Some(1), Some(2)).unwrap(),
        Matcher::one_of_type(vec![Type::Integer, Type::String]).unwrap(),
        Matcher::one_of_type(vec![Type::Number, Type::Array, Type::Object]).unwrap(),
    ]);
    (base, any::<bool>()).prop_map(|(matcher, not)| if not { Matcher::except(matcher) } else { matcher })
}

fn rule() -> impl Strategy<Value = Rule> {
    let pointers = vec!["/a", "/b", "/path", "/a/b", "/a/*", "/*", "/c/*/a", "/x-y/a/b", "", "/a/b/*"];
    (select(pointers), prop::collection::vec(matcher(), 0..3), any::<bool>()).prop_map(
        |(pointer, matchers, required)| {
            let rule = Rule::new(Pointer::parse(pointer).unwrap(), matchers);
            if required { rule.required() } else { rule }
        },
    )
}

const ORIGINALS: [&str; 14] = [
    r#"{"type":"object"}"#,
    r#"{"type":"object","properties":{"a":{"type":"string","maxLength":2},"b":{"type":["integer","null"]}},"required":["a"]}"#,
    r#"{"type":"object","properties":{"a":{"type":"integer","minimum":1},"path":{"pattern":"^/"}},"additionalProperties":false}"#,
    r#"{"type":"object","properties":{"a":{"enum":["a",1,null,[1]]},"b":true,"c":false},"additionalProperties":{"type":"string"}}"#,
    r##"{"type":"object","$defs":{"t":{"type":"object","properties":{"b":{"type":"number"}}}},"properties":{"a":{"$ref":"#/$defs/t"},"b":{"anyOf":[{"type":"string"},{"type":"number"}]}}}"##,
    r##"{"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"t":{"type":["string","object"]}},"type":"object","properties":{"a":{"$ref":"#/definitions/t","maxLength":0}}}"##,
    r#"{"type":"object","patternProperties":{"^x":{"type":"object"},"a":{"minLength":1}},"additionalProperties":{"type":["string","array","object"]}}"#,
    r#"{"$schema":"http://json-schema.org/draft-04/schema#","type":"object","properties":{"a":{"minimum":1,"exclusiveMinimum":true},"b":{"minimum":0}}}"#,
    r#"{"type":"object","properties":{"a":{"type":"array","items":{"type":"string"}},"c":{"type":"object","additionalProperties":false,"properties":{"a":{}}}}}"#,
    r#"{"type":"object","allOf":[{"required":["b"]}],"propertyNames":{"maxLength":3}}"#,
    r#"{"type":"object","oneOf":[{"required":["a"]},{"required":["b"]}],"minProperties":1}"#,
    r##"{"$ref":"#/$defs/r","$defs":{"r":{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}}}"##,
    r##"{"$schema":"http://json-schema.org/draft-07/schema#","$ref":"#/definitions/r","definitions":{"r":{"type":"object","properties":{"a":{"type":"string"}}}}}"##,
    "{}",
];

const POLICIES: [&str; 6] = [
    r#"{"properties":{"a":{"type":"string"},"c":{"maxItems":1}},"required":["a"]}"#,
    r#"{"type":"object","properties":{"a":true,"b":{"minimum":1}},"additionalProperties":false}"#,
    r##"{"$defs":{"t":{"type":["string","integer"]},"r":{"type":"object","additionalProperties":{"$ref":"#/$defs/t"}}},"properties":{"a":{"$ref":"#/$defs/t"},"c":{"$ref":"#/$defs/r"}}}"##,
    r#"{"additionalProperties":{"type":"string"},"properties":{"a":{"type":"integer"}}}"#,
    r#"{"if":{"required":["a"]},"then":{"required":["b"]},"maxProperties":2}"#,
    r#"{"not":{"required":["path"]}}"#,
];

fn accepts(schema: &Schema, value: &Value<'_>) -> bool {
    schema.validate(value) == Outcome::Valid
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn narrowed_is_original_and_policy(
        original in select(ORIGINALS.to_vec()),
        rules in prop::collection::vec(rule(), 0..4),
        closed in any::<bool>(),
        policy in prop::option::of(select(POLICIES.to_vec())),
        arguments in prop::collection::vec(members(value()), 1..12),
    ) {
        let schema = policy.map(|policy| Schema::of_policy(read(policy)).unwrap());
        let constraints = Constraints { rules, closed, schema, ..Constraints::default() };
        let narrowed = constraints.narrow(&read(original));
        // Old drafts have no words for some schemas of policies.
        let old = original.contains("draft-0");
        prop_assert!(narrowed.told.is_empty() || (old && policy.is_some()), "{:?}", narrowed.told);
        let text = narrowed.schema.to_json();
        let narrow = Schema::of_server(&text);
        prop_assert!(narrow.is_ok(), "{} {:?}", text, narrow);
        let (narrow, original) = (narrow.unwrap(), Schema::of_server(original).unwrap());
        for arguments in &arguments {
            let value = Value::read(arguments).unwrap();
            let checked = accepts(&original, &value) && constraints.check(&value, &Call::default()).is_empty();
            let accepted = accepts(&narrow, &value);
            // What is told in words alone is left to the call.
            let exact = narrowed.told.is_empty();
            prop_assert!(checked == accepted || (!exact && accepted), "{} under {}", arguments, text);
        }
    }

    #[test]
    fn nothing_panics_on_any_schema(original in members(value()), rules in prop::collection::vec(rule(), 0..3), arguments in value()) {
        let constraints = Constraints { rules, closed: true, ..Constraints::default() };
        let narrowed = constraints.narrow(&read(&original));
        let value = Value::read(&arguments).unwrap();
        let _ = Schema::of_server(&narrowed.schema.to_json()).map(|schema| schema.validate(&value));
        let _ = constraints.check(&value, &Call::default());
    }
}
