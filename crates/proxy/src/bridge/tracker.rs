use std::collections::BTreeSet;

use serde_json::json;
use wire::{Answer, Id, Method, Outgoing, Salvage, code, elements, member, members, unescape};

use crate::remembered::Remembered;

/// What the daemon says last when it was stopped on purpose. No message looks like this.
pub(crate) const GOODBYE: &[u8] = b"{\"mcp-guard\":\"stopped\"}\n";

/// Longest message that is looked at as a whole; of longer ones only the id is picked out, in bytes.
const READABLE: usize = 256 * 1024;

/// Knows which requests of the client wait for an answer, and what a new daemon must be told.
#[derive(Debug, Default)]
pub(super) struct Tracker {
    /// The beginning of a line of the client whose end has not arrived.
    begun: Vec<u8>,
    /// The same for a line too long to keep.
    overlong: Option<Salvage>,
    /// The line being read, whose beginning went to a daemon that is gone.
    orphaned: Option<Salvage>,
    /// The requests that such lines turned out to be.
    cut: BTreeSet<Id>,
    waiting: BTreeSet<Id>,
    remembered: Remembered,
    /// The client's `initialize` that waits for its answer.
    handshake: Option<Id>,
    /// The revision settled on, as the server spelt it.
    settled: Option<String>,
    restoring: Option<Restoring>,
    /// Answers to what was said in the client's name.
    swallow: BTreeSet<Id>,
}

#[derive(Debug)]
struct Restoring {
    handshake: Id,
    rest: Vec<u8>,
    asked: BTreeSet<Id>,
}

/// What becomes of a line of the daemon.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The client has it.
    Deliver,
    /// It answers what the client did not ask.
    Swallow,
    /// The new server has taken up the old one's work.
    Restored,
    /// It has not, for this reason.
    NotRestored(String),
    /// The daemon was stopped on purpose.
    Goodbye,
}

impl Tracker {
    /// Takes bytes of the client on to `out`, noting what they ask for.
    pub(super) fn client_said(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let ends = piece.ends_with(b"\n");
            if let Some(mut orphan) = self.orphaned.take() {
                orphan.feed(piece);
                match ends {
                    true => self.cut.extend(called(orphan)),
                    false => self.orphaned = Some(orphan),
                }
                continue;
            }
            out.extend_from_slice(piece);
            match &mut self.overlong {
                Some(salvage) => salvage.feed(piece),
                None if self.begun.is_empty() && ends => {
                    self.line(piece);
                    continue;
                }
                None => self.begun.extend_from_slice(piece),
            }
            if self.begun.len() > READABLE {
                let salvage = self.overlong.get_or_insert_default();
                salvage.feed(&self.begun);
                self.begun = Vec::new();
            }
            if !ends {
                continue;
            }
            match self.overlong.take() {
                Some(salvage) => self.waiting.extend(called(salvage)),
                None => {
                    let line = std::mem::take(&mut self.begun);
                    self.line(&line);
                }
            }
        }
    }

    fn line(&mut self, line: &[u8]) {
        let Ok(text) = std::str::from_utf8(line) else { return };
        let text = text.trim();
        if text.starts_with('[') {
            for (message, _) in elements(text) {
                self.message(message);
            }
        } else {
            self.message(text);
        }
    }

    fn message(&mut self, text: &str) {
        let (mut id, mut method, mut params) = (None, None, "");
        for found in members(text) {
            match found.key {
                "id" => id = Id::from_raw(found.value),
                "method" => method = found.value.strip_prefix('"').and_then(|name| name.strip_suffix('"')),
                "params" => params = found.value,
                _ => {}
            }
        }
        let Some(method) = method else { return };
        let known = Method::from_name(&unescape(method));
        if let Some(known) = known {
            self.remembered.note(known, params, text.as_bytes());
        }
        match (known, id) {
            (Some(Method::Cancelled), _) => {
                let cancelled = member(params, "requestId").and_then(|id| Id::from_raw(id.value));
                if let Some(id) = cancelled {
                    self.waiting.remove(&id);
                }
            }
            (_, Some(id)) => {
                if known == Some(Method::Initialize) {
                    self.handshake = Some(id.clone());
                }
                self.waiting.insert(id);
            }
            (_, None) => {}
        }
    }

    /// Looks at a line of the daemon.
    pub(super) fn daemon_said(&mut self, line: &[u8]) -> Fate {
        if line == GOODBYE {
            return Fate::Goodbye;
        }
        let Ok(text) = std::str::from_utf8(line) else { return Fate::Deliver };
        if text.starts_with('[') {
            for (message, _) in elements(text) {
                if let Some((id, _)) = answered(message) {
                    self.waiting.remove(&id);
                }
            }
            return Fate::Deliver;
        }
        let Some((id, result)) = answered(text) else { return Fate::Deliver };
        let revision =
            || result.and_then(|result| member(result, "protocolVersion")).map(|v| v.value.to_owned());
        if self.restoring.as_ref().is_some_and(|restoring| restoring.handshake == id) {
            return match revision() {
                Some(revision) if Some(&revision) == self.settled.as_ref() => Fate::Restored,
                Some(_) => Fate::NotRestored("it speaks another revision of the protocol".to_owned()),
                None => Fate::NotRestored("it refused the handshake".to_owned()),
            };
        }
        if self.swallow.remove(&id) {
            return Fate::Swallow;
        }
        self.waiting.remove(&id);
        if self.handshake.as_ref() == Some(&id) {
            self.handshake = None;
            if let Some(revision) = revision() {
                self.settled = Some(revision);
                self.remembered.settle();
            }
        }
        Fate::Deliver
    }

    /// Whether the client has to wait until a new server knows what the old one knew.
    pub(super) fn is_restoring(&self) -> bool {
        self.restoring.is_some()
    }

    /// Begins anew with a new daemon.
    pub(super) fn restore(&mut self, out: &mut Vec<u8>) {
        let mut lines = self.remembered.lines();
        let Some(first) = lines.pop_front() else { return };
        let id = |line: &[u8]| {
            let text = std::str::from_utf8(line).ok()?;
            Id::from_raw(member(text, "id")?.value)
        };
        let Some(handshake) = id(&first) else { return };
        out.extend_from_slice(&first);
        out.push(b'\n');
        let asked = lines.iter().filter_map(|line| id(line)).collect();
        let rest = lines.iter().flat_map(|line| line.iter().chain(b"\n")).copied().collect();
        self.restoring = Some(Restoring { handshake, rest, asked });
    }

    /// The handshake is done: the new server is told the rest.
    pub(super) fn take_up(&mut self, out: &mut Vec<u8>) {
        let Some(restoring) = self.restoring.take() else { return };
        out.extend_from_slice(&restoring.rest);
        self.swallow = restoring.asked;
    }

    /// The daemon is gone. Answers whoever waits; gives how many.
    pub(super) fn lost(&mut self, why: &str, out: &mut Vec<u8>) -> usize {
        self.restoring = None;
        self.swallow.clear();
        if !self.begun.is_empty() || self.overlong.is_some() {
            // The rest of this message must not be taken for the beginning of another.
            let mut orphan = self.overlong.take().unwrap_or_default();
            orphan.feed(&std::mem::take(&mut self.begun));
            self.orphaned = Some(orphan);
        }
        let text = format!(
            "{why}; the request may have been carried out all the same, so check before repeating it"
        );
        self.answer(code::UPSTREAM_GONE, "daemon.lost", &text, out)
    }

    /// Answers requests of which only a part was passed on, now that all of them is known.
    pub(super) fn answer_cut(&mut self, out: &mut Vec<u8>) {
        let text = "the connection to mcp-guard's daemon was lost in the middle of the request; it was not passed on";
        let cut = std::mem::take(&mut self.cut);
        answer(cut, code::UPSTREAM_GONE, "daemon.lost", text, out);
    }

    /// Whether anybody waits for an answer.
    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Answers what the client has asked since there is no daemon: it was not passed on.
    pub(super) fn refuse(&mut self, why: &str, out: &mut Vec<u8>) {
        self.answer(
            code::UNAVAILABLE,
            "daemon.unreachable",
            &format!("{why}; the request was not passed on"),
            out,
        );
    }

    fn answer(&mut self, code: i64, rule: &str, text: &str, out: &mut Vec<u8>) -> usize {
        let waiting = std::mem::take(&mut self.waiting);
        let count = waiting.len();
        answer(waiting, code, rule, text, out);
        count
    }
}

fn answer(waiting: BTreeSet<Id>, code: i64, rule: &str, text: &str, out: &mut Vec<u8>) {
    for id in waiting {
        let answer = Answer {
            id: Some(id),
            code,
            message: format!("Blocked by mcp-guard: {text} ({rule})"),
            data: json!({ "rule": rule, "retry": "later", "text": text }),
        };
        answer.write_to(out);
        out.push(b'\n');
    }
}

/// The id of a request.
fn called(salvage: Salvage) -> Option<Id> {
    let told = salvage.finish();
    told.id.filter(|_| told.calls)
}

/// The request that a message of the daemon answers, and its raw result if it has one. The daemon writes the id
/// second, so that this is quick however long the message is.
fn answered(text: &str) -> Option<(Id, Option<&str>)> {
    let mut id = None;
    for found in members(text) {
        match found.key {
            "id" => id = Id::from_raw(found.value),
            "result" => return Some((id?, Some(found.value))),
            "error" => return Some((id?, None)),
            "method" => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests;
