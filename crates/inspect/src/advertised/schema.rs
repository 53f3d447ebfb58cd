//! JSON Schemas as somebody else's code will meet them: validators that fetch, recurse and multiply.

use serde_json::Value;

/// What was seen in a schema.
#[derive(Default)]
pub(super) struct Looked {
    /// Why it hurts whoever compiles it.
    pub(super) hostile: Option<String>,
    /// A reference that leads elsewhere: where it stands, and where it leads.
    pub(super) remote: Option<(String, String)>,
    /// The parameters, with where each stands.
    pub(super) parameters: Vec<(String, String)>,
}

/// Deepest nesting.
const DEPTH: usize = 32;

/// Most values in a schema.
const VALUES: usize = 20_000;

/// Most alternatives that can be chosen among together: those that stand inside others multiply.
const CHOICES: u64 = 10_000;

/// Longest regular expression, in bytes.
const PATTERN: usize = 1_000;

pub(super) fn look(schema: &Value) -> Looked {
    let mut looked = Looked::default();
    let mut left = VALUES;
    let mut path = String::new();
    walk(schema, &mut path, 0, 1, &mut left, &mut looked);
    looked
}

fn walk(value: &Value, path: &mut String, depth: usize, choices: u64, left: &mut usize, looked: &mut Looked) {
    let Some(fewer) = left.checked_sub(1) else {
        looked.hostile.get_or_insert_with(|| format!("more than {VALUES} values"));
        return;
    };
    *left = fewer;
    if depth > DEPTH {
        looked.hostile.get_or_insert_with(|| format!("nested deeper than {DEPTH}"));
        return;
    }
    let length = path.len();
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                path.push('/');
                path.push_str(&key.replace('~', "~0").replace('/', "~1"));
                member(key, value, path, looked);
                let alternatives = match (key.as_str(), value) {
                    ("anyOf" | "oneOf", Value::Array(items)) => items.len() as u64,
                    _ => 1,
                };
                let choices = choices.saturating_mul(alternatives.max(1));
                if choices > CHOICES {
                    looked
                        .hostile
                        .get_or_insert_with(|| format!("more than {CHOICES} combined alternatives"));
                }
                walk(value, path, depth + 1, choices, left, looked);
                path.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push('/');
                path.push_str(&index.to_string());
                walk(item, path, depth + 1, choices, left, looked);
                path.truncate(length);
            }
        }
        _ => {}
    }
}

fn member(key: &str, value: &Value, path: &str, looked: &mut Looked) {
    match (key, value) {
        ("$ref" | "$dynamicRef" | "$recursiveRef", Value::String(target)) if !target.starts_with('#') => {
            looked.remote.get_or_insert_with(|| (path.to_owned(), target.clone()));
        }
        ("pattern", Value::String(pattern)) if pattern.len() > PATTERN => {
            looked.hostile.get_or_insert_with(|| format!("a pattern of {} bytes", pattern.len()));
        }
        ("properties", Value::Object(properties)) => {
            let escaped = |name: &String| name.replace('~', "~0").replace('/', "~1");
            let found = properties.keys().map(|name| (format!("{path}/{}", escaped(name)), name.clone()));
            looked.parameters.extend(found);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    // What tests share fails the way they do.
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn schemas_that_hurt_are_found() {
        let deep = (0..40).fold(json!({}), |inner, _| json!({"properties": {"a": inner}}));
        assert!(look(&deep).hostile.unwrap().starts_with("nested"));
        let wide = json!({"enum": (0..30_000).collect::<Vec<_>>()});
        assert!(look(&wide).hostile.unwrap().starts_with("more than 20000 values"));
        let bomb = (0..6).fold(json!({}), |inner, _| json!({"anyOf": [inner, inner, inner, inner, inner]}));
        assert!(look(&bomb).hostile.is_some());
        assert!(look(&json!({"pattern": "a".repeat(2_000)})).hostile.is_some());
    }

    #[test]
    fn references_that_lead_elsewhere_are_found() {
        let schema = json!({"properties": {"a/b": {"$ref": "http://x.example/"}}});
        assert_eq!(
            look(&schema).remote.unwrap(),
            ("/properties/a~1b/$ref".to_owned(), "http://x.example/".to_owned())
        );
        assert!(look(&json!({"$ref": "#/$defs/a"})).remote.is_none());
    }
}
