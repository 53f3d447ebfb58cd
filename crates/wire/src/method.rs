/// The methods whose meaning the guard knows. Every other method passes inspected and intact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// `initialize`
    Initialize,
    /// `server/discover` (MCP 2026-07-28)
    Discover,
    /// `tools/list`
    ToolsList,
    /// `tools/call`
    ToolsCall,
    /// `resources/list`
    ResourcesList,
    /// `resources/templates/list`
    TemplatesList,
    /// `resources/read`
    ResourcesRead,
    /// `resources/subscribe`
    ResourcesSubscribe,
    /// `resources/unsubscribe`
    ResourcesUnsubscribe,
    /// `prompts/list`
    PromptsList,
    /// `prompts/get`
    PromptsGet,
    /// `completion/complete`
    Complete,
    /// `subscriptions/listen` (MCP 2026-07-28)
    Listen,
    /// `sampling/createMessage`
    Sampling,
    /// `elicitation/create`
    Elicit,
    /// `ping`
    Ping,
    /// `notifications/cancelled`
    Cancelled,
    /// `notifications/initialized`
    Initialized,
    /// `logging/setLevel`
    SetLevel,
}

const KNOWN: [(Method, &str); 19] = [
    (Method::ToolsCall, "tools/call"),
    (Method::ToolsList, "tools/list"),
    (Method::ResourcesRead, "resources/read"),
    (Method::ResourcesList, "resources/list"),
    (Method::TemplatesList, "resources/templates/list"),
    (Method::ResourcesSubscribe, "resources/subscribe"),
    (Method::ResourcesUnsubscribe, "resources/unsubscribe"),
    (Method::PromptsList, "prompts/list"),
    (Method::PromptsGet, "prompts/get"),
    (Method::Complete, "completion/complete"),
    (Method::Initialize, "initialize"),
    (Method::Discover, "server/discover"),
    (Method::Listen, "subscriptions/listen"),
    (Method::Sampling, "sampling/createMessage"),
    (Method::Elicit, "elicitation/create"),
    (Method::Ping, "ping"),
    (Method::Cancelled, "notifications/cancelled"),
    (Method::Initialized, "notifications/initialized"),
    (Method::SetLevel, "logging/setLevel"),
];

impl Method {
    /// The known method of exactly that name.
    pub fn from_name(name: &str) -> Option<Self> {
        KNOWN.iter().find(|(_, known)| *known == name).map(|(method, _)| *method)
    }

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        KNOWN.iter().find(|(method, _)| *method == self).map_or("", |(_, name)| name)
    }
}

/// The known method that `name` is a misspelling of: other case, blanks, or a slash more or less. A lenient
/// server would run it, and no rule written for the known name would have seen it.
pub fn misspelt(name: &str) -> Option<Method> {
    let letters = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    // Longer than any known method plus room for disguise: it cannot be one.
    if name.len() > 256 {
        return None;
    }
    let said = letters(name);
    KNOWN.iter().find(|(_, known)| *known != name && letters(known) == said).map(|(method, _)| *method)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelling_is_told_from_a_new_method() {
        assert_eq!(misspelt("Tools/Call"), Some(Method::ToolsCall));
        assert_eq!(misspelt(" tools/call"), Some(Method::ToolsCall));
        assert_eq!(misspelt("tools//call\u{200b}"), Some(Method::ToolsCall));
        assert_eq!(misspelt("tools/call"), None);
        assert_eq!(misspelt("tools/calls"), None);
        assert_eq!(misspelt("vendor/anything"), None);
    }
}
