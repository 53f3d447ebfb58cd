use rusqlite::types::Value;

use super::entry::COLUMNS;
use crate::{DecisionId, Verdict};

/// Which entries to read. The default passes all of them.
///
/// Names match exactly, letter case included, except that `*` stands for any characters. An entry
/// that lacks what is asked for does not match.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The server's name.
    pub server: Option<String>,
    /// The principal.
    pub user: Option<String>,
    /// The JSON-RPC method.
    pub method: Option<String>,
    /// Any of these verdicts; empty for all.
    pub verdicts: Vec<Verdict>,
    /// Not before this moment (milliseconds since 1970).
    pub since_ms: Option<u64>,
    /// Before this moment (milliseconds since 1970).
    pub until_ms: Option<u64>,
    /// After this decision.
    pub after_id: Option<DecisionId>,
    /// This decision only.
    pub id: Option<DecisionId>,
    /// At most this many, the newest.
    pub limit: Option<u32>,
}

impl Filter {
    /// The query, newest first, and the values of its parameters.
    pub(super) fn to_sql(&self) -> (String, Vec<Value>) {
        let mut clauses = Clauses::default();
        clauses.add_key("r.id = ?", self.id);
        clauses.add_key("r.id > ?", self.after_id);
        clauses.add_key("r.id >= ?", self.since_ms.map(DecisionId::first_at));
        clauses.add_key("r.id < ?", self.until_ms.map(DecisionId::first_at));
        clauses.add_glob("s.server GLOB ?", self.server.as_deref());
        clauses.add_glob("s.principal GLOB ?", self.user.as_deref());
        clauses.add_glob("r.method GLOB ?", self.method.as_deref());
        if !self.verdicts.is_empty() {
            let marks = vec!["?"; self.verdicts.len()].join(",");
            clauses.texts.push(format!("r.verdict IN ({marks})"));
            let codes = self.verdicts.iter().map(|verdict| Value::Integer(verdict.code().into()));
            clauses.values.extend(codes);
        }
        let mut sql = format!("SELECT {COLUMNS} FROM records r LEFT JOIN sessions s ON s.id = r.session");
        if !clauses.texts.is_empty() {
            sql.push_str(" WHERE ");
            sql.push_str(&clauses.texts.join(" AND "));
        }
        sql.push_str(" ORDER BY r.id DESC LIMIT ?");
        clauses.values.push(Value::Integer(self.limit.map_or(-1, i64::from)));
        (sql, clauses.values)
    }
}

#[derive(Default)]
struct Clauses {
    texts: Vec<String>,
    values: Vec<Value>,
}

impl Clauses {
    fn add_key(&mut self, text: &str, id: Option<DecisionId>) {
        if let Some(id) = id {
            self.texts.push(text.to_owned());
            self.values.push(Value::Integer(id.key()));
        }
    }

    fn add_glob(&mut self, text: &str, pattern: Option<&str>) {
        if let Some(pattern) = pattern {
            self.texts.push(text.to_owned());
            self.values.push(Value::Text(sqlite_glob(pattern)));
        }
    }
}

/// SQLite's GLOB also gives `?` and `[` a meaning; here they are ordinary characters.
fn sqlite_glob(pattern: &str) -> String {
    let mut glob = String::with_capacity(pattern.len());
    for character in pattern.chars() {
        match character {
            '?' => glob.push_str("[?]"),
            '[' => glob.push_str("[[]"),
            other => glob.push(other),
        }
    }
    glob
}
