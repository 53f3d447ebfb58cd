//! Conversations as text. A line says who speaks, or what is expected to be said in answer to that (indented):
//!
//! - `c7 {…}` the client begins exchange 7; `s {…}` the server says something, `s7 {…}` in the stream of exchange 7;
//!   `gone 7` the client left; `server gone`; `later 5` so many seconds later.
//! - `  <7 {…}` to the client in exchange 7, `  < {…}` in none; `  >7 {…}` to the server for exchange 7, `  > {…}` for none.
//!
//! `@` is the `_meta` of a modern request, `@[…]` one with more members, `%` that of our results, `mcp:` the protocol's prefix.
//! A string `$x` stands for any, the same one wherever it is said again.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use mcp_guard_eras::{Exchange, ModernOverLegacy, ModernSettings, Out, Translator};
use serde_json::Value;

pub(crate) const CAPABILITIES: &str = r#"{"elicitation":{"form":{},"url":{}},"sampling":{},"roots":{}}"#;

/// A handshake with a server of those capabilities. Our next request to it has the number 2.
pub(crate) fn hello(capabilities: &str) -> String {
    format!(
        r#"
c0 {{"id":0,"method":"server/discover","params":{{@}}}}
  > {{"id":1,"method":"initialize","params":{{"protocolVersion":"2025-11-25","capabilities":{CAPABILITIES},"clientInfo":{{"name":"mcp-guard","version":"{version}"}}}}}}
s {{"id":1,"result":{{"protocolVersion":"2025-11-25","capabilities":{capabilities},"serverInfo":{{"name":"old","version":"1"}}}}}}
  > {{"method":"notifications/initialized","params":{{}}}}
  <0 {{"id":0,"result":{{"supportedVersions":["2026-07-28"],"capabilities":{capabilities},"resultType":"complete","ttlMs":0,"cacheScope":"private",%}}}}
"#,
        version = env!("CARGO_PKG_VERSION"),
    )
}

/// Questions are handed on as they come.
pub(crate) fn settings() -> ModernSettings {
    ModernSettings { gather_for: Duration::ZERO, ..ModernSettings::new([7; 32]) }
}

/// Holds the conversation and compares every word.
pub(crate) fn holds(script: &str) {
    Stage::new(settings()).plays(script);
}

pub(crate) struct Stage {
    pub(crate) translator: ModernOverLegacy,
    now: Instant,
    bound: BTreeMap<String, Value>,
}

impl Stage {
    pub(crate) fn new(settings: ModernSettings) -> Self {
        Self { translator: ModernOverLegacy::new(settings), now: Instant::now(), bound: BTreeMap::new() }
    }

    pub(crate) fn plays(&mut self, script: &str) {
        let lines: Vec<_> = script.lines().filter(|line| !line.trim().is_empty()).collect();
        let mut rest = lines.as_slice();
        while let [said, following @ ..] = rest {
            let expected = following.iter().take_while(|line| line.starts_with(' ')).count();
            let heard = self.says(said);
            let heard: Vec<_> = heard.iter().map(shown).collect();
            let (answers, after) = following.split_at(expected);
            assert_eq!(heard.len(), answers.len(), "after {said}\nheard {heard:#?}");
            for (heard, expected) in heard.iter().zip(answers) {
                self.compares(said, heard, expected.trim());
            }
            rest = after;
        }
    }

    /// One line of a script.
    pub(crate) fn says(&mut self, line: &str) -> Vec<Out> {
        let (who, what) = line.split_once(' ').unwrap();
        let exchange = |text: &str| Exchange(text.parse().unwrap());
        match (who, what) {
            ("gone", number) => self.translator.client_gone(exchange(number), self.now),
            ("server", "gone") => self.translator.server_gone("it is gone", self.now),
            ("later", seconds) => {
                self.now += Duration::from_secs(seconds.parse().unwrap());
                self.translator.tick(self.now)
            }
            ("s", message) => self.translator.server(None, &self.spelt(message), self.now),
            _ => match who.split_at(1) {
                ("c", number) => self.translator.client(exchange(number), &self.spelt(what), self.now),
                ("s", number) => self.translator.server(Some(exchange(number)), &self.spelt(what), self.now),
                _ => panic!("who speaks here? {line}"),
            },
        }
    }

    fn spelt(&self, message: &str) -> String {
        let mut text = spelt(message);
        for (name, value) in &self.bound {
            text = text.replace(&format!("\"{name}\""), &value.to_string());
        }
        text
    }

    fn compares(&mut self, said: &str, heard: &str, expected: &str) {
        let (to, message) = heard.split_once(' ').unwrap();
        let (expected_to, expected_message) = expected.split_once(' ').unwrap();
        let read = |text: &str| serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let (is, should): (Value, Value) = (read(message), read(&spelt(expected_message)));
        let same = to == expected_to && self.matches(&is, &should);
        assert!(same, "after {said}\nheard    {heard}\nexpected {expected_to} {should}");
    }

    fn matches(&mut self, is: &Value, should: &Value) -> bool {
        match (is, should) {
            (_, Value::String(name)) if name.starts_with('$') => {
                self.bound.entry(name.clone()).or_insert_with(|| is.clone()) == is
            }
            (Value::Object(is), Value::Object(should)) => {
                is.len() == should.len()
                    && should.iter().all(|(key, value)| is.get(key).is_some_and(|is| self.matches(is, value)))
            }
            (Value::Array(is), Value::Array(should)) => {
                is.len() == should.len() && is.iter().zip(should).all(|(is, should)| self.matches(is, should))
            }
            _ => is == should,
        }
    }
}

/// Abbreviations written out.
pub(crate) fn spelt(message: &str) -> String {
    let meta =
        format!(r#""_meta":{{"mcp:protocolVersion":"2026-07-28","mcp:clientCapabilities":{CAPABILITIES}"#);
    let message = match message.split_once("@[") {
        Some((before, after)) => {
            let (more, after) = after.split_once(']').unwrap();
            format!("{before}{meta},{more}}}{after}")
        }
        None => message.replace('@', &format!("{meta}}}")),
    };
    message
        .replacen('{', r#"{"jsonrpc":"2.0","#, 1)
        .replace('%', r#""_meta":{"mcp:serverInfo":{"name":"old","version":"1"}}"#)
        .replace("mcp:", "io.modelcontextprotocol/")
}

fn shown(out: &Out) -> String {
    let name = |of: &Option<Exchange>| of.map(|of| of.0.to_string()).unwrap_or_default();
    match out {
        Out::Client { of, line } => format!("<{} {line}", name(of)),
        Out::Server { of, line } => format!(">{} {line}", name(of)),
    }
}
