use crate::exceptions::Run;
use crate::harness::Harness;
use crate::suite::Suite::{self, July2026, November2025};
use crate::turn;

/// All scenarios for clients but those about authorisation, where a client rightly refuses a server that is not the
/// one that its tokens are for.
pub(crate) const SCENARIOS: [(Suite, &str); 13] = [
    (November2025, "initialize"),
    (November2025, "tools_call"),
    (November2025, "elicitation-sep1034-client-defaults"),
    (November2025, "sse-retry"),
    (November2025, "json-schema-2020-12-preservation"),
    (July2026, "tools_call"),
    (July2026, "request-metadata"),
    (July2026, "sep-2322-client-request-state"),
    (July2026, "http-standard-headers"),
    (July2026, "http-custom-headers"),
    (July2026, "http-invalid-tool-headers"),
    (July2026, "json-schema-ref-no-deref"),
    (July2026, "json-schema-2020-12-preservation"),
];

pub(crate) fn same_through_the_guard(suite: Suite, scenario: &str, harness: &Harness) {
    let _turn = turn::take();
    let [direct, guarded] = ["client/main.mjs", "client/guarded.mjs"].map(|script| {
        let folder = tempfile::tempdir().unwrap();
        harness.client(script, suite, scenario, folder.path())
    });
    direct.assert_passed();
    Run { setup: "client", suite }.judge(&direct.differences(&guarded));
    guarded.assert_passed();
}
