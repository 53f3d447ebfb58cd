use policy::Setting;
use wire::{Edit, Method, folds_to, members, unescape};

use super::{Passage, cut::Cut};
use crate::{Finding, Stage, Verdict};

/// Does not let a server know of a capability it may not use: well-behaved ones then do not try. Clients declare
/// them once, in `initialize` (up to MCP 2025-11-25), or with every request (MCP 2026-07-28 basic §_meta).
pub(crate) fn capabilities(passage: &mut Passage<'_>) {
    let policy = passage.policy;
    let rules = [("sampling", &policy.sampling.enabled), ("elicitation", &policy.elicitation.enabled)];
    let refused: Vec<_> = rules.into_iter().filter(|(_, enabled)| !enabled.value).collect();
    if refused.is_empty() || passage.facts.name.is_none() {
        return;
    }
    let Some((params, at)) = passage.frame.body() else { return };
    let mut search = Search { refused: &refused, found: vec![None; refused.len()], edits: Vec::new() };
    search.each(params, at, &PER_REQUEST);
    search.each(params, at, &[PER_REQUEST.as_slice(), &IN_TASKS].concat());
    if passage.facts.method == Some(Method::Initialize) {
        search.each(params, at, &[ONCE]);
        search.each(params, at, &[&[ONCE], IN_TASKS.as_slice()].concat());
    }
    let Search { found, mut edits, .. } = search;
    for ((name, enabled), at) in refused.iter().zip(found) {
        let Some(at) = at else { continue };
        let reason =
            format!("the client's capability \"{name}\" is not shown to this server, which may not use it");
        let key = format!("{name}.enabled");
        let mut finding = Finding::new(Stage::Capabilities, key.clone(), Verdict::Redact, reason)
            .from(&enabled.at)
            .remedy(format!("set {}: true", passage.key(&key)));
        finding.pointer = Some(passage.pointer(at));
        // All are cut in one go, so that commas stay right.
        finding.edits = std::mem::take(&mut edits);
        passage.findings.push(finding);
    }
}

const ONCE: &str = "capabilities";
const PER_REQUEST: [&str; 2] = ["_meta", "io.modelcontextprotocol/clientCapabilities"];

/// Where capabilities name those that may be used in tasks (MCP 2025-11-25 basic/utilities/tasks).
const IN_TASKS: [&str; 2] = ["tasks", "requests"];

struct Search<'s> {
    refused: &'s [(&'static str, &'s Setting<bool>)],
    /// Where each of the refused was found first.
    found: Vec<Option<usize>>,
    edits: Vec<Edit>,
}

impl Search<'_> {
    /// Cuts the refused capabilities out of every object that `path` leads to, in any spelling of its names.
    fn each(&mut self, object: &str, object_at: usize, path: &[&str]) {
        let Some((step, rest)) = path.split_first() else { return self.cut(object, object_at) };
        for found in members(object).filter(|found| is(found.key, step)) {
            self.each(found.value, object_at + found.value_at, rest);
        }
    }

    fn cut(&mut self, capabilities: &str, capabilities_at: usize) {
        let mut cut = Cut::default();
        for member in members(capabilities) {
            let start = capabilities_at + member.key_at - 1;
            let span = start..capabilities_at + member.value_at + member.value.len();
            let refused =
                self.refused.iter().zip(&mut self.found).find(|((name, _), _)| is(member.key, name));
            match refused {
                Some((_, found)) => {
                    found.get_or_insert(start);
                    cut.remove(span);
                }
                None => cut.keep(span),
            }
        }
        self.edits.extend(cut.edits());
    }
}

/// Whether a lenient server takes a name for this one.
fn is(raw: &str, name: &str) -> bool {
    let said = unescape(raw);
    said == name || folds_to(&said, name)
}
