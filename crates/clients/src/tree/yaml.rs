use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, StructureStyle};

use super::{Member, Node, SyntaxError, Value};

/// An empty document is an empty mapping, as it is to clients.
pub(super) fn parse(text: &str) -> Result<Node, SyntaxError> {
    let mut events = Vec::new();
    for next in Parser::new_from_str(text) {
        let (event, span) = next.map_err(|error| wrong(text, &error))?;
        if !matches!(event, Event::Comment(..) | Event::StreamStart | Event::StreamEnd) {
            events.push((event, span));
        }
    }
    let mut events = events.into_iter();
    let mut root = None;
    while let Some((event, span)) = events.next() {
        match event {
            Event::DocumentStart(..) if root.is_some() => {
                return Err(SyntaxError::at(text, start(&span), "a second YAML document begins here"));
            }
            Event::DocumentStart(..) => root = events.next().and_then(|first| node(first, &mut events)),
            _ => {}
        }
    }
    Ok(match root {
        Some(Node { value: Value::Other(nothing), .. }) if nothing.is_empty() => empty(),
        Some(root) => root,
        None => empty(),
    })
}

fn empty() -> Node {
    Node { value: Value::Map(Vec::new()), span: 0..0, block: true }
}

fn wrong(text: &str, error: &ScanError) -> SyntaxError {
    let offset = error.marker().byte_offset().unwrap_or(0);
    let message = error.to_string();
    SyntaxError::at(text, offset, message.split(" at byte").next().unwrap_or(&message))
}

type Read<'t> = (Event<'t>, Span);

fn node<'t>((event, span): Read<'t>, events: &mut impl Iterator<Item = Read<'t>>) -> Option<Node> {
    let from = start(&span);
    let to = span.end.byte_offset().unwrap_or(from);
    match event {
        Event::Scalar(value, style, _, tag) => {
            let value = if tag.is_some() { Value::Elsewhere } else { scalar(value.into_owned(), style) };
            Some(Node { value, span: from..to, block: false })
        }
        Event::SequenceStart(style, ..) => {
            let mut items: Vec<Node> = Vec::new();
            let mut end = to;
            while let Some(next) = events.next() {
                if matches!(next.0, Event::SequenceEnd) {
                    end = next.1.end.byte_offset().unwrap_or(end);
                    break;
                }
                items.push(node(next, events)?);
            }
            let block = style == StructureStyle::Block;
            let end = if block { items.last().map_or(to, |last| last.span.end) } else { end };
            Some(Node { value: Value::List(items), span: from..end, block })
        }
        Event::MappingStart(style, ..) => {
            let mut members: Vec<Member> = Vec::new();
            let mut end = to;
            while let Some(next) = events.next() {
                if matches!(next.0, Event::MappingEnd) {
                    end = next.1.end.byte_offset().unwrap_or(end);
                    break;
                }
                let key = node(next, events)?;
                let value = events.next()?;
                let node = node(value, events)?;
                let name = key.scalar().map(std::borrow::Cow::into_owned).unwrap_or_default();
                members.push(Member { key: name, key_span: key.span, node });
            }
            let block = style == StructureStyle::Block;
            let last = members.last().map_or(to, |last| last.node.span.end.max(last.key_span.end));
            Some(Node { value: Value::Map(members), span: from..if block { last } else { end }, block })
        }
        _ => Some(Node { value: Value::Elsewhere, span: from..to, block: false }),
    }
}

fn start(span: &Span) -> usize {
    span.start.byte_offset().unwrap_or(0)
}

/// The core schema's booleans; everything else that is not quoted stays as it is written.
fn scalar(value: String, style: ScalarStyle) -> Value {
    match (style, value.as_str()) {
        (ScalarStyle::Plain, "true" | "True" | "TRUE") => Value::Flag(true),
        (ScalarStyle::Plain, "false" | "False" | "FALSE") => Value::Flag(false),
        (ScalarStyle::Plain, "" | "~" | "null" | "Null" | "NULL") => Value::Other(value),
        (ScalarStyle::Plain, plain) if plain.parse::<f64>().is_ok() => Value::Other(value),
        _ => Value::Text(value),
    }
}
