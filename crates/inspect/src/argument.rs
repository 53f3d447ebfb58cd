//! What an argument is for, by its name: a path, an address, a command, or text that is only passed on.

use crate::pack::Where;

/// Words of argument names, and what they say. The first kind that matches holds.
const WORDS: [(Where, &[&str]); 6] = [
    (
        Where::Content,
        &[
            "content",
            "contents",
            "body",
            "text",
            "message",
            "messages",
            "description",
            "comment",
            "summary",
            "title",
            "note",
            "notes",
            "reason",
            "prompt",
            "thought",
            "instructions",
            "markdown",
            "data",
            "document",
            "diff",
            "patch",
            "snippet",
            "caption",
            "subject",
        ],
    ),
    (Where::Query, &["sql", "statement"]),
    (Where::Command, &["command", "cmd", "shell", "bash", "exec", "argv", "args"]),
    (Where::Code, &["code", "script", "source", "program", "expression", "function", "javascript", "python"]),
    (
        Where::Url,
        &[
            "url", "uri", "link", "href", "endpoint", "host", "hostname", "webhook", "origin", "site",
            "domain",
        ],
    ),
    (
        Where::Path,
        &[
            "path",
            "paths",
            "file",
            "files",
            "filename",
            "filepath",
            "folder",
            "dir",
            "directory",
            "repo",
            "root",
            "cwd",
            "destination",
            "workspace",
        ],
    ),
];

impl Where {
    /// What the argument called `name` of the tool called `tool` is for.
    pub fn argument(tool: &str, name: &str) -> Self {
        let of = |name: &str| {
            let words: Vec<String> = words(name);
            WORDS.iter().find(|(_, known)| words.iter().any(|word| known.contains(&word.as_str())))
        };
        match of(name) {
            Some((kind, _)) => *kind,
            // `query` is SQL where the tool says so, and search words elsewhere.
            None if name.eq_ignore_ascii_case("query") && words(tool).iter().any(|word| word == "sql") => {
                Self::Query
            }
            None => Self::Value,
        }
    }
}

/// The words of a name in any spelling: `file_path`, `filePath`, `file-path`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower = false;
    for character in name.chars() {
        if !character.is_alphanumeric() || (character.is_uppercase() && lower) {
            words.push(String::new());
        }
        lower = character.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| character.is_alphanumeric()) {
            word.extend(character.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_any_spelling() {
        for name in ["file_path", "filePath", "path", "PATH", "source-dir", "targetFile"] {
            assert!(matches!(Where::argument("", name), Where::Path | Where::Code), "{name}");
        }
        assert_eq!(Where::argument("write_file", "content"), Where::Content);
        assert_eq!(Where::argument("execute_sql", "query"), Where::Query);
        assert_eq!(Where::argument("search", "query"), Where::Value);
        assert_eq!(Where::argument("", "webhookUrl"), Where::Url);
    }
}
