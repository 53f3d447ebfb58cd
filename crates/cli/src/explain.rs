//! `mcp-guard explain`.

use std::process::ExitCode;

use decide::{Finding, Verdict};
use store::{AuditReader, Direction, Entry};

use crate::{
    args::{ConfigArgs, ExplainArgs},
    configuration,
    failure::Failure,
    paint::{self, FAINT, STRONG, paint},
    record,
};

pub(crate) fn explain(config: &ConfigArgs, args: &ExplainArgs) -> Result<ExitCode, Failure> {
    let policy = configuration::policy(config, None)?;
    let path = configuration::audit_file(&policy)?;
    let entry = AuditReader::open(&path)?.get(args.decision)?.ok_or_else(|| {
        Failure::new(format!(
            "there is no decision {} in {}; it may be older than audit.retention_days",
            args.decision,
            path.display()
        ))
    })?;
    if args.json {
        anstream::println!("{:#}", record::json(&entry));
    } else {
        anstream::println!("{}", text(&entry));
    }
    Ok(ExitCode::SUCCESS)
}

fn text(entry: &Entry) -> String {
    let mut lines = vec![headline(entry)];
    let fact = |name: &str, value: String| format!("  {} {value}", paint(FAINT, format_args!("{name:<10}")));
    lines.push(fact("when", record::local_time(entry.id.unix_ms())));
    if let Some(session) = &entry.session {
        lines.push(fact("who", format!("{} through {}", session.principal, session.server)));
        lines.push(fact("server", session.command.clone()));
        lines.push(fact("policy", format!("{} profile, {:.12}", session.profile, session.policy_hash)));
    }
    if let Some(era) = entry.era {
        lines.push(fact("era", format!("MCP {era}")));
    }
    lines.push(fact("size", format!("{} bytes", entry.bytes)));
    lines.push(fact("took", record::milliseconds(entry.guard_us)));
    match record::findings(entry) {
        None => lines.push("The findings of this record cannot be read by this version.".to_owned()),
        Some(found) if found.is_empty() => lines.push("Nothing was found that stands against it.".to_owned()),
        Some(found) => lines.extend(found.iter().map(finding)),
    }
    lines.join("\n")
}

fn headline(entry: &Entry) -> String {
    let way = match entry.direction {
        Some(Direction::ClientToServer) => "client → server",
        Some(Direction::ServerToClient) => "server → client",
        None => "mcp-guard",
    };
    let verdict = paint(paint::verdict(entry.verdict).bold(), entry.verdict);
    let would = entry.would.map(|would| format!(", would be {would}")).unwrap_or_default();
    format!("{}: {verdict}{would} — {way}: {}", paint(STRONG, entry.id), record::what(entry))
}

fn finding(finding: &Finding) -> String {
    let mut text = format!(
        "\n{} asks for {} in the {} stage\n    {}",
        paint(STRONG, &finding.rule),
        finding.verdict,
        finding.stage,
        finding.reason
    );
    let times = if finding.count > 1 { format!(", {} times", finding.count) } else { String::new() };
    if let Some(pointer) = &finding.pointer {
        text.push_str(&format!("\n    at {pointer}{times}"));
    }
    if let Some(evidence) = &finding.evidence {
        text.push_str(&format!("\n    found {evidence}"));
    }
    text.push_str(&format!("\n    rule from {}", finding.source));
    if !finding.remedy.is_empty() {
        let wish = match finding.verdict {
            Verdict::Review | Verdict::Block => "to let it pass: ",
            Verdict::Redact => "to let it pass as it is: ",
            Verdict::Allow | Verdict::Warn | Verdict::ShadowBlock => "",
        };
        text.push_str(&format!("\n    {wish}{}", finding.remedy));
    }
    text
}
