use std::ops::Range;

use toml_edit::{Document, InlineTable, Item, Key, Table};

use super::{Member, Node, SyntaxError, Value};

pub(super) fn parse(text: &str) -> Result<Node, SyntaxError> {
    let document = Document::parse(text).map_err(|error| {
        SyntaxError::at(text, error.span().map_or(0, |span| span.start), error.message().trim())
    })?;
    let mut root = table(document.as_table());
    root.span = 0..text.len();
    Ok(root)
}

/// A table spans its header and everything in it, or below it in other tables.
fn table(table: &Table) -> Node {
    let members: Vec<_> = table
        .iter()
        .filter_map(|(key, _)| table.get_key_value(key))
        .filter_map(|(key, item)| member(key, item_node(item)?))
        .collect();
    let header = if table.is_implicit() || table.is_dotted() { None } else { table.span() };
    let parts = header.into_iter().chain(members.iter().map(whole));
    let span = parts.reduce(|all, part| all.start.min(part.start)..all.end.max(part.end)).unwrap_or(0..0);
    Node { value: Value::Map(members), span, block: true }
}

fn whole(member: &Member) -> Range<usize> {
    member.key_span.start.min(member.node.span.start)..member.node.span.end.max(member.key_span.end)
}

fn member(key: &Key, node: Node) -> Option<Member> {
    Some(Member { key: key.get().to_owned(), key_span: key.span()?, node })
}

fn item_node(item: &Item) -> Option<Node> {
    match item {
        Item::None => None,
        Item::Value(value) => value_node(value),
        Item::Table(below) => Some(table(below)),
        Item::ArrayOfTables(tables) => {
            let items: Vec<_> = tables.iter().map(table).collect();
            let span = items.first()?.span.start..items.last()?.span.end;
            Some(Node { value: Value::List(items), span, block: true })
        }
    }
}

fn value_node(value: &toml_edit::Value) -> Option<Node> {
    if let toml_edit::Value::InlineTable(table) = value {
        return Some(inline_table(table));
    }
    let span = value.span()?;
    let value = match value {
        toml_edit::Value::String(text) => Value::Text(text.value().clone()),
        toml_edit::Value::Boolean(flag) => Value::Flag(*flag.value()),
        toml_edit::Value::Array(list) => Value::List(list.iter().filter_map(value_node).collect()),
        toml_edit::Value::Integer(number) => Value::Other(number.value().to_string()),
        toml_edit::Value::Float(number) => Value::Other(number.value().to_string()),
        toml_edit::Value::Datetime(time) => Value::Other(time.value().to_string()),
        toml_edit::Value::InlineTable(_) => return None,
    };
    Some(Node { value, span, block: false })
}

/// A table that came about by dotted keys, as in `env.A = "x"`, has no braces of its own.
fn inline_table(table: &InlineTable) -> Node {
    let members: Vec<_> = table
        .iter()
        .filter_map(|(key, _)| table.get_key_value(key))
        .filter_map(|(key, item)| member(key, item_node(item)?))
        .collect();
    let parts = members.iter().map(whole).chain(table.span());
    let span = parts.reduce(|all, part| all.start.min(part.start)..all.end.max(part.end)).unwrap_or(0..0);
    Node { value: Value::Map(members), span, block: table.is_dotted() }
}
