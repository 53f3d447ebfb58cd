#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test fails by panicking.

mod attacks;
mod calls;
mod inputs;
mod interleavings;
mod session;
mod subscriptions;

use super::*;

/// A conversation: lines `WHO> JSON` are said, the lines `who< JSON` after one are what must come of it, in order.
/// `C1` is the client in exchange 1, `S` the server, `S1` the server where the transport tells the exchange. `tick 5`
/// lets seconds pass, `gone` is the server, `left 1` the client of an exchange. `"jsonrpc":"2.0"` is left out
/// everywhere; `META` stands for what a modern server wants in `_meta`.
struct Talk {
    translator: LegacyOverModern,
    now: Instant,
}

const META: &str = r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"c","version":"1"},"io.modelcontextprotocol/clientCapabilities":CAPABILITIES"#;
const SUBSCRIPTION: &str = r#""io.modelcontextprotocol/subscriptionId""#;

/// What clients and servers declare in tests that are about something else.
const CLIENT: &str = r#"{"elicitation":{"form":{},"url":{}},"sampling":{},"roots":{"listChanged":true}}"#;
const SERVER: &str = r#"{"tools":{"listChanged":true},"resources":{"subscribe":true}}"#;

impl Talk {
    fn new() -> Self {
        Self::with(Settings::default())
    }

    fn with(settings: Settings) -> Self {
        Self { translator: LegacyOverModern::new(settings), now: Instant::now() }
    }

    /// A session that has begun and listens; the next id upstream is 3.
    fn begun() -> Self {
        Self::begun_with(Settings::default())
    }

    fn begun_with(settings: Settings) -> Self {
        let mut talk = Self::with(settings);
        talk.hold(&format!(
            r#"
            C1> {{"id":"h","method":"initialize","params":{{"protocolVersion":"2025-11-25","capabilities":{CLIENT},"clientInfo":{{"name":"c","version":"1"}}}}}}
            s1< {{"id":1,"method":"server/discover","params":{{"_meta":{{META}}}}}}
            S1> {{"id":1,"result":{{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{SERVER}}}}}
            c1< {{"id":"h","result":{{"protocolVersion":"2025-11-25","capabilities":{SERVER},"serverInfo":{{"name":"unknown","version":"unknown"}}}}}}
            C2> {{"method":"notifications/initialized"}}
            s< {{"id":2,"method":"subscriptions/listen","params":{{"_meta":{{META}},"notifications":{{"toolsListChanged":true}}}}}}
            S> {{"method":"notifications/subscriptions/acknowledged","params":{{"_meta":{{SUBSCRIPTION:2}},"notifications":{{"toolsListChanged":true}}}}}}
            "#
        ));
        talk
    }

    fn hold(&mut self, script: &str) {
        let script = script
            .replace("META", META)
            .replace("CAPABILITIES", CLIENT)
            .replace("SUBSCRIPTION", SUBSCRIPTION);
        let mut said = String::new();
        let mut out: std::collections::VecDeque<String> = [].into();
        for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if let Some((whom, expected)) = line.split_once("< ") {
                let got = out.pop_front().unwrap_or_else(|| panic!("after {said}\nnothing came, not {line}"));
                let expected = expected.strip_suffix("…}").map_or_else(
                    || format!("{whom}< {expected}"),
                    |begins| {
                        let begins = format!("{whom}< {begins}");
                        if got.starts_with(&begins) { got.clone() } else { begins }
                    },
                );
                assert_eq!(got, expected, "after {said}");
                continue;
            }
            assert_eq!(out, [""; 0], "after {said}");
            line.clone_into(&mut said);
            out = self.say(line).iter().map(shown).collect();
        }
        assert_eq!(out, [""; 0], "after {said}");
    }

    fn say(&mut self, line: &str) -> Vec<Out> {
        let translator = &mut self.translator;
        if let Some(seconds) = line.strip_prefix("tick ") {
            self.now += Duration::from_secs(seconds.parse().unwrap());
            return translator.tick(self.now);
        }
        if line == "gone" {
            return translator.server_gone("it stopped", self.now);
        }
        if let Some(of) = line.strip_prefix("left ") {
            return translator.client_gone(Exchange(of.parse().unwrap()), self.now);
        }
        let (who, message) = line.split_once("> ").expect(line);
        let message = message.replacen('{', r#"{"jsonrpc":"2.0","#, 1);
        match who.split_at(1) {
            ("C", of) => translator.client(Exchange(of.parse().unwrap()), &message, self.now),
            ("S", of) => translator.server(of.parse().ok().map(Exchange), &message, self.now),
            _ => panic!("{line}"),
        }
    }
}

fn shown(out: &Out) -> String {
    let (who, of, line) = match out {
        Out::Client { of, line } => ("c", of, line),
        Out::Server { of, line } => ("s", of, line),
    };
    let of = of.map(|of| of.0.to_string()).unwrap_or_default();
    format!("{who}{of}< {}", line.replacen(r#""jsonrpc":"2.0","#, "", 1))
}
