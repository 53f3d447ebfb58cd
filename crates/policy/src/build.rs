//! From the shape of a file to a [`Layer`], collecting every problem on the way.

mod arguments;
mod auth;
mod content;
mod gateway;
mod limits;
mod overrides;
mod permissions;
mod pins;
mod remote;
mod roles;
mod rules;
mod server;
mod standing;

pub(crate) use self::content::percent;

use std::path::{Path, PathBuf};

use crate::{
    Setting,
    file::{At, Given, Lookup, Place, Report, expand, schema},
    layer::{AuditLayer, DaemonLayer, Layer, LimitsLayer, Part, Said},
};

/// What a file may refer to.
#[derive(Clone, Copy)]
pub(crate) struct Outside<'o> {
    /// Looks variables up.
    pub(crate) env: Lookup<'o>,
    /// Where files that it names are looked for; `None` where it can name none.
    pub(crate) folder: Option<&'o Path>,
}

/// Compiles what a file says in its part; problems go to the report.
pub(crate) fn build(
    file: &schema::ConfigFile,
    part: Part<'_>,
    outside: Outside<'_>,
    report: &mut Report<'_>,
) -> Layer {
    let mut builder = Builder { part, lookup: outside.env, folder: outside.folder, report };
    builder.check_part(file);
    let servers = file.servers.value().map(|entries| entries.0.as_slice()).unwrap_or_default();
    let names: Vec<_> = servers.iter().map(|(name, _)| name.value.as_str()).collect();
    let rules = file.rules.value().map(|rules| builder.rules(rules)).unwrap_or_default();
    let mut content = file.pii.value().map(|pii| builder.content(pii, &rules)).unwrap_or_default();
    if let Some(given) = file.rules.value() {
        builder.overrides(&mut content, &rules, given);
        content.advertised = builder.choice(&given.advertised);
        content.exemptions = builder.exemptions(&content, &rules, &names, given);
    }
    let mut roles = file.auth.value().map(|auth| builder.roles(auth)).unwrap_or_default();
    Layer {
        profile: builder.choice(&file.profile),
        content,
        rules,
        audit: file.audit.value().map(|audit| builder.audit(audit)).unwrap_or_default(),
        limits: file.limits.value().map(|limits| builder.limits(limits)).unwrap_or_default(),
        auth: file.auth.value().map(|auth| builder.auth(auth, &mut roles)).unwrap_or_default(),
        roles,
        rate_limits: builder.rate_limits(&file.rate_limit, "rate_limit", &part.bucket("all")),
        require_confirmation: file
            .reload
            .value()
            .and_then(|reload| builder.flag(&reload.require_confirmation)),
        daemon: file.daemon.value().map(|daemon| builder.daemon(daemon)).unwrap_or_default(),
        gateway: file.gateway.value().map(|gateway| builder.gateway(gateway)).unwrap_or_default(),
        pins: builder.pins(&file.pins),
        new_servers: file.overlay.value().and_then(|overlay| builder.flag(&overlay.new_servers)),
        servers: servers.iter().map(|(name, server)| builder.server(name, &server.value)).collect(),
    }
}

/// Compiles the section `daemon` alone.
pub(crate) fn daemon(file: &schema::OnlyDaemon, lookup: Lookup<'_>, report: &mut Report<'_>) -> DaemonLayer {
    let mut builder = Builder { part: Part::Alone, lookup, folder: None, report };
    file.daemon.value().map(|daemon| builder.daemon(daemon)).unwrap_or_default()
}

/// What the steps of building share.
struct Builder<'b, 't> {
    part: Part<'b>,
    lookup: Lookup<'b>,
    folder: Option<&'b Path>,
    report: &'b mut Report<'t>,
}

impl Builder<'_, '_> {
    fn audit(&mut self, audit: &schema::AuditFile) -> AuditLayer {
        AuditLayer {
            enabled: self.flag(&audit.enabled),
            path: self.text(&audit.path).map(|path| path.map(PathBuf::from)),
            retention_days: self.number("retention_days", &audit.retention_days, &schema::RETENTION_DAYS),
        }
    }

    fn limits(&mut self, limits: &schema::LimitsFile) -> LimitsLayer {
        LimitsLayer {
            max_frame_bytes: self.number("max_frame_bytes", &limits.max_frame_bytes, &schema::FRAME_BYTES),
            max_depth: self.number("max_depth", &limits.max_depth, &schema::DEPTH),
            max_in_flight: self.number("max_in_flight", &limits.max_in_flight, &schema::IN_FLIGHT),
            big_integers: self.choice(&limits.big_integers),
        }
    }

    fn daemon(&mut self, daemon: &schema::DaemonFile) -> DaemonLayer {
        DaemonLayer {
            home: self.text(&daemon.home).map(|path| path.map(PathBuf::from)),
            socket_path: self.text(&daemon.socket_path).map(|path| path.map(PathBuf::from)),
            shutdown_timeout: self.number("shutdown_timeout", &daemon.shutdown_timeout, &schema::SECONDS),
            log_level: self.choice(&daemon.log_level),
            dashboard_port: self.number("dashboard_port", &daemon.dashboard_port, &schema::PORT),
        }
    }

    /// A whole number that has to lie in its range.
    fn number<N: TryFrom<u64>>(&mut self, key: &str, given: &Given<u64>, range: &schema::Range) -> Said<N> {
        let at = given.0.as_ref()?;
        self.bare(at, |c| c.is_ascii_digit());
        let schema::Range { min, max } = *range;
        let number = N::try_from(at.value).ok().filter(|_| (min..=max).contains(&at.value));
        if number.is_none() {
            let message = format!("`{key}` is {}, outside of {min} to {max}", at.value);
            let help = format!("give it a number from {min} to {max}, or remove the key");
            self.report.add(at.place, message, "out of range", Some(help));
        }
        number.map(|number| self.said(at.place, number))
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

    fn flag(&mut self, given: &Given<bool>) -> Said<bool> {
        let at = given.0.as_ref()?;
        self.bare(at, |_| true);
        Some(self.said(at.place, at.value))
    }

    fn choice<T: Copy>(&mut self, given: &Given<T>) -> Said<T> {
        given.0.as_ref().map(|at| self.said(at.place, at.value))
    }

    /// A text value with its variables replaced; `None` when absent or not usable.
    fn text(&mut self, given: &Given<String>) -> Said<String> {
        let at = given.0.as_ref()?;
        let text = self.expanded(at)?;
        if text.is_empty() {
            self.fault(at.place, "this value is empty", "give it a value or remove the key");
            return None;
        }
        Some(self.said(at.place, text))
    }

    fn expanded(&mut self, at: &At<String>) -> Option<String> {
        let pieces = expand(at, self.lookup, self.report)?;
        Some(pieces.into_iter().map(|piece| piece.text).collect())
    }

    fn said<T>(&self, place: Place, value: T) -> Setting<T> {
        Setting::new(value, self.report.location(place))
    }

    fn fault(&mut self, place: Place, message: impl Into<String>, help: impl Into<String>) {
        self.report.add(place, message, "", Some(help.into()));
    }

    /// Checks a name of the file's choice that is given to options, shown in records and part of keys.
    fn name(&mut self, kind: &str, name: &At<String>) {
        let usable = |c: char| !c.is_control() && !c.is_whitespace();
        if name.value.is_empty() || name.value.len() > 64 || !name.value.chars().all(usable) {
            let message = format!("this {kind} name cannot be used");
            self.fault(name.place, message, "a name is 1 to 64 bytes long, without spaces");
        }
    }
}
