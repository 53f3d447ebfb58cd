//! A real stdio MCP server over the files of a folder. It trusts its client completely, as many do: that is
//! what the demo is about.

use std::{
    fs,
    io::{self, BufRead, Write},
    path::Path,
    process::ExitCode,
};

use serde_json::{Value, json};

use crate::failure::Failure;

/// JSON-RPC 2.0 §5.1.
const METHOD_NOT_FOUND: i64 = -32601;
const INVALID_PARAMS: i64 = -32602;

pub(crate) fn sample_server(folder: &Path) -> Result<ExitCode, Failure> {
    serve(folder, io::stdin().lock(), io::stdout().lock()).map_err(Failure::new)?;
    Ok(ExitCode::SUCCESS)
}

fn serve(folder: &Path, requests: impl BufRead, mut answers: impl Write) -> io::Result<()> {
    for line in requests.lines() {
        let Ok(message) = serde_json::from_str::<Value>(&line?) else { continue };
        let Some(id) = message.get("id") else { continue };
        let method = message.get("method").and_then(Value::as_str).unwrap_or_default();
        let answer = match answer(folder, method, message.get("params").unwrap_or(&Value::Null)) {
            Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            Err((code, text)) => {
                json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": text } })
            }
        };
        writeln!(answers, "{answer}")?;
        answers.flush()?;
    }
    Ok(())
}

fn answer(folder: &Path, method: &str, params: &Value) -> Result<Value, (i64, String)> {
    match method {
        "initialize" => Ok(json!({
            "protocolVersion": params.get("protocolVersion"),
            "capabilities": { "tools": {}, "resources": {} },
            "serverInfo": { "name": "sample files", "version": env!("CARGO_PKG_VERSION") },
        })),
        "ping" => Ok(json!({})),
        "tools/list" => Ok(json!({ "tools": [
            tool("list_files", "Lists the files of the folder"),
            tool("read_file", "Reads a file"),
            tool("delete_file", "Deletes a file"),
        ] })),
        "tools/call" => call(folder, params),
        "resources/list" => {
            let uri =
                |name: &String| json!({ "uri": format!("file://{}/{name}", folder.display()), "name": name });
            Ok(json!({ "resources": names(folder).iter().map(uri).collect::<Vec<_>>() }))
        }
        "resources/read" => {
            let uri = params.get("uri").and_then(Value::as_str).unwrap_or_default();
            let path = uri.trim_start_matches("file://").replace("%2e", ".").replace("%2E", ".");
            let text = fs::read_to_string(&path).map_err(|error| (INVALID_PARAMS, error.to_string()))?;
            Ok(json!({ "contents": [{ "uri": uri, "text": text }] }))
        }
        other => Err((METHOD_NOT_FOUND, format!("unknown method {other}"))),
    }
}

fn tool(name: &str, description: &str) -> Value {
    json!({
        "name": name,
        "description": description,
        "inputSchema": { "type": "object", "properties": { "path": { "type": "string" } } },
    })
}

fn call(folder: &Path, params: &Value) -> Result<Value, (i64, String)> {
    let name = params.get("name").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    let path = params.pointer("/arguments/path").and_then(Value::as_str).unwrap_or_default();
    let file = folder.join(path);
    let done = match name.as_str() {
        "list_files" => Ok(names(folder).join("\n")),
        "read_file" => fs::read_to_string(&file),
        "delete_file" => fs::remove_file(&file).map(|()| format!("deleted {path}")),
        _ => return Err((INVALID_PARAMS, format!("unknown tool {name}"))),
    };
    let (text, is_error) = match done {
        Ok(text) => (text, false),
        Err(error) => (error.to_string(), true),
    };
    Ok(json!({ "content": [{ "type": "text", "text": text }], "isError": is_error }))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
