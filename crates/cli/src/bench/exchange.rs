//! From a sample to the message it would be part of.

use policy::Flow;
use serde_json::{Value, json};
use wire::Method;

use super::corpus::Sample;

/// One message of a session.
pub(crate) struct Exchange {
    pub(crate) flow: Flow,
    /// The request it answers, if it is an answer.
    pub(crate) answers: Option<Method>,
    /// The message as it comes, one line of JSON.
    pub(crate) line: String,
}

impl Exchange {
    /// A call of a tool.
    pub(crate) fn call(tool: &str, arguments: &Value) -> Self {
        Self::request("tools/call", &json!({ "name": tool, "arguments": arguments }).to_string())
    }

    /// The text a tool returns.
    pub(crate) fn result(text: &str) -> Self {
        let result = json!({ "content": [{ "type": "text", "text": text }] });
        Self::answer(Method::ToolsCall, &result.to_string())
    }

    /// A tool as a server describes it.
    pub(crate) fn tool(tool: &str) -> Self {
        Self::answer(Method::ToolsList, &format!(r#"{{"tools":[{tool}]}}"#))
    }

    /// A prompt as a server hands it out.
    pub(crate) fn prompt(text: &str) -> Self {
        let message = json!({ "role": "user", "content": { "type": "text", "text": text } });
        Self::answer(Method::PromptsGet, &json!({ "messages": [message] }).to_string())
    }

    /// A request of the client.
    pub(crate) fn request(method: &str, params: &str) -> Self {
        let method = Value::from(method);
        let line = format!(r#"{{"jsonrpc":"2.0","id":1,"method":{method},"params":{params}}}"#);
        Self { flow: Flow::Request, answers: None, line }
    }

    /// A request of the server.
    pub(crate) fn ask(method: &str, params: &Value) -> Self {
        Self { flow: Flow::Response, ..Self::request(method, &params.to_string()) }
    }

    /// An answer of the server.
    pub(crate) fn answer(method: Method, result: &str) -> Self {
        let line = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{result}}}"#);
        Self { flow: Flow::Response, answers: Some(method), line }
    }

    /// The message a sample belongs into.
    pub(crate) fn of(sample: &Sample) -> Self {
        let text = sample.text.as_deref().unwrap_or_default();
        match (&sample.json, sample.surface.as_str()) {
            (Some(raw), surface) => of_json(raw.get(), surface, &sample.category),
            (None, "tool_args") => {
                let (tool, argument) = argument(&sample.category);
                Self::call(tool, &json!({ argument: text }))
            }
            (None, "resource_uri") => Self::request("resources/read", &json!({ "uri": text }).to_string()),
            (None, "tool_description") => Self::tool(&described(text)),
            (None, "prompt") => Self::prompt(text),
            (None, "sampling") => {
                let message = json!({ "role": "user", "content": { "type": "text", "text": text } });
                let params = json!({ "messages": [message], "maxTokens": 500 });
                Self::ask("sampling/createMessage", &params)
            }
            (None, "elicitation") => {
                let schema = json!({ "type": "object", "properties": { "answer": { "type": "string" } } });
                Self::ask("elicitation/create", &json!({ "message": text, "requestedSchema": schema }))
            }
            (None, _) => Self::result(text),
        }
    }
}

fn of_json(raw: &str, surface: &str, category: &str) -> Exchange {
    match surface {
        "tool_args" => {
            let call: Value = serde_json::from_str(raw).unwrap_or_default();
            let method = call.get("method").and_then(Value::as_str).unwrap_or("tools/call");
            Exchange::request(method, wire::member(raw, "params").map_or("{}", |params| params.value))
        }
        "tool_description" if category.starts_with("prompt_metadata") => {
            Exchange::answer(Method::PromptsList, &format!(r#"{{"prompts":[{raw}]}}"#))
        }
        "tool_description" => Exchange::tool(raw),
        _ if wire::member(raw, "contents").is_some() => Exchange::answer(Method::ResourcesRead, raw),
        _ => Exchange::answer(Method::ToolsCall, raw),
    }
}

/// A tool of which only its description matters.
pub(crate) fn described(text: &str) -> String {
    let schema = json!({ "type": "object", "properties": {} });
    json!({ "name": "tool", "description": text, "inputSchema": schema }).to_string()
}

/// The tool and the argument in which payloads of a category do their harm: the first whose word the category holds.
fn argument(category: &str) -> (&'static str, &'static str) {
    const ARGUMENTS: [(&[&str], &str, &str); 4] = [
        (&["sqli"], "find_record", "id"),
        (&["path", "lfi", "rfi"], "read_file", "path"),
        (&["ssrf", "redirect"], "fetch", "url"),
        (&["command", "shell", "rce"], "ping", "host"),
    ];
    let known = ARGUMENTS.iter().find(|(words, ..)| words.iter().any(|word| category.contains(word)));
    known.map_or(("greet", "name"), |(_, tool, argument)| (tool, argument))
}
