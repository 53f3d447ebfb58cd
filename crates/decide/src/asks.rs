//! What a server asks of the client: a completion of its model, an input of its user.

use std::borrow::Cow;

use policy::Flow;
use wire::{Frame, Kind, Method, Parsed, elements, folds_to, member, members, misspelt, unescape};

use crate::facts::string;

/// One question to the client, in whichever form it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ask<'a> {
    /// [`Method::Sampling`] or [`Method::Elicit`].
    pub(crate) method: Method,
    /// Its parameters, raw.
    pub(crate) params: &'a str,
    /// Where they start in the line.
    pub(crate) at: usize,
}

/// Error code by which a server asks the user to open an address (MCP 2025-11-25 client/elicitation).
const URL_ELICITATION_REQUIRED: f64 = -32042.0;

impl<'a> Ask<'a> {
    /// Everything a frame of the server asks: as a request of its own (up to MCP 2025-11-25), in the
    /// `inputRequests` of a result or a task (MCP 2026-07-28 basic/patterns/mrtr), or in an error that wants the user to
    /// open an address. What a task tells of itself, of its result or of its error counts alike, wherever a result
    /// has it (MCP 2025-11-25 basic/utilities/tasks, SEP-2663).
    ///
    /// # Errors
    /// A lenient client could see a question that is not spelt as one.
    pub(crate) fn all(
        frame: &'a Frame<Parsed>,
        flow: Flow,
        method: Option<Method>,
    ) -> Result<Vec<Self>, Cow<'static, str>> {
        if flow == Flow::Request {
            return Ok(Vec::new());
        }
        let (body, at) = frame.body().unwrap_or_default();
        match (frame.kind(), method) {
            (Kind::Request | Kind::Notification, Some(method)) if is_ask(method) => {
                Ok(vec![Self { method, params: body, at }])
            }
            (Kind::Response | Kind::Notification, _) => {
                let mut asks = Vec::new();
                Self::in_result(body, at, NESTED, &mut asks)?;
                Ok(asks)
            }
            (Kind::Failure, _) => Ok(Self::in_error(body, at)),
            _ => Ok(Vec::new()),
        }
    }

    fn in_result(
        result: &'a str,
        result_at: usize,
        nested: usize,
        asks: &mut Vec<Self>,
    ) -> Result<(), Cow<'static, str>> {
        for found in members(result) {
            let key = unescape(found.key);
            let at = result_at + found.value_at;
            // A lenient client may read either spelling.
            let is = |name| key == name || folds_to(&key, name);
            if folds_to(&key, "inputRequests") {
                return Err("a member differs only by case from \"inputRequests\"".into());
            }
            if key == "inputRequests" {
                for entry in members(found.value) {
                    asks.extend(Self::in_entry(entry.value, at + entry.value_at)?);
                }
            } else if nested > 0 && (is("task") || is("result")) {
                Self::in_result(found.value, at, nested - 1, asks)?;
            } else if is("error") {
                asks.extend(Self::in_error(found.value, at));
            }
        }
        Ok(())
    }

    fn in_entry(entry: &'a str, entry_at: usize) -> Result<Option<Self>, Cow<'static, str>> {
        if members(entry)
            .any(|found| ["method", "params"].iter().any(|known| folds_to(&unescape(found.key), known)))
        {
            return Err(
                "an input request has a member that differs only by case from one it should have".into()
            );
        }
        let Some(name) = member(entry, "method").and_then(|found| string(found.value)) else {
            return Ok(None);
        };
        let (params, at) =
            member(entry, "params").map_or(("", entry_at), |found| (found.value, entry_at + found.value_at));
        match Method::from_name(&name) {
            Some(method) if is_ask(method) => Ok(Some(Self { method, params, at })),
            None if misspelt(&name).is_some_and(is_ask) => {
                Err("an input request misspells its method".into())
            }
            _ => Ok(None),
        }
    }

    fn in_error(error: &'a str, error_at: usize) -> Vec<Self> {
        // However the number is written.
        let code = member(error, "code").and_then(|code| code.value.parse::<f64>().ok());
        if code != Some(URL_ELICITATION_REQUIRED) {
            return Vec::new();
        }
        let Some(data) = member(error, "data") else { return Vec::new() };
        let Some(list) = member(data.value, "elicitations") else { return Vec::new() };
        let list_at = error_at + data.value_at + list.value_at;
        let ask = |(params, at)| Self { method: Method::Elicit, params, at: list_at + at };
        elements(list.value).map(ask).collect()
    }
}

/// How deep a task and its result may stand in one another and be looked into: a result holds a task, which holds its
/// result.
const NESTED: usize = 2;

fn is_ask(method: Method) -> bool {
    matches!(method, Method::Sampling | Method::Elicit)
}
