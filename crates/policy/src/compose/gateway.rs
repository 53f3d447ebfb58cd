use std::time::Duration;

use wire::Revision;

use super::built_in;
use crate::{
    AuthMode, AuthSettings, GatewayLimits, GatewaySettings, Profile, Setting,
    effective::{Ledger, Strictness},
    layer::{GatewayLimitsLayer, Layer, Said},
};

/// The sections `gateway` and `auth` but for the roles.
pub(super) fn settle(ledger: &mut Ledger, profile: Profile, layers: &[Layer]) -> GatewaySettings {
    let default = GatewaySettings::default();
    // What belongs to the machine is said by the file that was named.
    let Some(own) = layers.last().map(|layer| &layer.gateway) else { return default };
    let restart = Strictness::Restart;
    let listen = built_in(profile, default.listen);
    let listen = ledger.settle("gateway.listen", restart, listen, [own.listen.clone()]);
    let tls = own.tls.as_ref();
    for (key, path) in [("cert", tls.map(|tls| &tls.value.cert)), ("key", tls.map(|tls| &tls.value.key))] {
        let said = path.zip(tls).map(|(path, tls)| Setting::new(Some(path.clone()), tls.at.clone()));
        ledger.settle(format!("gateway.tls.{key}"), restart, built_in(profile, None), [said]);
    }
    let mut list = |key: &str, said: &Said<Vec<String>>| {
        let path = format!("gateway.{key}");
        ledger.settle(path, Strictness::Admits, built_in(profile, Vec::new()), [said.clone()]).value
    };
    let allowed_hosts = list("allowed_hosts", &own.allowed_hosts);
    let allowed_origins = list("allowed_origins", &own.allowed_origins);
    let versions = layers.iter().map(|layer| layer.gateway.min_protocol_version.clone());
    let min_protocol_version = version(ledger, "gateway.min_protocol_version", profile, versions);
    let limits = limits(ledger, profile, layers);
    let seconds = built_in(profile, default.shutdown_timeout.as_secs());
    let seconds = ledger.settle("gateway.shutdown_timeout", restart, seconds, [own.shutdown_timeout.clone()]);
    GatewaySettings {
        listen: listen.value,
        tls: own.tls.clone().map(|tls| tls.value),
        allowed_hosts,
        allowed_origins,
        min_protocol_version: min_protocol_version.map(|said| said.value),
        limits,
        shutdown_timeout: Duration::from_secs(seconds.value),
        auth: auth(ledger, profile, layers),
    }
}

/// The newest of the oldest revisions that are accepted.
pub(super) fn version(
    ledger: &mut Ledger,
    path: impl Into<String>,
    profile: Profile,
    said: impl IntoIterator<Item = Said<Revision>>,
) -> Said<Revision> {
    let said = said.into_iter().map(|said| said.map(|said| said.map(|version| Some(version.name()))));
    let settled = ledger.settle(path, Strictness::REVISION, built_in(profile, None), said);
    Some(Setting::new(Revision::from_name(settled.value?)?, settled.at))
}

fn auth(ledger: &mut Ledger, profile: Profile, layers: &[Layer]) -> AuthSettings {
    let modes = layers.iter().map(|layer| layer.auth.mode.clone());
    let mode = ledger.settle("auth.mode", Strictness::AUTH, built_in(profile, AuthMode::default()), modes);
    // A base has none.
    let api_keys: Vec<_> = layers.iter().flat_map(|layer| layer.auth.api_keys.clone()).collect();
    for key in &api_keys {
        let path = format!("auth.api_keys.{}", key.principal.name);
        let groups = key.principal.groups.as_slice();
        let exact = serde_json::json!([key.hash.to_string(), groups]);
        let shown = serde_json::json!({ "key": "********", "groups": groups });
        ledger.note_masked(path, shown, exact, vec![key.at.clone()], Strictness::Caller);
    }
    AuthSettings { mode: mode.value, api_keys }
}

fn limits(ledger: &mut Ledger, profile: Profile, layers: &[Layer]) -> GatewayLimits {
    let default = GatewayLimits::default();
    let mut settle = |key: &str, default: u64, said: fn(&GatewayLimitsLayer) -> &Said<u64>| {
        let said = layers.iter().map(|layer| said(&layer.gateway.limits).clone());
        let path = format!("gateway.limits.{key}");
        ledger.settle(path, Strictness::Smaller, built_in(profile, default), said).value
    };
    macro_rules! count {
        ($key:ident) => {
            usize::try_from(settle(stringify!($key), default.$key as u64, |said| &said.$key))
                .unwrap_or(usize::MAX)
        };
    }
    macro_rules! seconds {
        ($key:ident) => {
            Duration::from_secs(settle(stringify!($key), default.$key.as_secs(), |said| &said.$key))
        };
    }
    GatewayLimits {
        max_connections: count!(max_connections),
        max_connections_per_address: count!(max_connections_per_address),
        max_sessions: count!(max_sessions),
        max_sessions_per_principal: count!(max_sessions_per_principal),
        max_requests_per_principal: count!(max_requests_per_principal),
        max_streams: count!(max_streams),
        max_header_bytes: count!(max_header_bytes),
        header_timeout: seconds!(header_timeout),
        body_timeout: seconds!(body_timeout),
        write_timeout: seconds!(write_timeout),
        session_idle_timeout: seconds!(session_idle_timeout),
        event_store_events: count!(event_store_events),
        event_store_bytes: count!(event_store_bytes),
    }
}
