//! What a principal was given and has to show again: tasks, states of requests, and which arguments go into headers.
//!
//! To the server all principals may be one client: that is why only we can tell whose a task is.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use memchr::memmem;
use wire::{Frame, Method, Parsed, ProtocolError, code, elements, headers::ParamHeaders, member, text_of};

use crate::session::Denial;

/// Handles remembered of each kind; the oldest make room.
const REMEMBERED: usize = 4096;

/// Longest handle that is remembered as it is, in bytes; of longer ones a hash would be kept, but no server makes them.
const LONGEST: usize = 64 * 1024;

/// The handles of one principal at one server.
#[derive(Default)]
pub(super) struct Handles(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    tasks: Remembered,
    states: Remembered,
    params: ParamHeaders,
}

#[derive(Default)]
struct Remembered {
    known: HashSet<u128>,
    order: VecDeque<u128>,
}

impl Handles {
    /// Takes note of what an answer gives to the principal.
    pub(super) fn learn(&self, line: &[u8]) {
        // Most answers give nothing.
        let gives = |what: &str| memmem::find(line, what.as_bytes()).is_some();
        let (task, state, params) = (gives("\"taskId\""), gives("\"requestState\""), gives("x-mcp-header"));
        if !(task || state || params) {
            return;
        }
        let Some(result) = std::str::from_utf8(line).ok().and_then(|line| member(line, "result")) else {
            return;
        };
        let result = result.value;
        let mut inner = self.lock();
        if params {
            inner.params.merge(ParamHeaders::from_tools_list(result));
        }
        if state && let Some(state) = text(result, "requestState") {
            inner.states.add(&state);
        }
        // Tasks of the extension, and of MCP 2025-11-25; a list of tasks gives nothing, as it may hold others'.
        let nested = member(result, "task").and_then(|task| text(task.value, "taskId"));
        if task && let Some(task) = text(result, "taskId").or(nested) {
            inner.tasks.add(&task);
        }
    }

    /// Refuses what shows a handle that this principal was not given, or headers that say something else than the
    /// arguments do.
    pub(super) fn check<'h>(
        &self,
        frame: &Frame<Parsed>,
        headers: Option<impl Iterator<Item = (&'h str, &'h [u8])> + Clone>,
    ) -> Result<(), Box<Denial>> {
        let method = frame.method().unwrap_or_default();
        let Some((params, _)) = frame.body() else { return Ok(()) };
        let inner = self.lock();
        if let Some(state) = text(params, "requestState")
            && !inner.states.has(&state)
        {
            return Err(foreign("session.foreign_state", "requestState is none that was given to you"));
        }
        let listed = member(params, "notifications").and_then(|wanted| member(wanted.value, "taskIds"));
        let listed = listed.map_or("", |listed| listed.value);
        let named = text(params, "taskId").filter(|_| method.starts_with("tasks/"));
        let mut tasks =
            named.into_iter().chain(elements(listed).filter_map(|(id, _)| Some(text_of(id)?.into_owned())));
        if tasks.any(|task| !inner.tasks.has(&task)) {
            return Err(foreign("session.foreign_task", "there is no such task of yours"));
        }
        if let Some(headers) = headers
            && method == Method::ToolsCall.name()
            && let Some(tool) = text(params, "name")
        {
            let arguments = member(params, "arguments").map(|arguments| arguments.value);
            inner.params.check(&tool, arguments, headers).map_err(|error| {
                let error = ProtocolError::new(None, code::HEADER_MISMATCH, error.to_string());
                Box::new(Denial::Prescribed("wire.header_mismatch", error))
            })?;
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Remembered {
    fn add(&mut self, handle: &str) {
        if handle.len() > LONGEST || !self.known.insert(digest(handle)) {
            return;
        }
        self.order.push_back(digest(handle));
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    fn has(&self, handle: &str) -> bool {
        self.known.contains(&digest(handle))
    }
}

/// Handles can be long; this much of their SHA-256 tells them apart.
fn digest(handle: &str) -> u128 {
    use sha2::Digest;
    let hash = sha2::Sha256::digest(handle);
    hash.iter().take(16).fold(0, |sum, byte| sum << 8 | u128::from(*byte))
}

fn text(raw: &str, name: &str) -> Option<String> {
    Some(text_of(member(raw, name)?.value)?.into_owned())
}

fn foreign(rule: &'static str, text: &str) -> Box<Denial> {
    Box::new(Denial::Prescribed(rule, ProtocolError::new(None, code::INVALID_PARAMS, text)))
}
