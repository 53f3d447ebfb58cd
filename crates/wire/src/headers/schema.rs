//! Finds the parameters of a tool that headers say again (MCP 2026-07-28 basic/transports §Schema Extension).

use serde_json::{Map, Value};

use super::PARAM_PREFIX;
use crate::walk::{Role, Walker};

/// The annotation's name.
const ANNOTATION: &str = "x-mcp-header";

/// Schemas with annotations past this length, in bytes, are not read.
const LONGEST: usize = 256 * 1024;

/// Longest annotation, in bytes.
const LONGEST_NAME: usize = 128;

/// Members of a schema that hold values, in which nothing is an annotation.
const DATA: [&str; 4] = ["const", "enum", "default", "examples"];

/// Members of a schema that hold schemas by name. A name is no annotation either.
const BY_NAME: [&str; 5] = ["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"];

/// A parameter that a header says again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Param {
    /// The header's full name.
    pub(super) header: Box<str>,
    /// Where the value stands in the arguments: names of members, outermost first.
    pub(super) path: Box<[Box<str>]>,
}

/// The annotated parameters of a raw `inputSchema`, or what breaks the rules in it.
pub(super) fn params(schema: &str) -> Result<Vec<Param>, &'static str> {
    let mut annotated = false;
    Walker::default().strings(schema, |text| {
        annotated |= text.role == Role::Key && text.text() == ANNOTATION;
    });
    if !annotated {
        return Ok(Vec::new());
    }
    if schema.len() > LONGEST {
        return Err("its inputSchema has annotations and is too long to be read");
    }
    let Ok(schema) = serde_json::from_str(schema) else {
        return Err("its inputSchema has annotations and cannot be read");
    };
    let mut params = Params(Vec::new());
    params.visit(&schema, Some(&mut Vec::new()))?;
    Ok(params.0)
}

struct Params(Vec<Param>);

impl Params {
    /// Takes the annotations in `schema`. `path` leads to it from the root, if only `properties` lie between. Recursion
    /// ends: the JSON parser allows 128 levels.
    fn visit(&mut self, schema: &Value, mut path: Option<&mut Vec<Box<str>>>) -> Result<(), &'static str> {
        let members = match schema {
            Value::Object(members) => members,
            Value::Array(elements) => {
                return elements.iter().try_for_each(|element| self.visit(element, None));
            }
            _ => return Ok(()),
        };
        if members.contains_key(ANNOTATION) {
            self.annotated(members, path.as_deref().map_or(&[], Vec::as_slice))?;
        }
        for (keyword, value) in members {
            match value {
                _ if keyword == ANNOTATION || DATA.contains(&keyword.as_str()) => {}
                Value::Object(named) if BY_NAME.contains(&keyword.as_str()) => {
                    for (name, schema) in named {
                        let below = path.as_deref_mut().filter(|_| keyword == "properties");
                        self.named(name, schema, below)?;
                    }
                }
                _ => self.visit(value, None)?,
            }
        }
        Ok(())
    }

    fn named(
        &mut self,
        name: &str,
        schema: &Value,
        path: Option<&mut Vec<Box<str>>>,
    ) -> Result<(), &'static str> {
        let Some(path) = path else { return self.visit(schema, None) };
        path.push(name.into());
        self.visit(schema, Some(&mut *path))?;
        path.pop();
        Ok(())
    }

    fn annotated(&mut self, schema: &Map<String, Value>, path: &[Box<str>]) -> Result<(), &'static str> {
        if path.is_empty() {
            return Err("x-mcp-header stands where only a chain of properties may lead to it");
        }
        let name = schema.get(ANNOTATION).and_then(Value::as_str).unwrap_or_default();
        if name.is_empty() || name.len() > LONGEST_NAME || !name.bytes().all(is_token) {
            return Err("x-mcp-header is no name of a header");
        }
        if !matches!(schema.get("type").and_then(Value::as_str), Some("string" | "integer" | "boolean")) {
            return Err("x-mcp-header on a parameter that is no string, integer or boolean");
        }
        let header = format!("{PARAM_PREFIX}{name}");
        if self.0.iter().any(|param| param.header.eq_ignore_ascii_case(&header)) {
            return Err("the same x-mcp-header on two parameters");
        }
        self.0.push(Param { header: header.into(), path: path.into() });
        Ok(())
    }
}

/// `tchar` (RFC 9110 §5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
