//! Annotations that contradict a tool's name (MCP 2025-11-25 schema, `ToolAnnotations`): hints by which clients decide
//! whether to ask the user.

use serde_json::Value;

/// Verbs of what is gone afterwards.
const DESTROYS: [&str; 14] = [
    "delete",
    "remove",
    "drop",
    "destroy",
    "wipe",
    "purge",
    "erase",
    "truncate",
    "kill",
    "terminate",
    "uninstall",
    "revoke",
    "format",
    "overwrite",
];

/// Verbs of what changes something.
const CHANGES: [&str; 28] = [
    "write", "create", "insert", "update", "edit", "modify", "send", "post", "publish", "move", "rename",
    "execute", "exec", "install", "deploy", "transfer", "pay", "upload", "push", "merge", "commit", "set",
    "add", "append", "replace", "patch", "reset", "restart",
];

/// The hint that says less than the name does.
pub(super) fn contradict(name: &str, annotations: Option<&Value>) -> Option<&'static str> {
    let said = |hint: &str| annotations?.get(hint)?.as_bool();
    let verb = verb(name);
    let destroys = DESTROYS.contains(&verb.as_str());
    if said("readOnlyHint") == Some(true) && (destroys || CHANGES.contains(&verb.as_str())) {
        return Some("readOnlyHint");
    }
    (said("destructiveHint") == Some(false) && destroys).then_some("destructiveHint")
}

/// The first word of a name, in lower case: `delete` of `delete_file`, `deleteFile` and `Delete-File`.
fn verb(name: &str) -> String {
    let word: String = name.chars().take_while(char::is_ascii_alphabetic).collect();
    let small = word.find(|letter: char| letter.is_ascii_lowercase()).unwrap_or(word.len());
    // In camel case the next word begins with the next capital.
    let next = word.char_indices().find(|(at, letter)| *at > small && letter.is_ascii_uppercase());
    let end = next.map_or(word.len(), |(at, _)| at);
    word.get(..end).unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn verbs_are_read_in_every_way_of_writing() {
        for name in ["delete_file", "deleteFile", "Delete-File", "delete", "delete2"] {
            assert_eq!(verb(name), "delete", "{name}");
        }
        assert_eq!(verb("DELETE_ALL"), "delete");
    }

    #[test]
    fn a_hint_that_says_less_than_the_name_is_found() {
        let hints = json!({"readOnlyHint": true, "destructiveHint": false});
        assert_eq!(contradict("delete_file", Some(&hints)), Some("readOnlyHint"));
        assert_eq!(contradict("send_mail", Some(&hints)), Some("readOnlyHint"));
        assert_eq!(
            contradict("drop_table", Some(&json!({"destructiveHint": false}))),
            Some("destructiveHint")
        );
        assert_eq!(contradict("create_file", Some(&json!({"destructiveHint": false}))), None);
        assert_eq!(contradict("deleted_files", Some(&hints)), None);
        assert_eq!(contradict("delete_file", None), None);
    }
}
