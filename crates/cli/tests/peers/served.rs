//! Through `mcp-guard serve`: every client, every server, every transport, and clients of an era that the server is not of.

use std::path::Path;

use libtest_mimic::Trial;
use serde_json::json;

use crate::client::Client::{self, *};
use crate::daemon::Daemon;
use crate::difference;
use crate::installed;
use crate::over::Over::{self, Http, Sse};
use crate::stage::{self, Reached, Stage, Upstream};
use crate::turn;

const PARTS: [&str; 5] = ["node", "conformance", "tools", "python1", "python2"];

/// One client before the gateway, and a server behind it.
#[derive(Clone, Copy)]
struct Case {
    scenario: &'static str,
    client: Client,
    reached: Reached,
    behind: Behind,
}

#[derive(Clone, Copy)]
enum Behind {
    /// A process of the gateway, given on the command line.
    Command,
    /// The same in a configuration.
    Configured,
    /// The scenario's server over this, by URL.
    Url(Over),
}

const fn case(scenario: &'static str, client: Client, reached: Over, behind: Behind) -> Case {
    Case { scenario, client, reached: Reached::By(reached), behind }
}

const fn bridged(scenario: &'static str, client: Client, behind: Behind) -> Case {
    Case { scenario, client, reached: Reached::ByBridge, behind }
}

const fn connected(scenario: &'static str, client: Client, behind: Over) -> Case {
    Case { scenario, client, reached: Reached::ByDaemon, behind: Behind::Url(behind) }
}

const CASES: [Case; 25] = [
    case("filesystem", Typescript1, Http, Behind::Configured),
    case("filesystem", Python2Legacy, Http, Behind::Command),
    case("memory", Typescript1, Sse, Behind::Configured),
    case("memory", Python1, Http, Behind::Command),
    case("memory", Typescript2Legacy, Http, Behind::Configured),
    case("git", Typescript2Legacy, Http, Behind::Command),
    case("git", Python2Modern, Http, Behind::Configured),
    case("git", Typescript2Auto, Http, Behind::Command),
    case("time", Typescript2Modern, Http, Behind::Configured),
    case("time", Python1, Sse, Behind::Command),
    case("time", Python2Modern, Http, Behind::Command),
    case("everything", Typescript1, Http, Behind::Command),
    case("everything", Python1, Sse, Behind::Configured),
    case("everything", Typescript2Legacy, Http, Behind::Url(Http)),
    case("everything", Python1, Http, Behind::Url(Http)),
    case("everything", Typescript1, Sse, Behind::Url(Sse)),
    case("everything", Python2Legacy, Http, Behind::Url(Sse)),
    bridged("everything", Typescript1, Behind::Url(Http)),
    bridged("filesystem", Python1, Behind::Command),
    connected("everything", Typescript2Legacy, Http),
    connected("everything", Python1, Sse),
    connected("modern", Typescript2Auto, Http),
    connected("modern", Python2Modern, Http),
    // Legacy servers before which these clients speak as they would like to.
    case("filesystem", Typescript2Auto, Http, Behind::Command),
    case("memory", Python2Modern, Http, Behind::Configured),
];

pub(crate) fn trials(root: &Path) -> impl Iterator<Item = Trial> {
    CASES.into_iter().enumerate().map(move |(n, case)| {
        let folder = root.join(format!("served-{n}"));
        Trial::test(case.name(), move || {
            case.same_through_the_gateway(&folder);
            Ok(())
        })
    })
}

impl Case {
    fn name(self) -> String {
        let Self { scenario, client, .. } = self;
        let reached = match self.reached {
            Reached::By(over) => over.name(),
            Reached::ByBridge => "mcp-remote",
            Reached::ByDaemon => "connect",
        };
        let behind = match self.behind {
            Behind::Command => "command",
            Behind::Configured => "config",
            Behind::Url(Http) => "url",
            Behind::Url(Sse) => "sse-url",
        };
        format!("serve::{scenario}::{}::{reached}::{behind}", client.name())
    }

    fn same_through_the_gateway(self, folder: &Path) {
        let Some(peers) = installed::folder(&format!("peers {}", self.name()), &PARTS) else { return };
        let _turn = turn::take();
        let stage = Stage::new(self.scenario, self.client, &peers, folder);
        let remote = match self.behind {
            Behind::Url(over) => Some(stage.by_url(over)),
            Behind::Command | Behind::Configured => None,
        };
        let address = remote.as_ref().map(|remote| remote.address());
        let by_url = address.is_some();
        let direct = stage.play(match (address, self.reached) {
            (None, _) => stage::Path::Direct,
            (Some(address), Reached::By(_) | Reached::ByDaemon) => stage::Path::At(address),
            (Some(address), Reached::ByBridge) => stage::Path::Bridged(address),
        });
        let direct = direct.transcript;
        direct.assert_worth_comparing(stage.scenario(), self.client, by_url);
        let upstream = match (address, self.behind) {
            (Some(address), _) => Upstream::At(address.clone()),
            (None, Behind::Configured) => Upstream::Configured,
            (None, _) => Upstream::Command,
        };
        let daemon = Daemon::new(folder);
        let served = match (self.reached, address) {
            (Reached::ByDaemon, Some(address)) => {
                daemon.serve(std::iter::once((stage.server_name(), json!({"url": address.url}))));
                stage::Path::Connected(&daemon)
            }
            (reached, _) => stage::Path::Served { reached, upstream: &upstream },
        };
        let served = stage.play(served).transcript;
        daemon.end();
        served.assert_worth_comparing(stage.scenario(), self.client, by_url);
        let differences = match served.is_modern() && !direct.is_modern() {
            true => difference::across_eras(&direct, &served),
            false => difference::over_http(&direct, &served),
        };
        assert!(
            differences.is_empty(),
            "the gateway changed what the client sees:\n{}",
            differences.join("\n")
        );
    }
}
