//! What a request is about, read once for all stages.

use std::borrow::Cow;

use policy::Surface;
use wire::{Frame, Kind, Member, Method, Parsed, Revision, elements, member, members, unescape};

/// What a request or notification says about itself.
#[derive(Debug, Default)]
pub(crate) struct Facts<'a> {
    pub(crate) method: Option<Method>,
    /// The method's name, of a known method or not.
    pub(crate) name: Option<Cow<'a, str>>,
    /// What it wants to use.
    pub(crate) targets: Vec<Target<'a>>,
    /// Why its targets cannot be told.
    pub(crate) unclear: Option<&'static str>,
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
    pub(crate) fn of(frame: &'a Frame<Parsed>) -> Self {
        if !matches!(frame.kind(), Kind::Request | Kind::Notification) {
            return Self::default();
        }
        let name = frame.method();
        let method = name.as_deref().and_then(Method::from_name);
        let params = frame.body().map_or("", |(raw, _)| raw);
        let mut facts = Self { method, name, ..Self::default() };
        if let Some(method) = method {
            facts.read_targets(method, params);
        }
        facts.revision = member(params, "_meta")
            .and_then(|meta| member(meta.value, "io.modelcontextprotocol/protocolVersion"))
            .and_then(|version| Revision::from_name(&string(version.value)?));
        facts
    }

    fn read_targets(&mut self, method: Method, params: &'a str) {
        let (surface, field) = match method {
            Method::ToolsCall => (Surface::Tool, "name"),
            Method::PromptsGet => (Surface::Prompt, "name"),
            Method::ResourcesRead | Method::ResourcesSubscribe | Method::ResourcesUnsubscribe => {
                (Surface::Resource, "uri")
            }
            Method::Complete => return self.read_reference(params),
            Method::Listen => return self.read_subscriptions(params),
            _ => return,
        };
        match exact(params, field) {
            Ok(found) => match found.and_then(|member| string(member.value)) {
                Some(name) => self.targets.push(Target { surface, name }),
                None if surface == Surface::Resource => {
                    self.unclear = Some("it names no resource (params.uri)")
                }
                None => self.unclear = Some("it names nothing (params.name)"),
            },
            Err(unclear) => self.unclear = Some(unclear),
        }
        if method == Method::ToolsCall
            && let Err(unclear) = exact(params, "arguments")
        {
            self.unclear = Some(unclear);
        }
    }

    /// `completion/complete`: `ref` is a prompt or a resource template (MCP 2025-11-25 server/utilities/completion).
    fn read_reference(&mut self, params: &'a str) {
        let reference = match exact(params, "ref") {
            Ok(Some(found)) => found.value,
            Ok(None) => return self.unclear = Some("it refers to nothing (params.ref)"),
            Err(unclear) => return self.unclear = Some(unclear),
        };
        for (field, surface) in [("name", Surface::Prompt), ("uri", Surface::Resource)] {
            match exact(reference, field) {
                Ok(Some(found)) => match string(found.value) {
                    Some(name) => self.targets.push(Target { surface, name }),
                    None => self.unclear = Some("its reference is no string (params.ref)"),
                },
                Ok(None) => {}
                Err(unclear) => self.unclear = Some(unclear),
            }
        }
        if self.targets.is_empty() && self.unclear.is_none() {
            self.unclear = Some("it refers to nothing (params.ref)");
        }
    }

    /// `subscriptions/listen`: resources are named in a list (MCP 2026-07-28 basic/utilities/subscriptions).
    fn read_subscriptions(&mut self, params: &'a str) {
        let wanted = exact(params, "notifications").map(|found| found.map_or("", |found| found.value));
        let uris = wanted.and_then(|wanted| exact(wanted, "resourceSubscriptions"));
        match uris {
            Ok(Some(list)) => {
                for (raw, _) in elements(list.value) {
                    match string(raw) {
                        Some(name) => self.targets.push(Target { surface: Surface::Resource, name }),
                        None => self.unclear = Some("a subscription is no string (resourceSubscriptions)"),
                    }
                }
            }
            Ok(None) => {}
            Err(unclear) => self.unclear = Some(unclear),
        }
    }
}

/// The member of that name; an error if another differs from it only by case, for a lenient server would read
/// that one (CVE-2026-27896).
fn exact<'a>(object: &'a str, name: &str) -> Result<Option<Member<'a>>, &'static str> {
    let mut found = None;
    for member in members(object) {
        let key = unescape(member.key);
        if key == name {
            found = Some(member);
        } else if key.len() <= 4 * name.len() && key.to_lowercase().replace('ſ', "s") == name {
            return Err("a member of params differs only by case from one that is judged");
        }
    }
    Ok(found)
}

/// The text of a raw JSON string; `None` for anything else.
pub(crate) fn string(raw: &str) -> Option<Cow<'_, str>> {
    raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).map(unescape)
}
