//! The Inspector's command line: one process for each request.

use std::path::Path;
use std::process::Command;

use libtest_mimic::Trial;
use serde_json::Value;

use crate::client::Client;
use crate::installed;
use crate::over::Over;
use crate::stage::{Stage, Upstream};
use crate::turn;

const PARTS: [&str; 4] = ["node", "conformance", "tools", "python2"];

const CONVERT: &str = r#"{"source_timezone":"Asia/Tokyo","time":"09:00","target_timezone":"Asia/Kathmandu"}"#;
const LIST: &[&str] = &["--method", "tools/list"];

/// What is asked of a server, and how.
#[derive(Clone, Copy)]
struct Inspection {
    name: &'static str,
    scenario: &'static str,
    era: &'static str,
    over: Over,
    /// Whether the server is reached by URL, too.
    by_url: bool,
    asked: [&'static [&'static str]; 2],
}

const CALL_TIME: &[&str] =
    &["--method", "tools/call", "--tool-name", "convert_time", "--tool-args-json", CONVERT];
const CALL_SUM: &[&str] =
    &["--method", "tools/call", "--tool-name", "get-sum", "--tool-args-json", r#"{"a":1,"b":2}"#];
const READ: &[&str] = &["--method", "resources/read", "--uri", "demo://resource/static/document/startup.md"];

const INSPECTIONS: [Inspection; 4] = [
    Inspection {
        name: "legacy",
        scenario: "time",
        era: "legacy",
        over: Over::Http,
        by_url: false,
        asked: [LIST, CALL_TIME],
    },
    Inspection {
        name: "modern",
        scenario: "time",
        era: "modern",
        over: Over::Http,
        by_url: false,
        asked: [LIST, CALL_TIME],
    },
    Inspection {
        name: "url",
        scenario: "everything",
        era: "legacy",
        over: Over::Http,
        by_url: true,
        asked: [CALL_SUM, READ],
    },
    Inspection {
        name: "sse-url",
        scenario: "everything",
        era: "legacy",
        over: Over::Sse,
        by_url: true,
        asked: [CALL_SUM, LIST],
    },
];

pub(crate) fn trials(root: &Path) -> impl Iterator<Item = Trial> {
    INSPECTIONS.into_iter().enumerate().map(move |(n, inspection)| {
        let folder = root.join(format!("inspector-{n}"));
        Trial::test(format!("serve::{}::inspector::{}", inspection.scenario, inspection.name), move || {
            inspection.same_through_the_gateway(&folder);
            Ok(())
        })
    })
}

impl Inspection {
    fn same_through_the_gateway(self, folder: &Path) {
        let test = format!("peers {} with the inspector", self.scenario);
        let Some(peers) = installed::folder(&test, &PARTS) else { return };
        let _turn = turn::take();
        // Of the client only the folder's name is used.
        let stage = Stage::new(self.scenario, Client::Typescript1, &peers, folder);
        stage.set();
        let remote = self.by_url.then(|| stage.by_url(self.over));
        let upstream =
            remote.as_ref().map_or(Upstream::Command, |remote| Upstream::At(remote.address().clone()));
        let gateway = stage.gateway(&upstream);
        let url = stage.url(&gateway, &upstream, self.over);
        let direct = match &remote {
            Some(remote) => vec![remote.address().url.clone()],
            None => stage.server(),
        };
        for asked in self.asked {
            let direct = self.ask(&stage, asked, &direct);
            assert!(direct.get("result").is_some(), "{asked:?}: {direct}");
            assert_eq!(self.ask(&stage, asked, std::slice::from_ref(&url)), direct, "{asked:?}");
        }
        gateway.end();
    }

    /// What it prints.
    fn ask(self, stage: &Stage, asked: &[&str], target: &[String]) -> Value {
        let [node, script] = stage.tool(".bin/mcp-inspector");
        let mut command = Command::new(node);
        command.args([&script, "--cli", "--format", "json", "--protocol-era", self.era]).args(asked);
        command.arg("--").args(target);
        let output = stage.surround(&mut command).env("HOME", stage.work()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_str(&text).unwrap()
    }
}
