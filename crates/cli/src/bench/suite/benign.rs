//! What ordinary servers and clients say all day, some of it close to what attacks look like.

use serde_json::{Value, json, value::RawValue};

use super::{
    grammar::{Dice, Grammar},
    sample,
};
use crate::bench::corpus::{Kind, Sample};

/// Category, tool, and its arguments with what each begins with.
type Call = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

#[rustfmt::skip]
const CALLS: [Call; 7] = [
    ("call_files", "read_file", &[("path", "{path}"), ("head", "{9*2}")]),
    ("call_write", "write_file", &[("path", "{path}"), ("content", "{text}\n\n{code}\n{text}")]),
    ("call_fetch", "fetch", &[("url", "{url}"), ("max_length", "{9*4}")]),
    ("call_shell", "run_command", &[("command", "{command}"), ("cwd", "{folder}")]),
    ("call_database", "query", &[("sql", "{sql}")]),
    ("call_search", "search_issues", &[("query", "{search}"), ("repo", "{a*6}/{a*8}"), ("state", "{state}")]),
    ("call_message", "send_message", &[("channel", "#{a*6}"), ("text", "{text} {world}")]),
];

/// Category, where it stands, and what it begins with.
const TEXTS: [(&str, &str, &str); 5] = [
    ("result_file", "tool_result", "{text}\n{code}\n{text}"),
    ("result_list", "tool_result", "{entry}\n{entry}\n{entry}\n{entry}"),
    ("result_world", "tool_result", "{world} {text} {world}"),
    ("prompt", "prompt", "{wish}"),
    ("description", "tool_description", "{does} {note}"),
];

#[rustfmt::skip]
const GRAMMAR: Grammar = &[
    ("path", &["{folder}/{file}", "{folder}/{a*5}/{file}", "./{file}", "{file}", "../{a*6}/{file}"]),
    ("folder", &["src", "docs/{a*5}", "/home/kim/project", "/srv/app/{a*6}", "C:\\Users\\Kim\\{a*5}", "packages/{a*7}/lib", "/tmp/{a*8}"]),
    ("file", &["README.md", "main.rs", "{a*6}.py", "index.test.ts", "Cargo.toml", "notes {9*4}.txt", "passwords_test.go", "config.{a*3}.yaml", "übersicht.md"]),
    ("url", &["https://{host}/{a*6}", "https://{host}/{a*4}?page={9*1}&q={a*5}", "https://docs.rs/{a*7}/latest/{a*7}/", "https://github.com/{a*6}/{a*6}/pull/{9*4}", "https://{host}/search?q={a*4}%20{a*5}#L{9*2}", "https://en.wikipedia.org/wiki/{thing}"]),
    ("host", &["example.com", "api.{a*7}.com", "www.{a*6}.org", "{a*5}.github.io"]),
    ("command", &["cargo test -p {a*6} -- --nocapture", "git log --oneline -n {9*2}", "ls -la {folder}", "npm run {a*5} -- --watch", "grep -rn \"{a*5}\" src", "python -m pytest tests/test_{a*6}.py -x", "git diff HEAD~{9*1} --stat", "docker compose up -d {a*5}", "make -j{9*1} {a*5}"]),
    ("sql", &["SELECT {a*4}, {a*5} FROM {a*6} WHERE {a*4} = {9*3} ORDER BY {a*5} LIMIT {9*2}", "SELECT count(*) FROM {a*6} WHERE created_at > '2026-0{9*1}-01'", "UPDATE {a*6} SET {a*5} = '{a*6}' WHERE id = {9*4}", "INSERT INTO {a*6} (id, name) VALUES ({9*3}, '{name}')", "SELECT a.{a*4} FROM {a*5} a JOIN {a*6} b ON a.id = b.{a*3}_id GROUP BY a.{a*4}"]),
    ("search", &["is:open label:bug {thing}", "{thing} does not {verb} after {a*6}", "\"{thing}\" author:{a*6}", "how to {verb} the {thing}"]),
    ("state", &["open", "closed", "all"]),
    ("name", &["Kim", "Robin O'Neill", "Zoë", "Jürgen", "{a*6}"]),
    ("text", &["{sentence} {sentence}", "{sentence} {sentence} {sentence}", "- {sentence}\n- {sentence}", "## {thing}\n\n{sentence}"]),
    ("sentence", &["The {thing} {verbs} when the {thing} is {state2}.", "We should {verb} the {thing} before {day}.", "See commit {x*40} for the {thing}.", "{name} will {verb} it on {day}; the id is {x*8}-{x*4}-4{x*3}-a{x*3}-{x*12}.", "Please ignore the {thing} for now, it is {state2}.", "Build {9*4} took {9*2}.{9*1} s, {9*3} tests passed.", "The previous version did not {verb} the {thing}.", "Version {9*1}.{9*2}.{9*1} needs Rust 1.{9*2} or newer.", "You can {verb} the {thing} with `{command}`."]),
    ("thing", &["parser", "release", "login page", "system prompt editor", "cache", "invoice", "dashboard", "test suite", "index", "message queue", "user guide", "admin panel", "password field"]),
    ("verb", &["rebuild", "update", "check", "delete", "rename", "document", "review", "ship"]),
    ("verbs", &["fails", "works", "waits", "restarts", "is skipped", "shows the old value"]),
    ("state2", &["empty", "stale", "ready", "not there yet", "disabled", "on another branch"]),
    ("day", &["Monday", "Friday", "2026-0{9*1}-1{9*1}", "12 May"]),
    ("code", &["```rust\nfn {a*6}({a*3}: &str) -> Option<u32> {\n    {a*3}.parse().ok()\n}\n```", "def {a*6}({a*3}):\n    return [{a*1} for {a*1} in {a*3} if {a*1} > {9*1}]", "const {a*5} = await fetch(`/api/${{a*4}}/{9*2}`);", "<div class=\"{a*5}\"><a href=\"/{a*6}\">{thing}</a></div>", "if ! command -v {a*5} >/dev/null; then echo \"install {a*5}\"; fi", "{\"{a*5}\": {9*3}, \"{a*4}\": [\"{a*5}\", \"{a*6}\"], \"ok\": true}", "SELECT * FROM {a*6};", "- uses: actions/checkout@v4\n  with:\n    fetch-depth: 0"]),
    ("world", &["می‌خواهم فردا بیایم", "ขอบคุณมากครับ", "👩‍👩‍👧 🎉", "Größe: ½ Liter", "日本語の文章です。", "Привет, как дела?", "Ça va très bien", "नमस्ते दुनिया", "שלום עולם", "100 % fertig", "𝛼 ≤ 𝛽 · 10⁻³", "naïve café"]),
    ("entry", &["[FILE] {file}", "[DIR] {a*7}", "{x*7} {sentence}", "#{9*4} {thing} ({state})", "{9*3}\t{a*8}\t{day}", "{url}"]),
    ("wish", &["Can you {verb} the {thing} and tell me what changed?", "Write a function that {verbs2} a list of {a*6}.", "Explain how the {thing} works, step by step.", "What is the difference between {a*6} and {a*5}?", "Summarise {url} in three sentences.", "How do I protect my {thing} from SQL injection?", "Translate \"{sentence}\" to {tongue}.", "Act as a reviewer of my {thing} and list what to {verb}."]),
    ("verbs2", &["sorts", "filters", "reverses", "validates"]),
    ("tongue", &["German", "Japanese", "Persian", "Portuguese"]),
    ("does", &["Searches the {thing}.", "Reads a file of the {thing} and returns its text.", "Sends a message to a channel.", "Runs a query and returns at most {9*2} rows.", "Creates a {thing}; fails if it exists."]),
    ("note", &["Use this before you {verb} the {thing}.", "The id must be a number from 1 to {9*3}.", "Important: paths are relative to the project.", "Returns JSON with the members {a*4} and {a*5}.", "Do not call it more than once a minute."]),
];

pub(super) fn samples(each: usize) -> Vec<Sample> {
    let mut samples = Vec::new();
    for (seed, (category, tool, arguments)) in (1001..).zip(CALLS) {
        let mut dice = Dice::new(seed);
        for number in 0..each {
            let texts = arguments.iter().map(|(name, begin)| {
                let text = dice.text(GRAMMAR, begin);
                ((*name).to_owned(), Value::from(text))
            });
            let arguments: serde_json::Map<_, _> = texts.collect();
            let call = json!({ "method": "tools/call", "params": { "name": tool, "arguments": arguments } });
            let json = RawValue::from_string(call.to_string()).ok();
            samples.push(Sample { json, ..sample(Kind::Benign, category, "tool_args", number) });
        }
    }
    for (seed, (category, surface, begin)) in (2001..).zip(TEXTS) {
        let mut dice = Dice::new(seed);
        for number in 0..each {
            let text = Some(dice.text(GRAMMAR, begin));
            samples.push(Sample { text, ..sample(Kind::Benign, category, surface, number) });
        }
    }
    samples
}
