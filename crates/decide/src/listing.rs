//! What a server advertises: the items of its lists, and its instructions. What is found in one of them concerns this
//! one and leaves the others alone.

use std::{borrow::Cow, ops::Range};

use policy::{Flow, Surface};
use wire::{Frame, Kind, Method, Parsed, elements, member};

use crate::{Context, Verdict, facts::string};

/// What one message advertises.
#[derive(Debug)]
pub(crate) struct Listing<'a> {
    /// The member of the result that holds it.
    pub(crate) field: &'static str,
    pub(crate) kind: Offer,
    pub(crate) items: Vec<Item<'a>>,
}

/// What a server advertises there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offer {
    /// Items of a list, each to be used by its name or URI.
    Items(Surface),
    /// Templates of URIs.
    Templates,
    /// What it says to every model, once.
    Instructions,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Item<'a> {
    /// In the line.
    pub(crate) span: Range<usize>,
    /// Its name or URI.
    pub(crate) name: Option<Cow<'a, str>>,
    /// It is not shown to the client.
    pub(crate) withheld: bool,
}

impl<'a> Listing<'a> {
    pub(crate) fn of(frame: &'a Frame<Parsed>, context: Context<'_>) -> Option<Self> {
        if context.flow != Flow::Response || frame.kind() != Kind::Response {
            return None;
        }
        let (field, entry, kind) = match context.answers?.method? {
            Method::ToolsList => ("tools", "name", Offer::Items(Surface::Tool)),
            Method::PromptsList => ("prompts", "name", Offer::Items(Surface::Prompt)),
            Method::ResourcesList => ("resources", "uri", Offer::Items(Surface::Resource)),
            Method::TemplatesList => ("resourceTemplates", "uriTemplate", Offer::Templates),
            Method::Initialize | Method::Discover => ("instructions", "", Offer::Instructions),
            _ => return None,
        };
        let (result, result_at) = frame.body()?;
        let found = member(result, field)?;
        let at = result_at + found.value_at;
        let item = |raw: &'a str, at: usize| Item {
            span: at..at + raw.len(),
            name: member(raw, entry).and_then(|found| string(found.value)),
            withheld: false,
        };
        let items = match kind {
            Offer::Instructions => vec![item(found.value, at)],
            _ => elements(found.value).map(|(raw, from)| item(raw, at + from)).collect(),
        };
        Some(Self { field, kind, items })
    }

    /// The item that holds a byte of the line.
    pub(crate) fn at(&self, at: usize) -> Option<usize> {
        let index = self.items.partition_point(|item| item.span.end <= at);
        self.items.get(index).filter(|item| item.span.start <= at).map(|_| index)
    }

    /// What follows when something in an item would be altered or stopped anywhere else.
    pub(crate) fn judge(&mut self, index: usize, rule: policy::Advertised) -> Verdict {
        match rule {
            policy::Advertised::Warn => Verdict::Warn,
            policy::Advertised::Block => Verdict::Block,
            policy::Advertised::DropTool => {
                self.withhold(index);
                Verdict::Redact
            }
        }
    }

    pub(crate) fn withhold(&mut self, index: usize) {
        if let Some(item) = self.items.get_mut(index) {
            item.withheld = true;
        }
    }
}
