//! From the shape of a file to a compiled [`Policy`], collecting every problem on the way.

mod content;
mod permissions;
mod server;

use std::{path::PathBuf, sync::Arc, time::Duration};

use crate::{
    AuditSettings, ConfigError, Limits, Location, Policy, Profile, ServerPolicy,
    content::ContentRules,
    file::{At, Given, Lookup, Place, Report, expand, schema},
    load::Overrides,
};

/// Builds a policy, or reports why there is none.
pub(crate) fn build(
    file: &schema::ConfigFile,
    lookup: Lookup<'_>,
    overrides: &Overrides,
    mut report: Report<'_>,
) -> Result<Policy, ConfigError> {
    let mut builder = Builder { lookup, report: &mut report };
    let (profile, profile_at) = builder.profile(&file.profile, overrides);
    let content = file.pii.value().map(|pii| builder.content(pii)).unwrap_or_default();
    let audit = file.audit.value().map(|audit| builder.audit(audit)).unwrap_or_default();
    let limits = file.limits.value().map(|limits| builder.limits(limits)).unwrap_or_default();
    let shutdown = builder.number(
        "shutdown_timeout",
        &file.shutdown_timeout,
        &schema::SHUTDOWN_SECONDS,
        schema::DEFAULT_SHUTDOWN_SECONDS,
    );
    let mut servers = Vec::new();
    for (name, server) in file.servers.value().map(|entries| entries.0.as_slice()).unwrap_or_default() {
        servers.push(builder.server(name, &server.value, (profile, &profile_at), overrides));
    }
    if !report.is_empty() {
        return Err(report.into_error());
    }
    let scanners =
        content.scanners().map_err(|_| ConfigError::plain("the detectors do not compile together", None))?;
    let rules = |profile| content.rules(profile, &scanners);
    let fallback = Arc::new(ServerPolicy::unnamed(profile, profile_at, rules(profile)));
    let servers = servers.into_iter().map(|draft| (draft.name(), Arc::new(draft.finish(&rules))));
    Ok(Policy {
        profile,
        servers: servers.collect(),
        fallback,
        limits,
        audit,
        shutdown_timeout: Duration::from_secs(shutdown),
        hash: String::new(),
    }
    .hashed())
}

/// What the steps of building share.
struct Builder<'b, 't> {
    lookup: Lookup<'b>,
    report: &'b mut Report<'t>,
}

impl Builder<'_, '_> {
    fn profile(&self, given: &Given<Profile>, overrides: &Overrides) -> (Profile, Location) {
        match (overrides.profile, &given.0) {
            (Some(profile), _) => (profile, Location::CommandLine("--profile")),
            (None, Some(at)) => (at.value, self.report.location(at.place)),
            (None, None) => (Profile::default(), Location::BuiltIn(Profile::default())),
        }
    }

    fn audit(&mut self, audit: &schema::AuditFile) -> AuditSettings {
        let default = AuditSettings::default();
        let days = self.number(
            "retention_days",
            &audit.retention_days,
            &schema::RETENTION_DAYS,
            default.retention_days.into(),
        );
        AuditSettings {
            enabled: self.flag(&audit.enabled, default.enabled),
            path: self.text(&audit.path).map(PathBuf::from),
            retention_days: u32::try_from(days).unwrap_or(default.retention_days),
        }
    }

    fn limits(&mut self, limits: &schema::LimitsFile) -> Limits {
        let default = Limits::default();
        let mut size = |key, given, range, default: usize| {
            let number = self.number(key, given, range, default as u64);
            usize::try_from(number).unwrap_or(default)
        };
        Limits {
            max_frame_bytes: size(
                "max_frame_bytes",
                &limits.max_frame_bytes,
                &schema::FRAME_BYTES,
                default.max_frame_bytes,
            ),
            max_depth: size("max_depth", &limits.max_depth, &schema::DEPTH, default.max_depth),
            max_in_flight: size(
                "max_in_flight",
                &limits.max_in_flight,
                &schema::IN_FLIGHT,
                default.max_in_flight,
            ),
            big_integers: limits.big_integers.value().copied().unwrap_or(default.big_integers),
        }
    }

    fn number(&mut self, key: &str, given: &Given<u64>, range: &schema::Range, default: u64) -> u64 {
        let Some(at) = &given.0 else { return default };
        self.bare(at, |c| c.is_ascii_digit());
        let schema::Range { min, max } = *range;
        if !(min..=max).contains(&at.value) {
            let message = format!("`{key}` is {}, outside of {min} to {max}", at.value);
            self.report.add(at.place, message, "out of range", Some(format!("the default is {default}")));
        }
        at.value
    }

    /// Refuses values that YAML converts: quoted ones, and numbers in another base than ten.
    fn bare<T>(&mut self, at: &At<T>, usual: impl Fn(char) -> bool) {
        let written = self.report.source(at.place).trim();
        if written.starts_with(['"', '\'']) {
            self.report.add(
                at.place,
                "this is text, not a plain value",
                "in quotes",
                Some("remove the quotes".to_owned()),
            );
        } else if !written.chars().all(usual) {
            let help = "write it in decimal digits, without signs, prefixes and underscores";
            self.report.add(
                at.place,
                "this number can be read in two ways",
                "not plain digits",
                Some(help.to_owned()),
            );
        }
    }

    fn flag(&mut self, given: &Given<bool>, default: bool) -> bool {
        let Some(at) = &given.0 else { return default };
        self.bare(at, |_| true);
        at.value
    }

    /// A text value with its variables replaced; `None` when absent or not usable.
    fn text(&mut self, given: &Given<String>) -> Option<String> {
        let at = given.0.as_ref()?;
        let text = self.expanded(at)?;
        if text.is_empty() {
            self.fault(at.place, "this value is empty", "give it a value or remove the key");
            return None;
        }
        Some(text)
    }

    fn expanded(&mut self, at: &At<String>) -> Option<String> {
        let pieces = expand(at, self.lookup, self.report)?;
        Some(pieces.into_iter().map(|piece| piece.text).collect())
    }

    fn fault(&mut self, place: Place, message: impl Into<String>, help: impl Into<String>) {
        self.report.add(place, message, "", Some(help.into()));
    }
}

/// Rules for content that wait for the one scanner.
type Rules<'r> = &'r dyn Fn(Profile) -> ContentRules;

#[cfg(test)]
mod tests {
    use crate::content::ContentSettings;

    #[test]
    fn content_is_inspected_by_default() {
        assert_eq!(
            ContentSettings::default().scanners().unwrap().content.detectors().len(),
            inspect::catalogue().len()
        );
    }
}
