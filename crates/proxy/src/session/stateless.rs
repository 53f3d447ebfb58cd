//! What a server may say in an exchange that stands alone (MCP 2026-07-28): no requests, and to a client that listens
//! nothing but what it asked for (basic/patterns/subscriptions).

use std::borrow::Cow;

use decide::{Finding, Stage, Verdict};
use wire::{Frame, Id, Kind, Method, Parsed, elements, member, members, meta::SUBSCRIPTION_ID, text_of};

/// An exchange that stands alone.
#[derive(Debug)]
pub(crate) struct Stateless {
    id: Id,
    /// What progress of it goes by.
    token: Option<Id>,
    /// For `subscriptions/listen`.
    listening: Option<Box<Listening>>,
}

#[derive(Debug)]
struct Listening {
    asked: Filter,
    /// What the server has acknowledged, once it has.
    acknowledged: Option<Filter>,
}

/// What a client wants to be told of (`params.notifications`).
#[derive(Debug, Default)]
struct Filter {
    /// Members that are `true`: kinds of changes.
    changes: Vec<String>,
    uris: Vec<String>,
    tasks: Vec<String>,
    /// Members of extensions, of which nothing is known.
    others: Vec<String>,
}

const ACKNOWLEDGED: &str = "notifications/subscriptions/acknowledged";

/// A kind of change in the filter, and the notification of it.
const CHANGES: [(&str, &str); 3] = [
    ("notifications/tools/list_changed", "toolsListChanged"),
    ("notifications/prompts/list_changed", "promptsListChanged"),
    ("notifications/resources/list_changed", "resourcesListChanged"),
];

impl Stateless {
    /// The exchange that begins with this request; `None` if it is none.
    pub(crate) fn of(request: &Frame<Parsed>) -> Option<Self> {
        let id = request.id().filter(|_| request.kind() == Kind::Request)?;
        let listens = request.method().is_some_and(|method| method == Method::Listen.name());
        let listening =
            listens.then(|| Box::new(Listening { asked: Filter::of(params(request)), acknowledged: None }));
        let token = member(params(request), "_meta")
            .and_then(|meta| Id::from_raw(member(meta.value, "progressToken")?.value));
        Some(Self { id, token, listening })
    }

    /// The request it began with.
    pub(crate) fn id(&self) -> &Id {
        &self.id
    }

    /// Whether this may come from the server now.
    pub(super) fn admit(&mut self, frame: &Frame<Parsed>) -> Result<(), Box<Finding>> {
        match (frame.kind(), &mut self.listening) {
            (Kind::Request, _) => Err(refused(
                "session.server_request",
                "the server asked in a request, which servers of MCP 2026-07-28 do not",
                "the server should ask in its result (inputRequests)",
            )),
            (Kind::Notification, Some(listening)) => listening.admit(&self.id, frame),
            (Kind::Notification, None) => self.is_own(frame),
            _ => Ok(()),
        }
    }
}

impl Stateless {
    /// What carries the mark of another exchange was meant for another client, perhaps another principal's.
    fn is_own(&self, frame: &Frame<Parsed>) -> Result<(), Box<Finding>> {
        let method = frame.method().unwrap_or_default();
        let params = params(frame);
        if member(params, "_meta").is_some_and(|meta| member(meta.value, SUBSCRIPTION_ID).is_some()) {
            return Err(unasked("a notification of a subscription to a client that has none here", &method));
        }
        if method != "notifications/progress" {
            return Ok(());
        }
        let token = member(params, "progressToken").and_then(|token| Id::from_raw(token.value));
        if token.is_some() && token == self.token {
            return Ok(());
        }
        let reason = "the server told of the progress of another request in this one's stream";
        let remedy = "the server should tell of the request's own progress, by its token";
        Err(refused("session.foreign_progress", reason, remedy))
    }
}

impl Listening {
    fn admit(&mut self, id: &Id, frame: &Frame<Parsed>) -> Result<(), Box<Finding>> {
        let method = frame.method().unwrap_or_default();
        let params = params(frame);
        let tag =
            member(params, "_meta").and_then(|meta| Id::from_raw(member(meta.value, SUBSCRIPTION_ID)?.value));
        if tag.as_ref() != Some(id) {
            return Err(unasked("a notification without the subscription's id", &method));
        }
        match &self.acknowledged {
            None if method == ACKNOWLEDGED => {
                self.acknowledged = Some(Filter::of(params));
                Ok(())
            }
            None => Err(unasked("a notification before the subscription was acknowledged", &method)),
            Some(_) if method == ACKNOWLEDGED => Err(unasked("the same again", &method)),
            Some(acknowledged) if self.asked.has(&method, params) && acknowledged.has(&method, params) => {
                Ok(())
            }
            Some(_) => Err(unasked("a notification that nobody asked for", &method)),
        }
    }
}

impl Filter {
    fn of(params: &str) -> Self {
        let mut filter = Self::default();
        let Some(wanted) = member(params, "notifications") else { return filter };
        for found in members(wanted.value) {
            let name = wire::unescape(found.key).into_owned();
            let texts = || elements(found.value).filter_map(|(text, _)| text_of(text).map(Cow::into_owned));
            match &*name {
                "resourceSubscriptions" => filter.uris.extend(texts()),
                "taskIds" => filter.tasks.extend(texts()),
                known if CHANGES.iter().any(|(_, name)| *name == known) => {
                    filter.changes.extend((found.value == "true").then_some(name));
                }
                _ => filter.others.push(name),
            }
        }
        filter
    }

    fn has(&self, method: &str, params: &str) -> bool {
        let text = |name| text_of(member(params, name)?.value);
        if let Some((_, name)) = CHANGES.iter().find(|(known, _)| *known == method) {
            return self.changes.iter().any(|change| change == name);
        }
        match method {
            "notifications/resources/updated" => {
                text("uri").is_some_and(|uri| self.uris.iter().any(|root| is_within(&uri, root)))
            }
            "notifications/tasks" => {
                text("taskId").is_some_and(|task| self.tasks.iter().any(|one| *one == task))
            }
            // Never in this stream.
            "notifications/progress" | "notifications/message" => false,
            _ => !self.others.is_empty(),
        }
    }
}

/// Whether a resource is the one at `root` or a part of it (MCP 2026-07-28 schema, `ResourceUpdatedNotification`).
fn is_within(uri: &str, root: &str) -> bool {
    let boundary = |rest: &str| rest.is_empty() || root.ends_with('/') || rest.starts_with(['/', '?', '#']);
    uri.strip_prefix(root).is_some_and(boundary)
}

fn params(frame: &Frame<Parsed>) -> &str {
    frame.body().map_or("", |(params, _)| params)
}

fn unasked(what: &str, method: &str) -> Box<Finding> {
    let known = CHANGES.iter().map(|(known, _)| *known).chain([ACKNOWLEDGED]).find(|known| *known == method);
    let reason = format!("the server sent {what} ({})", known.unwrap_or("of another kind"));
    refused(
        "session.unasked_notification",
        &reason,
        "the server should send what was asked for and acknowledged",
    )
}

fn refused(rule: &'static str, reason: &str, remedy: &'static str) -> Box<Finding> {
    Box::new(Finding::new(Stage::Session, rule, Verdict::Block, reason.to_owned()).remedy(remedy))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)] // A test fails by panicking.

    use serde_json::{Value, json};
    use wire::{Content, Reader};

    use super::*;

    fn frame(message: &Value) -> Frame<Parsed> {
        match Reader::default().read(&message.to_string().into(), false).unwrap() {
            Content::Single(frame) => frame,
            Content::Batch(_) => panic!("a batch"),
        }
    }

    fn told(method: &str, tag: Value, mut params: Value) -> Frame<Parsed> {
        params["_meta"] = json!({ SUBSCRIPTION_ID: tag });
        frame(&json!({"jsonrpc": "2.0", "method": method, "params": params}))
    }

    fn listen(filter: Value) -> Stateless {
        let params = json!({"notifications": filter});
        let request =
            json!({"jsonrpc": "2.0", "id": "l", "method": "subscriptions/listen", "params": params});
        Stateless::of(&frame(&request)).unwrap()
    }

    const TOOLS: &str = "notifications/tools/list_changed";
    const PROMPTS: &str = "notifications/prompts/list_changed";
    const UPDATED: &str = "notifications/resources/updated";
    const TASKS: &str = "notifications/tasks";

    #[test]
    fn nothing_comes_but_what_was_asked_for_and_acknowledged() {
        let filter = json!({"toolsListChanged": true, "promptsListChanged": true, "resourcesListChanged": false,
            "resourceSubscriptions": ["r:a", "r:b"], "taskIds": ["t"]});
        let mut alone = listen(filter.clone());
        let mut passes =
            |method: &str, tag: &str, params: Value| alone.admit(&told(method, json!(tag), params)).is_ok();
        assert!(!passes(TOOLS, "l", json!({})), "not acknowledged");
        assert!(!passes(ACKNOWLEDGED, "m", json!({"notifications": filter})), "another's");
        let accepted = json!({"toolsListChanged": true, "resourcesListChanged": true,
            "resourceSubscriptions": ["r:a", "r:c"], "taskIds": ["t", "u"]});
        assert!(passes(ACKNOWLEDGED, "l", json!({"notifications": accepted})));
        assert!(!passes(ACKNOWLEDGED, "l", json!({"notifications": filter})), "only once");
        assert!(passes(TOOLS, "l", json!({})));
        assert!(!passes(TOOLS, "m", json!({})), "another's");
        assert!(!passes(PROMPTS, "l", json!({})), "not acknowledged");
        assert!(!passes("notifications/resources/list_changed", "l", json!({})), "not asked for");
        for (uri, wanted) in [("r:a", true), ("r:a/x", true), ("r:ab", false), ("r:b", false), ("r:c", false)]
        {
            assert_eq!(passes(UPDATED, "l", json!({"uri": uri})), wanted, "{uri}");
        }
        assert!(passes(TASKS, "l", json!({"taskId": "t"})) && !passes(TASKS, "l", json!({"taskId": "u"})));
        for method in ["notifications/message", "notifications/progress", "notifications/vendor"] {
            assert!(!passes(method, "l", json!({})), "{method}");
        }
        let untagged = frame(&json!({"jsonrpc": "2.0", "method": TOOLS}));
        assert!(alone.admit(&untagged).is_err());
        let end = frame(&json!({"jsonrpc": "2.0", "id": "l", "result": {}}));
        assert!(alone.admit(&end).is_ok());
    }

    #[test]
    fn extensions_may_have_notifications_of_their_own() {
        let mut alone = listen(json!({"vendor/changes": ["x"]}));
        assert!(
            alone
                .admit(&told(ACKNOWLEDGED, json!("l"), json!({"notifications": {"vendor/changes": ["x"]}})))
                .is_ok()
        );
        assert!(alone.admit(&told("notifications/vendor", json!("l"), json!({}))).is_ok());
        assert!(alone.admit(&told(TOOLS, json!("l"), json!({}))).is_err());
    }

    #[test]
    fn a_server_has_no_requests() {
        let call = json!({"jsonrpc": "2.0", "id": 4, "method": "tools/call", "params": {"name": "t"}});
        let mut alone = Stateless::of(&frame(&call)).unwrap();
        for method in ["sampling/createMessage", "ping", "vendor/ask"] {
            let asks = frame(&json!({"jsonrpc": "2.0", "id": 4, "method": method}));
            assert_eq!(alone.admit(&asks).unwrap_err().rule, "session.server_request");
        }
    }

    #[test]
    fn progress_is_that_of_the_request_itself() {
        let call = |meta: Value| {
            let params = json!({"name": "t", "_meta": meta});
            let call = json!({"jsonrpc": "2.0", "id": 4, "method": "tools/call", "params": params});
            Stateless::of(&frame(&call)).unwrap()
        };
        let passes = |alone: &mut Stateless, params: Value| {
            let told = json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": params});
            alone.admit(&frame(&told)).is_ok()
        };
        let mut mine = call(json!({"progressToken": 1}));
        assert!(passes(&mut mine, json!({"progressToken": 1})));
        for other in [json!({"progressToken": 2}), json!({"progressToken": "1"}), json!({})] {
            assert!(!passes(&mut mine, other.clone()), "{other}");
            assert!(!passes(&mut call(json!({})), other), "who asked for none gets none");
        }
        assert!(mine.admit(&told(TOOLS, json!(4), json!({}))).is_err(), "of a subscription");
        let logged = json!({"jsonrpc": "2.0", "method": "notifications/message", "params": {"data": 1}});
        assert!(mine.admit(&frame(&logged)).is_ok());
    }
}
