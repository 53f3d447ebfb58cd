//! What the server answers, in the form a legacy client knows.

use wire::{Method, code, elements};

use super::requests::may_ask;
use crate::json::{Object, at, quoted, text};

const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";

/// A result, judged by its `resultType` (MCP 2026-07-28 basic §Responses).
#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    /// The result for the client, raw.
    Complete(String),
    /// The server wants something of the client first.
    InputRequired,
    /// Why it is of no use.
    Unusable(String),
}

pub(super) fn read(method: Option<Method>, result: &str) -> Answer {
    let kind = at(result, &["resultType"]).map(|raw| text(raw).unwrap_or(raw.into()));
    match kind.as_deref() {
        None | Some("complete") => Answer::Complete(complete(method, result)),
        Some("input_required") if may_ask(method) => Answer::InputRequired,
        Some("input_required") => {
            Answer::Unusable("the server asks for input where the protocol has no room for it".to_owned())
        }
        Some("task") => Answer::Unusable(
            "the server answers with a task, although the client has not declared that it knows tasks"
                .to_owned(),
        ),
        Some(other) => {
            Answer::Unusable(format!("the server answers with a result of unknown type {other:.64}"))
        }
    }
}

fn complete(method: Option<Method>, raw: &str) -> String {
    if !raw.starts_with('{') {
        return raw.to_owned();
    }
    let mut result = Object::of(raw);
    result.remove("resultType");
    if has_cache_hints(method) {
        result.remove("ttlMs");
        result.remove("cacheScope");
    }
    if at(raw, &["_meta", SERVER_INFO]).is_some() {
        result.inside("_meta", |meta| {
            meta.remove(SERVER_INFO);
        });
    }
    match method {
        Some(Method::ToolsCall) => as_text(&mut result),
        Some(Method::ToolsList) => only_object_outputs(&mut result),
        _ => {}
    }
    result.to_string()
}

/// `CacheableResult` (MCP 2026-07-28 server/utilities/caching). Elsewhere these names are the server's own.
fn has_cache_hints(method: Option<Method>) -> bool {
    use Method::{PromptsList, ResourcesList, ResourcesRead, TemplatesList, ToolsList};
    matches!(method, Some(ToolsList | PromptsList | ResourcesList | TemplatesList | ResourcesRead))
}

/// Before 2026-07-28 `structuredContent` is an object. Anything else is told as text, unless the server has told the
/// same as content already, which it should (MCP 2026-07-28 server/tools §Structured Content).
fn as_text(result: &mut Object<'_>) {
    if result.get("structuredContent").is_none_or(|value| value.starts_with('{')) {
        return;
    }
    let Some(value) = result.remove("structuredContent") else { return };
    if elements(result.get("content").unwrap_or_default()).next().is_none() {
        result.set("content", format!(r#"[{{"type":"text","text":{}}}]"#, quoted(&value)));
    }
}

/// Before 2026-07-28 what a tool returns is an object; clients refuse a whole list over any other `outputSchema`.
fn only_object_outputs(result: &mut Object<'_>) {
    let is_other = |tool: &str| {
        at(tool, &["outputSchema"])
            .is_some_and(|schema| at(schema, &["type"]).and_then(text).as_deref() != Some("object"))
    };
    let Some(tools) = result.get("tools").map(str::to_owned) else { return };
    if !elements(&tools).any(|(tool, _)| is_other(tool)) {
        return;
    }
    let without = |tool: &str| {
        let mut tool = Object::of(tool);
        tool.remove("outputSchema");
        tool.to_string()
    };
    let tools =
        elements(&tools).map(|(tool, _)| if is_other(tool) { without(tool) } else { tool.to_owned() });
    result.set("tools", format!("[{}]", tools.collect::<Vec<_>>().join(",")));
}

/// The `error` of an answer, raw. What a legacy client knows under another code gets that; codes it cannot know are
/// explained, and become ours where it is not the client that could do better.
pub(super) fn error(method: Option<Method>, raw: &str) -> String {
    let mut error = Object::of(raw);
    let message = error.get("message").and_then(text).unwrap_or_default().into_owned();
    let data = |name| at(raw, &["data", name]).unwrap_or("(it does not say)");
    let explained = match error.get("code") {
        // Resource not found was a code of its own (MCP 2025-11-25 server/resources §Error Handling). What is wrong with
        // the parameters otherwise names no URI.
        Some("-32602") if method == Some(Method::ResourcesRead) && at(raw, &["data", "uri"]).is_some() => {
            error.set("code", "-32002");
            return error.to_string();
        }
        Some("-32020") => "the server and mcp-guard do not agree on the headers of the request".to_owned(),
        Some("-32021") => {
            format!(
                "the server needs capabilities that this client has not declared: {}",
                data("requiredCapabilities")
            )
        }
        Some("-32022") => {
            format!(
                "the server does not speak MCP 2026-07-28 with mcp-guard; it supports {}",
                data("supported")
            )
        }
        _ => return raw.to_owned(),
    };
    error.set("code", code::UNAVAILABLE.to_string());
    error.set("message", quoted(&format!("{explained} ({message})")));
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_lose_what_legacy_clients_do_not_know_and_nothing_else() {
        let info = r#""io.modelcontextprotocol/serverInfo":{"name":"s"}"#;
        let cases = [
            (Method::ToolsList, r#"{"resultType":"complete","ttlMs":1,"cacheScope":"public","tools":[]}"#.to_owned(), r#"{"tools":[]}"#),
            (Method::ToolsCall, r#"{"ttlMs":1.50,"content":[], "x" : 1e3,"resultType":"complete"}"#.to_owned(), r#"{"ttlMs":1.50,"content":[],"x":1e3}"#),
            (Method::PromptsGet, format!(r#"{{"_meta":{{{info}}},"messages":[]}}"#), r#"{"messages":[]}"#),
            (Method::PromptsGet, format!(r#"{{"_meta":{{"a":1,{info}}}}}"#), r#"{"_meta":{"a":1}}"#),
            (Method::Complete, r#"{"resultType":"complete"}"#.to_owned(), "{}"),
            (Method::ToolsCall, r#"{"structuredContent":{"a":1},"content":[]}"#.to_owned(), r#"{"structuredContent":{"a":1},"content":[]}"#),
            (Method::ToolsCall, r#"{"structuredContent":[1.0,"a"],"content":[]}"#.to_owned(), r#"{"content":[{"type":"text","text":"[1.0,\"a\"]"}]}"#),
            (Method::ToolsCall, r#"{"structuredContent":7}"#.to_owned(), r#"{"content":[{"type":"text","text":"7"}]}"#),
            (Method::ToolsCall, r#"{"content":[{"type":"text","text":"7"}],"structuredContent":7}"#.to_owned(), r#"{"content":[{"type":"text","text":"7"}]}"#),
            (Method::ToolsList, r#"{"tools":[{"name":"a","outputSchema":{"type":"array"}},{"name":"b","outputSchema":{"type":"object"}}]}"#.to_owned(), r#"{"tools":[{"name":"a"},{"name":"b","outputSchema":{"type":"object"}}]}"#),
        ];
        for (method, raw, expected) in cases {
            assert_eq!(read(Some(method), &raw), Answer::Complete(expected.to_owned()), "{raw}");
        }
    }

    #[test]
    fn other_results_are_none() {
        assert_eq!(
            read(Some(Method::ToolsCall), r#"{"resultType":"input_required"}"#),
            Answer::InputRequired
        );
        for kind in [r#""task""#, r#""later""#, "7", r#""Complete""#] {
            let raw = format!(r#"{{"resultType":{kind}}}"#);
            assert!(matches!(read(Some(Method::ToolsCall), &raw), Answer::Unusable(_)), "{raw}");
        }
        let asks = read(Some(Method::ToolsList), r#"{"resultType":"input_required"}"#);
        assert!(matches!(asks, Answer::Unusable(_)));
    }

    #[test]
    fn errors_get_the_codes_a_legacy_client_knows() {
        let missing = r#"{"code":-32602,"message":"Resource not found","data":{"uri":"x://y"}}"#;
        assert!(error(Some(Method::ResourcesRead), missing).starts_with(r#"{"code":-32002,"#));
        assert_eq!(error(Some(Method::ToolsCall), missing), missing);
        let wrong = r#"{"code":-32602,"message":"no uri"}"#;
        assert_eq!(error(Some(Method::ResourcesRead), wrong), wrong);
        let needs = r#"{"code":-32021,"message":"no","data":{"requiredCapabilities":{"sampling":{}}}}"#;
        let said = error(Some(Method::ToolsCall), needs);
        assert!(said.contains("4503") && said.contains(r#"{\"sampling\":{}}"#), "{said}");
    }
}
