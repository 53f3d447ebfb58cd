//! What a request is about, read once for all stages.

use std::borrow::Cow;

use policy::{Flow, Surface};
use wire::{Frame, Kind, Method, Parsed, Revision, elements, folds_to, member, members, unescape};

use crate::asks::Ask;

/// What a frame says about itself.
#[derive(Debug, Default)]
pub(crate) struct Facts<'a> {
    pub(crate) method: Option<Method>,
    /// The method's name, of a known method or not.
    pub(crate) name: Option<Cow<'a, str>>,
    /// What it wants to use.
    pub(crate) targets: Vec<Target<'a>>,
    /// What it asks of the client, if it comes from the server.
    pub(crate) asks: Vec<Ask<'a>>,
    /// Why its targets, or what it asks, cannot be told.
    pub(crate) unclear: Option<Unclear>,
    /// `params._meta["io.modelcontextprotocol/protocolVersion"]` (MCP 2026-07-28 basic §_meta).
    pub(crate) revision: Option<Revision>,
}

/// A tool, resource or prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target<'a> {
    pub(crate) surface: Surface,
    pub(crate) name: Cow<'a, str>,
}

impl<'a> Facts<'a> {
    pub(crate) fn of(frame: &'a Frame<Parsed>, flow: Flow) -> Self {
        let name = frame.method();
        let method = name.as_deref().and_then(Method::from_name);
        let mut facts = Self { method, name, ..Self::default() };
        match Ask::all(frame, flow, method) {
            Ok(asks) => facts.asks = asks,
            Err(unclear) => facts.unclear = Some(unclear),
        }
        if !matches!(frame.kind(), Kind::Request | Kind::Notification) {
            return facts;
        }
        let params = Fields::of(frame.body().map_or("", |(raw, _)| raw));
        if let Some(method) = method
            && let Err(unclear) = facts.read_targets(method, &params)
        {
            facts.unclear = Some(unclear);
        }
        facts.revision = params.get("_meta").ok().flatten().and_then(revision);
        facts
    }

    fn read_targets(&mut self, method: Method, params: &Fields<'a>) -> Result<(), Unclear> {
        match method {
            Method::ToolsCall => {
                params.get("arguments")?;
                self.target(Surface::Tool, params.get("name")?, "it names no tool (params.name)")
            }
            Method::PromptsGet => {
                params.get("arguments")?;
                self.target(Surface::Prompt, params.get("name")?, "it names no prompt (params.name)")
            }
            Method::ResourcesRead | Method::ResourcesSubscribe | Method::ResourcesUnsubscribe => {
                self.target(Surface::Resource, params.get("uri")?, "it names no resource (params.uri)")
            }
            Method::Complete => self.read_reference(params.get("ref")?.unwrap_or_default()),
            Method::Listen => self.read_subscriptions(params.get("notifications")?.unwrap_or_default()),
            _ => Ok(()),
        }
    }

    fn target(
        &mut self,
        surface: Surface,
        raw: Option<&'a str>,
        unclear: &'static str,
    ) -> Result<(), Unclear> {
        let name = raw.and_then(string).ok_or(unclear)?;
        self.targets.push(Target { surface, name });
        Ok(())
    }

    /// `completion/complete`: `ref` is a prompt or a resource template (MCP 2025-11-25 server/utilities/completion).
    fn read_reference(&mut self, reference: &'a str) -> Result<(), Unclear> {
        const UNCLEAR: &str = "it refers to no prompt or resource (params.ref)";
        let reference = Fields::of(reference);
        for (field, surface) in [("name", Surface::Prompt), ("uri", Surface::Resource)] {
            if let Some(raw) = reference.get(field)? {
                self.target(surface, Some(raw), UNCLEAR)?;
            }
        }
        if self.targets.is_empty() { Err(UNCLEAR.into()) } else { Ok(()) }
    }

    /// `subscriptions/listen`: resources are named in a list (MCP 2026-07-28 basic/utilities/subscriptions).
    fn read_subscriptions(&mut self, wanted: &'a str) -> Result<(), Unclear> {
        let uris = Fields::of(wanted).get("resourceSubscriptions")?.unwrap_or_default();
        for (raw, _) in elements(uris) {
            self.target(Surface::Resource, Some(raw), "a subscription is no string (resourceSubscriptions)")?;
        }
        Ok(())
    }
}

/// Why the targets of a request cannot be told.
type Unclear = Cow<'static, str>;

/// The members of an object that any of our methods is judged by.
const FIELDS: [&str; 7] =
    ["name", "arguments", "uri", "_meta", "ref", "notifications", "resourceSubscriptions"];

/// The raw values of [`FIELDS`] in one object, found in one walk.
#[derive(Default)]
struct Fields<'a> {
    values: [Option<&'a str>; FIELDS.len()],
    /// Another member would be taken for this one by a server that does not mind case.
    doubtful: [bool; FIELDS.len()],
}

impl<'a> Fields<'a> {
    fn of(object: &'a str) -> Self {
        let mut found = Self::default();
        for member in members(object) {
            let key = unescape(member.key);
            let slots = FIELDS.iter().zip(found.values.iter_mut().zip(found.doubtful.iter_mut()));
            for (field, (value, doubtful)) in slots {
                if key == *field {
                    *value = Some(member.value);
                } else if folds_to(&key, field) {
                    *doubtful = true;
                }
            }
        }
        found
    }

    /// The value of a field; an error if a lenient server could read another one.
    fn get(&self, field: &str) -> Result<Option<&'a str>, Unclear> {
        let slot =
            FIELDS.iter().zip(self.values.iter().zip(&self.doubtful)).find(|(known, _)| **known == field);
        match slot {
            Some((_, (_, true))) => Err(format!("a member differs only by case from \"{field}\"").into()),
            Some((_, (value, false))) => Ok(*value),
            None => Ok(None),
        }
    }
}

/// The revision that `_meta` names.
fn revision(meta: &str) -> Option<Revision> {
    let version = member(meta, "io.modelcontextprotocol/protocolVersion")?;
    Revision::from_name(&string(version.value)?)
}

/// The text of a raw JSON string; `None` for anything else.
pub(crate) fn string(raw: &str) -> Option<Cow<'_, str>> {
    raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).map(unescape)
}
