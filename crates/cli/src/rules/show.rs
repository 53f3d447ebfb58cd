use std::process::ExitCode;

use inspect::{
    Detector,
    pack::{Rule, Sample, packs},
};
use policy::ContentRules;
use serde_json::{Value, json};

use super::{InForce, all, list::as_json};
use crate::{
    args::{ConfigArgs, RulesShowArgs},
    configuration,
    failure::Failure,
    paint::{FAINT, STRONG, paint},
};

pub(super) fn show(config: &ConfigArgs, args: &RulesShowArgs) -> Result<ExitCode, Failure> {
    let policy = configuration::policy(config, args.profile)?;
    let rules = &policy.fallback().content;
    let known = all(rules);
    let rule = known.iter().find(|rule| rule.id() == args.id || rule.name == args.id).ok_or_else(|| {
        Failure::new(format!("there is no rule `{}`; `mcp-guard rules list` shows them all", args.id))
    })?;
    let mut shown = as_json(rule, InForce::of(rules, rule));
    let built_in = json!({ "balanced": rule.actions.balanced, "strict": rule.actions.strict });
    let ours =
        packs().iter().find_map(|pack| Some((pack, pack.rules.iter().find(|own| own.id == rule.id())?)));
    if let Some(members) = shown.as_object_mut() {
        members.insert("built_in_actions".to_owned(), built_in);
        if let Some((pack, source)) = ours {
            members.insert("pack".to_owned(), json!({ "name": pack.pack, "version": pack.version }));
            members.insert("find".to_owned(), json!(source.find));
            members.insert("checks".to_owned(), json!(source.checks));
            members.insert("near".to_owned(), json!(source.near));
            members.insert("unless".to_owned(), json!(source.unless));
            members.insert("match".to_owned(), samples(&source.matches, source, rule, rules));
            members.insert("no_match".to_owned(), samples(&source.no_match, source, rule, rules));
        }
    }
    if args.json {
        anstream::println!("{shown:#}");
    } else {
        anstream::println!("{}", text(&shown, rule));
    }
    Ok(ExitCode::SUCCESS)
}

/// Samples, of which nothing is shown that looks like a secret.
fn samples(samples: &[Sample], source: &Rule, rule: &Detector, rules: &ContentRules) -> Value {
    let shown = |sample: &Sample| {
        let text = sample.text();
        let text = match rule.family.is_confidential() && source.matches.iter().any(|own| own.text() == text)
        {
            true => inspect::evidence(rule, &text),
            false => rules.masking().redact(&text).escape_debug().to_string(),
        };
        match sample.key() {
            Some(key) => format!("{key}: {text}"),
            None => text,
        }
    };
    samples.iter().map(shown).collect()
}

fn text(shown: &Value, rule: &Detector) -> String {
    let mut lines = vec![format!("{}: {}", paint(STRONG, rule.id()), rule.title)];
    let mut fact = |name: &str, value: &str| {
        if !value.is_empty() {
            lines.push(format!("  {} {value}", paint(FAINT, format_args!("{name:<16}"))));
        }
    };
    let words = |key: &str| {
        let items = shown.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        items
            .iter()
            .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
            .collect::<Vec<_>>()
    };
    let cells = |pointer: &str| {
        let cell = |way: &str| {
            shown.pointer(&format!("{pointer}/{way}")).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        format!("{} in requests, {} in answers", cell("request"), cell("response"))
    };
    let severity = shown.get("severity").and_then(Value::as_str).unwrap_or_default();
    fact("severity", severity);
    fact("confidence", &rule.confidence.to_string());
    let places = words("in");
    fact("looks in", &if places.is_empty() { "every place".to_owned() } else { places.join(", ") });
    fact("in force", &cells("/actions"));
    fact("balanced", &cells("/built_in_actions/balanced"));
    fact("strict", &cells("/built_in_actions/strict"));
    fact("tags", &words("tags").join(", "));
    if let Some(pack) = shown.get("pack") {
        let name = pack.get("name").and_then(Value::as_str).unwrap_or_default();
        fact("pack", &format!("{name}, version {}", pack.get("version").unwrap_or(&Value::Null)));
    }
    for (name, key) in [("finds", "find"), ("checks", "checks"), ("unless", "unless")] {
        words(key).iter().for_each(|item| fact(name, item));
    }
    if let Some(near) = shown.get("near").filter(|near| !near.is_null()) {
        fact("near", &near.to_string());
    }
    words("match").iter().for_each(|sample| fact("matches", sample));
    words("no_match").iter().for_each(|sample| fact("does not match", sample));
    lines.join("\n")
}
