//! From the layers to one [`Policy`]: what nobody says is filled in, and where two speak the stricter stands.

mod content;
mod gateway;
mod pins;
mod server;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

use self::server::Common;
use crate::{
    AuditSettings, ConfigError, DaemonSettings, Limits, Location, LogLevel, Policy, Profile, ReloadSettings,
    Setting,
    effective::{Ledger, Strictness},
    exemption,
    layer::{DaemonLayer, Layer, Said},
    load::Overrides,
};

/// The policy of some layers, the base first.
pub(crate) fn compose(
    mut layers: Vec<Layer>,
    overrides: &Overrides,
    default: Profile,
) -> Result<Policy, ConfigError> {
    let mut ledger = Ledger::default();
    let profiles = profiles(&layers, overrides)?;
    let profile =
        ledger.settle("profile", Strictness::PROFILE, built_in(default, default), profiles.iter().cloned());
    let scanning = content::settle(&mut ledger, profile.value, &layers)?;
    let notices = exemption::notices(scanning.exemptions(), now());
    let limits = limits(&mut ledger, profile.value, &layers);
    let audit = audit(&mut ledger, profile.value, &layers);
    let reload = ledger.settle(
        "reload.require_confirmation",
        Strictness::ON,
        built_in(profile.value, ReloadSettings::default().require_confirmation),
        layers.iter().map(|layer| layer.require_confirmation.clone()),
    );
    // The layer of the file that was named; a base says nothing about this machine.
    let daemon = layers.last().map(|layer| daemon(&mut ledger, &layer.daemon)).unwrap_or_default();
    let gateway = gateway::settle(&mut ledger, profile.value, &layers);
    let common = Common {
        profile: profile.clone(),
        layers: layers.len(),
        profiles,
        versions: layers.iter().map(|layer| layer.gateway.min_protocol_version.clone()).collect(),
        pins: layers.iter().map(|layer| layer.pins.clone()).collect(),
        scanning,
        roles_narrow: layers
            .iter()
            .flat_map(|layer| &layer.roles)
            .any(|role| !role.permissions.are_none() || !role.arguments.is_empty()),
        rate_limits: layers.iter().flat_map(|layer| layer.rate_limits.clone()).collect(),
    };
    let fallback = Arc::new(common.unnamed());
    let servers: BTreeMap<_, _> = server::gather(&mut layers)
        .into_iter()
        .filter_map(|(name, said)| Some((name, Arc::new(common.named(&mut ledger, said)?))))
        .collect();
    for (number, layer) in layers.iter().enumerate() {
        ledger.in_base = layers.len() > 1 && number == 0;
        ledger.rate_limits(&layer.rate_limits);
        layer.roles.iter().for_each(|role| ledger.role(role));
    }
    Ok(Policy {
        profile: profile.value,
        servers,
        fallback,
        limits,
        audit,
        daemon,
        gateway,
        reload: ReloadSettings { require_confirmation: reload.value },
        notices,
        roles: layers.into_iter().map(|layer| layer.roles).collect(),
        entries: ledger.entries,
        hash: String::new(),
    }
    .hashed())
}

/// The section `daemon` of one file, which needs nothing else.
pub(crate) fn daemon(ledger: &mut Ledger, said: &DaemonLayer) -> DaemonSettings {
    let default = DaemonSettings::default();
    let restart = Strictness::Restart;
    let none = || built_in(Profile::default(), None);
    let path = |said: &Option<Setting<std::path::PathBuf>>| said.clone().map(|said| said.map(Some));
    let home = ledger.settle("daemon.home", restart, none(), [path(&said.home)]);
    let socket = ledger.settle("daemon.socket_path", restart, none(), [path(&said.socket_path)]);
    let seconds = built_in(Profile::default(), default.shutdown_timeout.as_secs());
    let timeout = ledger.settle("daemon.shutdown_timeout", restart, seconds, [said.shutdown_timeout.clone()]);
    let level = built_in(Profile::default(), LogLevel::default());
    let level = ledger.settle("daemon.log_level", restart, level, [said.log_level.clone()]);
    let port = built_in(Profile::default(), default.dashboard_port);
    let port = ledger.settle("daemon.dashboard_port", restart, port, [said.dashboard_port.clone()]);
    DaemonSettings {
        home: home.value,
        socket_path: socket.value,
        shutdown_timeout: Duration::from_secs(timeout.value),
        log_level: level.value,
        dashboard_port: port.value,
    }
}

/// What each layer says of all servers; the command line speaks in place of the file that was named.
fn profiles(layers: &[Layer], overrides: &Overrides) -> Result<Vec<Said<Profile>>, ConfigError> {
    let mut said: Vec<_> = layers.iter().map(|layer| layer.profile.clone()).collect();
    let (Some(profile), [base @ .., own]) = (overrides.profile, said.as_mut_slice()) else { return Ok(said) };
    if let [base, ..] = base {
        let base = base.clone().unwrap_or_else(|| built_in(Profile::default(), Profile::default()));
        if profile < base.value {
            let message = format!(
                "`--profile {profile}` is milder than `{}`, which the base asks for ({})",
                base.value, base.at
            );
            return Err(ConfigError::plain(message, Some("with a base, --profile can only tighten")));
        }
    }
    *own = Some(Setting::new(profile, Location::CommandLine("--profile")));
    Ok(said)
}

fn limits(ledger: &mut Ledger, profile: Profile, layers: &[Layer]) -> Limits {
    let default = Limits::default();
    let mut size = |key: &str, default: usize, said: fn(&Layer) -> Option<Setting<usize>>| {
        let path = format!("limits.{key}");
        ledger.settle(path, Strictness::Smaller, built_in(profile, default), layers.iter().map(said)).value
    };
    Limits {
        max_frame_bytes: size("max_frame_bytes", default.max_frame_bytes, |layer| {
            layer.limits.max_frame_bytes.clone()
        }),
        max_depth: size("max_depth", default.max_depth, |layer| layer.limits.max_depth.clone()),
        max_in_flight: size("max_in_flight", default.max_in_flight, |layer| {
            layer.limits.max_in_flight.clone()
        }),
        big_integers: ledger
            .settle(
                "limits.big_integers",
                Strictness::Words(&["allow", "refuse"]),
                built_in(profile, default.big_integers),
                layers.iter().map(|layer| layer.limits.big_integers.clone()),
            )
            .value,
    }
}

fn audit(ledger: &mut Ledger, profile: Profile, layers: &[Layer]) -> AuditSettings {
    let default = AuditSettings::default();
    let enabled = layers.iter().map(|layer| layer.audit.enabled.clone());
    let path = layers.iter().map(|layer| layer.audit.path.clone().map(|path| path.map(Some)));
    let days = layers.iter().map(|layer| layer.audit.retention_days.clone());
    let days_default = built_in(profile, default.retention_days);
    AuditSettings {
        enabled: ledger
            .settle("audit.enabled", Strictness::ON, built_in(profile, default.enabled), enabled)
            .value,
        path: ledger.settle("audit.path", Strictness::Restart, built_in(profile, default.path), path).value,
        retention_days: ledger.settle("audit.retention_days", Strictness::Larger, days_default, days).value,
    }
}

/// Seconds of Unix time.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(u64::MAX, |since| since.as_secs())
}

/// A value that no file gives.
fn built_in<T>(profile: Profile, value: T) -> Setting<T> {
    Setting::new(value, Location::BuiltIn(profile))
}
