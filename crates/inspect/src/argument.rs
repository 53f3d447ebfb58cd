//! What an argument is for, by its name: a path, an address, a command, or text that is only passed on.

use crate::pack::Where;

/// Words of argument names, and what they say.
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
            "html",
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
    (Where::Command, &["command", "commands", "cmd", "shell", "bash", "exec", "argv", "args"]),
    (Where::Code, &["code", "script", "program", "expression", "function", "javascript", "python"]),
    (
        Where::Url,
        &[
            "url", "urls", "uri", "uris", "link", "href", "endpoint", "host", "hostname", "webhook",
            "origin", "site", "domain",
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
            "filenames",
            "filepath",
            "folder",
            "folders",
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

/// Last words of names that say: only a label of what the words before name.
const LABELS: [&str; 11] =
    ["id", "ids", "type", "types", "kind", "name", "names", "format", "period", "count", "size"];

/// Words for what is written about a thing, and is never the thing itself.
const ABOUT: [&str; 9] =
    ["description", "comment", "summary", "title", "note", "notes", "reason", "caption", "subject"];

/// Words of tools that run the source they are given.
const RUNS: [&str; 14] = [
    "run",
    "execute",
    "exec",
    "eval",
    "evaluate",
    "compile",
    "interpret",
    "lint",
    "format",
    "code",
    "script",
    "python",
    "javascript",
    "repl",
];

/// Words of tools whose source is a file.
const MOVES: [&str; 14] = [
    "file",
    "files",
    "directory",
    "folder",
    "move",
    "copy",
    "rename",
    "link",
    "symlink",
    "mount",
    "upload",
    "sync",
    "archive",
    "extract",
];

/// Words of tools that ask databases.
const DATABASES: [&str; 13] = [
    "sql",
    "database",
    "db",
    "postgres",
    "postgresql",
    "mysql",
    "mariadb",
    "sqlite",
    "duckdb",
    "bigquery",
    "snowflake",
    "clickhouse",
    "oracle",
];

impl Where {
    /// What the argument called `name` of the tool called `tool` is for. Names end with what they mean: `source_path` is
    /// a path and `file_id` an identifier.
    pub fn argument(tool: &str, name: &str) -> Self {
        let words = words(name);
        let mut known = words.iter().rev().filter_map(|word| meaning(word));
        let ends = |labels: &[&str]| {
            words.len() > 1 && words.last().is_some_and(|last| labels.contains(&last.as_str()))
        };
        match known.next() {
            // The name of a file is what it is opened by.
            Some((Self::Path, _)) if ends(&["name", "names"]) => Self::Path,
            Some(_) if ends(&LABELS) => Self::Value,
            Some((Self::Content, word)) if !ABOUT.contains(&word) => {
                // The text of a command is a command.
                let acts = |kind: &Self| matches!(kind, Self::Command | Self::Query);
                known.map(|(kind, _)| kind).find(acts).unwrap_or(Self::Content)
            }
            Some((kind, _)) => kind,
            None => Self::by_tool(tool, &words),
        }
    }

    /// What a name that says little is for, by what the tool does.
    fn by_tool(tool: &str, words: &[String]) -> Self {
        let tool = self::words(tool);
        let does = |known: &[&str]| tool.iter().any(|word| known.contains(&word.as_str()));
        match words.last().map(String::as_str) {
            Some("source") if does(&RUNS) => Self::Code,
            Some("source") if does(&MOVES) => Self::Path,
            // Search words elsewhere.
            Some("query" | "queries") if does(&DATABASES) || asks(&tool) => Self::Query,
            _ => Self::Value,
        }
    }
}

/// What one word says.
fn meaning(word: &str) -> Option<(Where, &str)> {
    WORDS.iter().find(|(_, known)| known.contains(&word)).map(|(kind, _)| (*kind, word))
}

/// `read_query`, `run_query` and the like: tools that are for queries, not for searching.
fn asks(tool: &[String]) -> bool {
    let acts = |word: &String| ["read", "write", "run", "execute", "exec"].contains(&word.as_str());
    tool.iter().any(acts) && tool.iter().any(|word| word == "query" || word == "queries")
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
    fn names_say_what_arguments_are_for_in_any_spelling() {
        let cases: [(Where, &[&str]); 7] = [
            (
                Where::Path,
                &["path", "PATH", "file_path", "filePath", "target-dir", "file_name", "source_path", "paths"]
                    [..],
            ),
            (Where::Url, &["url", "uri", "webhookUrl", "endpoint", "host", "file_url", "redirect_uri"]),
            (Where::Command, &["command", "cmd", "args", "shell", "command_text", "commands"]),
            (Where::Query, &["sql", "statement", "sql_text"]),
            (Where::Code, &["code", "script", "python_code", "expression"]),
            (
                Where::Content,
                &["content", "text", "body", "message", "script_content", "command_description", "title"],
            ),
            (
                Where::Value,
                &[
                    "query",
                    "name",
                    "file_id",
                    "message_id",
                    "host_id",
                    "data_type",
                    "statement_period",
                    "source",
                ],
            ),
        ];
        for (kind, names) in cases {
            for name in names {
                assert_eq!(Where::argument("tool", name), kind, "{name}");
            }
        }
    }

    #[test]
    fn what_says_little_is_for_what_the_tool_does() {
        for (tool, name, kind) in [
            ("execute_sql", "query", Where::Query),
            ("read_query", "query", Where::Query),
            ("search", "query", Where::Value),
            ("move_file", "source", Where::Path),
            ("run_script", "source", Where::Code),
            ("latest_news", "source", Where::Value),
        ] {
            assert_eq!(Where::argument(tool, name), kind, "{tool} {name}");
        }
    }
}
