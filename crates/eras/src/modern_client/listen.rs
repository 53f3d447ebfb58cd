//! `subscriptions/listen` (MCP 2026-07-28 basic/patterns/subscriptions) before a server that has `resources/subscribe` and tells of
//! changes unasked.

use std::collections::BTreeSet;

use wire::{Id, Method, code, elements, meta::SUBSCRIPTION_ID};

use super::{ModernOverLegacy, capabilities::offers, request::Request, to_client, to_server, written};
use crate::{
    Exchange, Out,
    json::{self, Object, quoted},
};

/// A client that listens.
#[derive(Debug)]
pub(super) struct Listen {
    pub(super) id: Id,
    /// The notifications it wants, by method.
    changes: Vec<&'static str>,
    /// The resources it wants to hear about.
    uris: BTreeSet<String>,
}

/// A name in the filter; the server's capability that offers it; the notification.
const CHANGES: [(&str, &str, &str); 3] = [
    ("toolsListChanged", "tools", "notifications/tools/list_changed"),
    ("promptsListChanged", "prompts", "notifications/prompts/list_changed"),
    ("resourcesListChanged", "resources", "notifications/resources/list_changed"),
];

const UPDATED: &str = "notifications/resources/updated";

/// Resources one listen may name.
const MAX_URIS: usize = 1024;

impl ModernOverLegacy {
    pub(super) fn listen(&mut self, of: Exchange, request: Request, out: &mut Vec<Out>) {
        if self.listens.len() >= self.settings.max_listens {
            let refusal = request.refused(code::TOO_MANY, "too many subscriptions are open: close one first");
            return out.push(to_client(of, written(&refusal)));
        }
        let Some(filter) = request.param("notifications").filter(|filter| filter.starts_with('{')) else {
            let refusal = request.refused(code::INVALID_PARAMS, "params.notifications must be an object");
            return out.push(to_client(of, written(&refusal)));
        };
        let (listen, accepted) = self.accepted(request.id.clone(), filter);
        if listen.uris.len() > MAX_URIS {
            let refusal = request.refused(code::TOO_MANY, "too many resources in one subscription");
            return out.push(to_client(of, written(&refusal)));
        }
        let mut params = Object::default();
        params.set("notifications", accepted);
        let acknowledged = json::notification("notifications/subscriptions/acknowledged", params);
        out.push(to_client(of, listen.tagged(&acknowledged)));
        let before = self.subscribed();
        let new: Vec<_> = listen.uris.difference(&before).cloned().collect();
        self.listens.insert(of, listen);
        self.subscribe(new, Method::ResourcesSubscribe, out);
    }

    /// What the server can honour of a filter, and how that is said.
    fn accepted(&self, id: Id, filter: &str) -> (Listen, String) {
        let capabilities = self.server_capabilities();
        let mut said = Object::default();
        let mut changes = Vec::new();
        for (name, part, method) in CHANGES {
            if json::at(filter, &[name]) == Some("true") && offers(capabilities, part, "listChanged") {
                said.set(name, "true");
                changes.push(method);
            }
        }
        let mut uris = BTreeSet::new();
        if let Some(list) = json::at(filter, &["resourceSubscriptions"])
            && offers(capabilities, "resources", "subscribe")
        {
            uris.extend(elements(list).filter_map(|(uri, _)| Some(json::text(uri)?.into_owned())));
            let list: Vec<_> = uris.iter().map(|uri| quoted(uri)).collect();
            said.set("resourceSubscriptions", format!("[{}]", list.join(",")));
        }
        (Listen { id, changes, uris }, said.to_string())
    }

    /// A client listens no more. What only it wanted to hear about is unsubscribed from.
    pub(super) fn unlisten(&mut self, of: Exchange, out: &mut Vec<Out>) {
        let Some(listen) = self.listens.remove(&of) else { return };
        let still = self.subscribed();
        let last: Vec<_> = listen.uris.difference(&still).cloned().collect();
        self.subscribe(last, Method::ResourcesUnsubscribe, out);
    }

    /// Asks a server that has forgotten it for what live listens want to hear.
    pub(super) fn subscribe_again(&mut self, out: &mut Vec<Out>) {
        if offers(self.server_capabilities(), "resources", "subscribe") {
            let all = self.subscribed().into_iter().collect();
            self.subscribe(all, Method::ResourcesSubscribe, out);
        }
    }

    /// Ends all listens in good order: there is no server to listen to.
    pub(super) fn end_listens(&mut self, out: &mut Vec<Out>) {
        for (of, listen) in std::mem::take(&mut self.listens) {
            let mut result = Object::default();
            result.set("resultType", r#""complete""#);
            result.inside("_meta", |meta| meta.set(SUBSCRIPTION_ID, listen.id.to_string()));
            out.push(to_client(of, json::result(&listen.id, result)));
        }
    }

    /// Tells a change to those who want to know. Whether it was one.
    pub(super) fn server_tells(&self, method: &str, params: &str, message: &str, out: &mut Vec<Out>) -> bool {
        let uri = json::at(params, &["uri"]).and_then(json::text).unwrap_or_default();
        let wants = |listen: &Listen| match method {
            UPDATED => listen.uris.iter().any(|root| is_within(&uri, root)),
            _ => listen.changes.contains(&method),
        };
        let to = self.listens.iter().filter(|(_, listen)| wants(listen));
        out.extend(to.map(|(of, listen)| to_client(*of, listen.tagged(message))));
        method == UPDATED || CHANGES.iter().any(|(_, _, known)| *known == method)
    }

    fn subscribed(&self) -> BTreeSet<String> {
        self.listens.values().flat_map(|listen| &listen.uris).cloned().collect()
    }

    /// The server's answers are of no interest: there is nobody to hear them.
    fn subscribe(&mut self, uris: Vec<String>, method: Method, out: &mut Vec<Out>) {
        if !self.is_up() {
            return;
        }
        for uri in uris {
            let params = format!(r#"{{"uri":{}}}"#, quoted(&uri));
            let id = self.next_id();
            out.push(to_server(None, json::request(&id, method.name(), params)));
        }
    }
}

impl Listen {
    /// The notification as one that belongs to this listen.
    fn tagged(&self, message: &str) -> String {
        let mut message = Object::of(message);
        // What is no object has no room for the tag, and nothing may go without.
        let params = message.get("params").unwrap_or_default().to_owned();
        let mut params = Object::of(&params);
        let meta = params.get("_meta").unwrap_or_default().to_owned();
        let mut meta = Object::of(&meta);
        meta.set(SUBSCRIPTION_ID, self.id.to_string());
        params.set("_meta", meta.to_string());
        message.set("params", params.to_string());
        message.to_string()
    }
}

/// Whether a resource is the one at `root` or a part of it (MCP 2025-11-25 schema, `ResourceUpdatedNotification`).
fn is_within(uri: &str, root: &str) -> bool {
    let boundary = |rest: &str| rest.is_empty() || root.ends_with('/') || rest.starts_with(['/', '?', '#']);
    uri.strip_prefix(root).is_some_and(boundary)
}
