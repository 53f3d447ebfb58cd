use policy::SamplingAudit;
use wire::{Edit, Method, elements, folds_to, member, members, unescape};

use super::{Passage, shown};
use crate::{Finding, Stage, Verdict, asks::Ask, facts::string};

/// Stops or narrows what a server asks the client's model (MCP 2025-11-25 client/sampling).
pub(crate) fn sampling(passage: &mut Passage<'_>) {
    let facts = passage.facts;
    let asks: Vec<_> = facts.asks.iter().filter(|ask| ask.method == Method::Sampling).collect();
    if asks.is_empty() {
        return;
    }
    if !passage.policy.sampling.enabled.value {
        return passage.findings.push(refused(passage, asks.len()));
    }
    for ask in asks {
        let capped = cap(passage, ask);
        passage.findings.extend(capped);
        if passage.policy.sampling.audit.value == SamplingAudit::Verbose {
            passage.findings.push(described(passage, ask));
        }
    }
}

fn refused(passage: &Passage<'_>, count: usize) -> Finding {
    let reason = "this server may not ask the client's model (sampling)".to_owned();
    let mut finding = Finding::new(Stage::Sampling, "sampling.enabled", Verdict::Block, reason)
        .from(&passage.policy.sampling.enabled.at)
        .remedy(format!("set {}: true", passage.key("sampling.enabled")));
    finding.count = count;
    finding
}

/// Lowers `maxTokens` to what is allowed.
fn cap(passage: &Passage<'_>, ask: &Ask<'_>) -> Option<Finding> {
    let max = passage.policy.sampling.max_tokens.as_ref()?;
    let key = passage.key("sampling.max_tokens");
    let finding = |verdict, reason: String, at| {
        let mut finding = Finding::new(Stage::Sampling, "sampling.max_tokens", verdict, reason).from(&max.at);
        finding.pointer = Some(passage.pointer(at));
        finding
    };
    let asked = member(ask.params, "maxTokens");
    let doubtful = members(ask.params).any(|found| folds_to(&unescape(found.key), "maxTokens"));
    let number = asked.as_ref().and_then(|asked| asked.value.parse::<u64>().ok());
    let (Some(asked), Some(number), false) = (&asked, number, doubtful) else {
        let reason = "it cannot be told how many tokens this server asks the client's model for (maxTokens)";
        let finding = finding(Verdict::Block, reason.to_owned(), ask.at);
        return Some(finding.remedy(format!("send maxTokens once, as a whole number, or remove {key}")));
    };
    if number <= max.value.into() {
        return None;
    }
    let at = ask.at + asked.value_at;
    let reason = format!("asks the client's model for up to {number} tokens; {} are allowed", max.value);
    let mut finding =
        finding(Verdict::Redact, reason, at).remedy(format!("raise {key} to {number}, or remove it"));
    finding.edits.push(Edit { span: at..at + asked.value.len(), text: max.value.to_string() });
    Some(finding)
}

/// The size and shape of a question, without a word of its text.
fn described(passage: &Passage<'_>, ask: &Ask<'_>) -> Finding {
    let value = |name| member(ask.params, name).map_or("", |found| found.value);
    let messages: Vec<_> = elements(value("messages")).map(|(message, _)| message).collect();
    let mut kinds: Vec<(&str, usize)> = KINDS.map(|kind| (kind, 0)).to_vec();
    for content in messages.iter().filter_map(|message| member(message, "content")) {
        let blocks = [content.value].into_iter().filter(|one| one.starts_with('{'));
        for block in blocks.chain(elements(content.value).map(|(block, _)| block)) {
            let kind = member(block, "type").and_then(|kind| string(kind.value)).unwrap_or_default();
            let known = kinds.iter().position(|(known, _)| *known == kind).unwrap_or(KINDS.len() - 1);
            if let Some((_, count)) = kinds.get_mut(known) {
                *count += 1;
            }
        }
    }
    let kinds: Vec<_> =
        kinds.iter().filter(|(_, count)| *count > 0).map(|(kind, count)| format!("{count} {kind}")).collect();
    let hints = member(value("modelPreferences"), "hints").map_or("", |found| found.value);
    let hints = elements(hints).filter_map(|(hint, _)| string(member(hint, "name")?.value));
    let hints: Vec<_> = hints.take(HINTS).map(|hint| shown(passage.policy, &hint)).collect();
    let tokens = value("maxTokens");
    let tokens = if tokens.bytes().all(|byte| byte.is_ascii_digit()) { tokens } else { "?" };
    let system = string(value("systemPrompt")).map_or(0, |prompt| prompt.chars().count());
    let reason = format!(
        "asks the client's model for up to {} tokens: {} messages ({}), a system prompt of {system} characters, \
         models {}",
        if tokens.is_empty() { "?" } else { tokens },
        messages.len(),
        if kinds.is_empty() { "empty".to_owned() } else { kinds.join(", ") },
        if hints.is_empty() { "of the client's choice".to_owned() } else { hints.join(", ") },
    );
    Finding::new(Stage::Sampling, "sampling.audit", Verdict::Allow, reason)
        .from(&passage.policy.sampling.audit.at)
        .remedy(format!("it passed; {}: basic would not record this", passage.key("sampling.audit")))
}

/// Kinds of content (MCP 2025-11-25 client/sampling §Message Content); the last stands for any other.
const KINDS: [&str; 6] = ["text", "image", "audio", "tool_use", "tool_result", "other"];

/// Model hints that are repeated.
const HINTS: usize = 5;
