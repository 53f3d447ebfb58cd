use std::process::ExitCode;

use inspect::Detector;
use serde_json::{Value, json};

use super::{InForce, all};
use crate::{
    args::{ConfigArgs, RulesListArgs},
    configuration,
    failure::Failure,
    paint::{FAINT, paint},
};

pub(super) fn list(config: &ConfigArgs, args: &RulesListArgs) -> Result<ExitCode, Failure> {
    let policy = configuration::policy(config, args.profile)?;
    let rules = &policy.fallback().content;
    let wanted: Vec<&Detector> = all(rules).into_iter().filter(|rule| is_wanted(rule, args)).collect();
    if args.json {
        let rules = wanted.iter().map(|rule| as_json(rule, InForce::of(rules, rule)));
        anstream::println!("{:#}", rules.collect::<Value>());
        return Ok(ExitCode::SUCCESS);
    }
    let width = wanted.iter().map(|rule| rule.id().len()).max().unwrap_or_default();
    let head =
        format!("{:<width$}  {:<8}  sure  {:<12}  {:<12}  finds", "rule", "severity", "request", "response");
    anstream::println!("{}", paint(FAINT, head));
    for rule in &wanted {
        let InForce { request, response } = InForce::of(rules, rule);
        let (severity, sure) = (json!(rule.severity), rule.confidence);
        let severity = severity.as_str().unwrap_or_default();
        anstream::println!(
            "{:<width$}  {severity:<8}  {:>4}  {request:<12}  {response:<12}  {}",
            rule.id(),
            sure.to_string(),
            rule.title
        );
    }
    let noun = if wanted.len() == 1 { "rule" } else { "rules" };
    anstream::println!(
        "{}",
        paint(FAINT, format_args!("{} {noun}, {} profile", wanted.len(), policy.profile()))
    );
    Ok(ExitCode::SUCCESS)
}

fn is_wanted(rule: &Detector, args: &RulesListArgs) -> bool {
    let tagged = |tag: &String| rule.tags.iter().any(|known| known.eq_ignore_ascii_case(tag));
    let text = |text: &String| {
        let text = text.to_lowercase();
        rule.id().contains(&text) || rule.title.to_lowercase().contains(&text)
    };
    (args.family.is_empty() || args.family.contains(&rule.family))
        && args.severity.is_none_or(|least| rule.severity >= least.0)
        && args.tag.iter().all(tagged)
        && args.text.iter().all(text)
}

pub(super) fn as_json(rule: &Detector, actions: InForce) -> Value {
    json!({
        "id": rule.id(),
        "family": rule.family.as_str(),
        "title": rule.title,
        "severity": rule.severity,
        "confidence": rule.confidence.percent(),
        "in": rule.places,
        "actions": actions,
        "tags": rule.tags,
    })
}
