//! Parameters that ask for more than any tool needs: what the model knows, not what the tool is to do.

/// Words that a name of such a parameter is made of, in any way of writing; all words of one row in this order.
const HARVESTS: [&[&str]; 22] = [
    &["conversation"],
    &["conversation", "history"],
    &["conversation", "context"],
    &["conversation", "log"],
    &["conversation", "transcript"],
    &["full", "conversation"],
    &["entire", "conversation"],
    &["chat", "history"],
    &["chat", "log"],
    &["chat", "transcript"],
    &["message", "history"],
    &["messages", "history"],
    &["previous", "messages"],
    &["system", "prompt"],
    &["system", "message"],
    &["system", "instructions"],
    &["full", "context"],
    &["context", "window"],
    &["chain", "of", "thought"],
    &["model", "reasoning"],
    &["available", "tools"],
    &["llm", "model"],
];

/// Words before and after the name that change nothing.
const AROUND: [&str; 13] = [
    "the", "current", "user", "your", "all", "complete", "whole", "raw", "name", "text", "json", "dump",
    "content",
];

/// Whether a parameter of that name asks for what the model knows.
pub(super) fn harvests(name: &str) -> bool {
    let words = words(name);
    let mut rest = words.as_slice();
    while let [first, more @ ..] = rest
        && AROUND.contains(&first.as_str())
    {
        rest = more;
    }
    while let [more @ .., last] = rest
        && AROUND.contains(&last.as_str())
    {
        rest = more;
    }
    HARVESTS.iter().any(|known| known.iter().eq(rest.iter()))
}

/// The words of a name, in lower case: those of `chatHistory` are `chat` and `history`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut small = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() {
            words.push(String::new());
            small = false;
            continue;
        }
        if words.is_empty() || (small && letter.is_uppercase()) {
            words.push(String::new());
        }
        small = !letter.is_uppercase();
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_model_knows_is_asked_for() {
        for name in [
            "conversation",
            "conversationHistory",
            "conversation_history",
            "Chat-History",
            "system_prompt",
            "the_full_conversation",
            "llm_model_name",
            "systemPromptText",
        ] {
            assert!(harvests(name), "{name}");
        }
    }

    #[test]
    fn what_a_tool_needs_is_not() {
        for name in [
            "conversation_id",
            "context",
            "message",
            "messages",
            "prompt",
            "model",
            "model_name",
            "system",
            "history",
            "text",
            "",
        ] {
            assert!(!harvests(name), "{name}");
        }
    }
}
