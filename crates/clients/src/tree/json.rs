use jsonc_parser::{
    CollectOptions, ParseOptions,
    ast::{self, ObjectPropName},
    common::Ranged,
    parse_to_ast,
};

use super::{Member, Node, SyntaxError, Value};

/// What all clients that read JSON with comments have in common.
const OPTIONS: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_trailing_commas: true,
    allow_loose_object_property_names: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// An empty text is an empty object, as it is to clients.
pub(super) fn parse(text: &str) -> Result<Node, SyntaxError> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &OPTIONS)
        .map_err(|error| SyntaxError::at(text, error.range().start, error.kind()))?;
    Ok(parsed.value.map_or(Node { value: Value::Map(Vec::new()), span: 0..0, block: false }, node))
}

fn node(value: ast::Value<'_>) -> Node {
    let span = value.start()..value.end();
    let value = match value {
        ast::Value::StringLit(text) => Value::Text(text.value.into_owned()),
        ast::Value::NumberLit(number) => Value::Other(number.value.to_owned()),
        ast::Value::BooleanLit(flag) => Value::Flag(flag.value),
        ast::Value::NullKeyword(_) => Value::Other("null".to_owned()),
        ast::Value::Array(list) => Value::List(list.elements.into_iter().map(node).collect()),
        ast::Value::Object(object) => Value::Map(object.properties.into_iter().map(member).collect()),
    };
    Node { value, span, block: false }
}

fn member(property: ast::ObjectProp<'_>) -> Member {
    let key_span = match &property.name {
        ObjectPropName::String(name) => name.range.start..name.range.end,
        ObjectPropName::Word(name) => name.range.start..name.range.end,
    };
    Member { key: property.name.into_string(), key_span, node: node(property.value) }
}
