use crate::json::at;

/// What the server's capabilities offer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Offers {
    pub(super) tools: bool,
    pub(super) prompts: bool,
    pub(super) resources: bool,
    pub(super) subscribe: bool,
    pub(super) logging: bool,
}

impl Offers {
    pub(super) fn of(capabilities: &str) -> Self {
        let has = |path: &[&str]| at(capabilities, path) == Some("true");
        Self {
            tools: has(&["tools", "listChanged"]),
            prompts: has(&["prompts", "listChanged"]),
            resources: has(&["resources", "listChanged"]),
            subscribe: has(&["resources", "subscribe"]),
            logging: at(capabilities, &["logging"]).is_some_and(|raw| raw.starts_with('{')),
        }
    }

    /// The lists that are listened for: the name in the filter, and the notification.
    pub(super) fn lists(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        [
            (self.tools, "toolsListChanged", "notifications/tools/list_changed"),
            (self.prompts, "promptsListChanged", "notifications/prompts/list_changed"),
            (self.resources, "resourcesListChanged", "notifications/resources/list_changed"),
        ]
        .into_iter()
        .filter_map(|(offered, name, notification)| offered.then_some((name, notification)))
    }
}
