use std::borrow::Cow;

use inspect::asking;
use policy::Action;
use wire::{Method, elements, folds_to, members, unescape};

use super::Passage;
use crate::{Finding, Stage, Verdict, asks::Ask, facts::string};

/// Stops a server that asks the user where it may not, and forms that ask for a secret: what is typed into them
/// goes through the client and its logs. A server that needs one sends the user to an address instead (MCP
/// 2025-11-25 client/elicitation).
pub(crate) fn elicitation(passage: &mut Passage<'_>) {
    let facts = passage.facts;
    let rules = &passage.policy.elicitation;
    let asks: Vec<_> = facts.asks.iter().filter(|ask| ask.method == Method::Elicit).collect();
    if !asks.is_empty() && !rules.enabled.value {
        let reason = "this server may not ask the user (elicitation)".to_owned();
        let mut finding = Finding::new(Stage::Elicitation, "elicitation.enabled", Verdict::Block, reason)
            .from(&rules.enabled.at)
            .remedy(format!("set {}: true", passage.key("elicitation.enabled")));
        finding.count = asks.len();
        return passage.findings.push(finding);
    }
    let verdict = match rules.secrets.value {
        Action::Allow => return,
        Action::Warn => Verdict::Warn,
        Action::ShadowBlock => Verdict::ShadowBlock,
        Action::Review => Verdict::Review,
        Action::Redact | Action::Block => Verdict::Block,
    };
    for ask in asks {
        if let Some((kind, at)) = Form::of(ask).and_then(|form| form.secret()) {
            let reason = format!("the server asks the user for a secret in a form: {kind}");
            let mut finding = Finding::new(Stage::Elicitation, "elicitation.secrets", verdict, reason)
                .from(&rules.secrets.at)
                .remedy(format!(
                    "the server should ask for it with mode \"url\", or set {}: warn",
                    passage.key("elicitation.secrets")
                ));
            finding.pointer = Some(passage.pointer(at));
            passage.findings.push(finding);
        }
    }
}

/// A question that the client shows as a form.
#[derive(Default)]
struct Form<'a> {
    /// What is said above the form, and where.
    messages: Vec<(Cow<'a, str>, usize)>,
    schemas: Vec<Node<'a>>,
}

/// Part of a schema.
struct Node<'a> {
    raw: &'a str,
    at: usize,
    /// The name it stands under.
    name: Option<Cow<'a, str>>,
    /// Whether that is the name of a field.
    field: bool,
}

impl<'a> Form<'a> {
    /// `None` if the user is sent to an address instead.
    fn of(ask: &Ask<'a>) -> Option<Self> {
        let mut form = Self::default();
        let mut by_address = false;
        for found in members(ask.params) {
            let key = unescape(found.key);
            let at = ask.at + found.value_at;
            // A lenient client may read either spelling.
            let is = |known| key == known || folds_to(&key, known);
            if is("message") {
                form.messages.extend(string(found.value).map(|text| (text, at)));
            } else if is("requestedSchema") {
                form.schemas.push(Node { raw: found.value, at, name: None, field: false });
            } else if key == "mode" {
                by_address = string(found.value).is_some_and(|mode| mode == "url");
            }
        }
        (!by_address || !form.schemas.is_empty()).then_some(form)
    }

    /// The kind of secret it asks for, and where.
    fn secret(mut self) -> Option<(&'static str, usize)> {
        // With nothing to type into, a message that mentions a secret gets none.
        let mut open = self.schemas.is_empty();
        while let Some(node) = self.schemas.pop() {
            let schema = Schema::read(&node);
            if let Some(found) = schema.secret(&node) {
                return Some(found);
            }
            open |= node.field && !schema.closed;
            self.schemas.extend(schema.parts);
        }
        let mut messages = self.messages.iter().filter(|_| open);
        messages.find_map(|(text, at)| Some((asking::requested(text)?, *at)))
    }
}

/// What a part of a schema says itself, and its parts.
#[derive(Default)]
struct Schema<'a> {
    texts: Vec<(Cow<'a, str>, usize)>,
    /// Only given answers can be chosen.
    closed: bool,
    /// Says itself that the value is not to be shown.
    hidden: bool,
    parts: Vec<Node<'a>>,
}

impl<'a> Schema<'a> {
    fn read(node: &Node<'a>) -> Self {
        let mut schema = Self::default();
        for found in members(node.raw) {
            let key = unescape(found.key);
            let (value, at) = (found.value, node.at + found.value_at);
            let text = string(value);
            match (&*key, &text) {
                ("title" | "description", Some(text)) => schema.texts.push((text.clone(), at)),
                ("type", Some(text)) => schema.closed |= text == "boolean",
                ("format", Some(text)) => schema.hidden |= text == "password",
                ("writeOnly", None) => schema.hidden |= value == "true",
                ("enum" | "const", _) => schema.closed = true,
                _ => {}
            }
            let field = node.name.as_deref() == Some("properties");
            if field || value.starts_with(['{', '[']) {
                schema.parts.push(Node { raw: value, at, name: Some(key), field });
            }
        }
        let parts = elements(node.raw);
        schema.parts.extend(parts.map(|(raw, at)| Node { raw, at: node.at + at, name: None, field: false }));
        schema
    }

    fn secret(&self, node: &Node<'_>) -> Option<(&'static str, usize)> {
        if self.closed {
            return None;
        }
        if self.hidden {
            return Some(("a hidden value", node.at));
        }
        let named = node.name.as_deref().and_then(asking::named).map(|kind| (kind, node.at));
        let said = |(text, at): &(Cow<'_, str>, usize)| Some((asking::requested(text)?, *at));
        named.or_else(|| self.texts.iter().find_map(said))
    }
}
