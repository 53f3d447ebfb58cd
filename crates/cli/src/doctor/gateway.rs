use std::fs;

use policy::Policy;

use super::finding::Finding;
use crate::exposure;

const CHECK: &str = "gateway";

/// Whether a gateway could be started, and whom it would let in.
pub(super) fn check(policy: &Policy, findings: &mut Vec<Finding>) {
    let gateway = policy.gateway();
    let before = findings.len();
    if let Err(error) = exposure::check(policy) {
        let problems = error.problems().iter();
        findings.extend(problems.map(|problem| {
            Finding::fail(CHECK, &problem.message, problem.help.as_deref().unwrap_or_default())
        }));
    }
    for file in gateway.tls.iter().flat_map(|tls| [&tls.cert, &tls.key]) {
        if let Err(error) = fs::File::open(file) {
            let text = format!("{} cannot be read: {error}", file.display());
            findings.push(Finding::fail(
                CHECK,
                text,
                "mend gateway.tls, or let the gateway's user read the file",
            ));
        }
    }
    if let Some(Err(problem)) =
        gateway.tls.as_ref().filter(|tls| tls.key.exists()).map(|tls| exposure::secret_file(&tls.key))
    {
        findings.push(warn(&problem));
    }
    findings.extend(exposure::warnings(policy).iter().map(|problem| warn(problem)));
    if findings.len() == before {
        let listen: Vec<_> = gateway.listen.iter().map(ToString::to_string).collect();
        let keys = match gateway.auth.api_keys.len() {
            0 => "no API keys".to_owned(),
            1 => "1 API key".to_owned(),
            keys => format!("{keys} API keys"),
        };
        findings.push(Finding::ok(
            CHECK,
            format!("`mcp-guard serve` would listen at {}, {keys}", listen.join(", ")),
        ));
    }
}

fn warn(problem: &str) -> Finding {
    let (text, remedy) = problem.split_once(": ").unwrap_or((problem, "see docs/gateway.md"));
    Finding::warn(CHECK, text, remedy)
}
