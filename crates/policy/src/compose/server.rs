use std::{collections::BTreeMap, sync::Arc, time::Duration};

use wire::Revision;

use super::{built_in, content::Scanning, gateway, pins};
use crate::{
    Action, Elicitation, Launch, Location, Permissions, PinSettings, Profile, RateLimit, Sampling,
    SamplingAudit, ServerPolicy, Setting, Supervision,
    effective::{Ledger, Strictness},
    layer::{Layer, PinsLayer, Said, ServerLayer},
};

/// What each layer says about one server, the base first.
type Layers = Vec<ServerLayer>;

/// Takes the servers out of the layers and puts together what is said about the same one.
pub(super) fn gather(layers: &mut [Layer]) -> BTreeMap<Arc<str>, Layers> {
    let mut servers: BTreeMap<Arc<str>, Layers> = BTreeMap::new();
    for (number, layer) in layers.iter_mut().enumerate() {
        for server in std::mem::take(&mut layer.servers) {
            servers
                .entry(Arc::clone(&server.name))
                .or_default()
                .push(ServerLayer { layer: number, ..server });
        }
    }
    servers
}

/// What servers have in common.
pub(super) struct Common {
    pub(super) profile: Setting<Profile>,
    /// What each layer says of all servers.
    pub(super) profiles: Vec<Said<Profile>>,
    /// What each layer says of all servers' oldest revision.
    pub(super) versions: Vec<Said<Revision>>,
    /// What each layer says of all servers' pins.
    pub(super) pins: Vec<PinsLayer>,
    pub(super) layers: usize,
    pub(super) scanning: Scanning,
    /// Whether a role of any caller takes tools, resources or prompts away.
    pub(super) roles_narrow: bool,
    /// Of the user, over all servers.
    pub(super) rate_limits: Vec<RateLimit>,
}

impl Common {
    /// The rules for a server that no file names.
    pub(super) fn unnamed(&self) -> ServerPolicy {
        let at = Location::BuiltIn(self.profile.value);
        let profile = self.profile.clone();
        let mut aside = Ledger::default();
        Rules { common: self, ledger: &mut aside, path: String::new(), said: &[], profile }
            .policy(None, at, None)
    }

    /// The rules for a server of which the layers say `said`.
    pub(super) fn named(&self, ledger: &mut Ledger, said: Layers) -> Option<ServerPolicy> {
        let first = said.first()?;
        let (name, at, launch) = (Arc::clone(&first.name), first.at.clone(), first.launch.clone()?);
        let path = format!("servers.{name}");
        ledger.server = Some(Arc::clone(&name));
        ledger.launch(&path, &launch, &first.launch_written, |text| self.scanning.mask(text));
        let profile = self.server_profile(ledger, &path, &said);
        let locked = built_in(profile.value, false);
        let locks = said.iter().map(|server| server.locked.clone());
        ledger.settle(format!("{path}.policy.locked"), Strictness::ON, locked, locks);
        for server in &said {
            ledger.in_base = self.layers > 1 && server.layer == 0;
            ledger.permissions(&server.permissions);
            ledger.arguments(&server.arguments);
            ledger.rate_limits(&server.rate_limits);
        }
        ledger.in_base = false;
        self.scanning.note(ledger, &format!("{path}."), profile.value);
        let rules = Rules { common: self, ledger: &mut *ledger, path, said: &said, profile };
        let policy = rules.policy(Some(name), at, Some(launch));
        ledger.server = None;
        Some(policy)
    }

    /// What each layer says about the server, or else about all.
    fn server_profile(&self, ledger: &mut Ledger, path: &str, said: &[ServerLayer]) -> Setting<Profile> {
        let profiles = self.profiles.iter().enumerate().map(|(layer, general)| {
            let own = said.iter().find(|server| server.layer == layer);
            match general {
                Some(Setting { at: Location::CommandLine(_), .. }) => general.clone(),
                _ => own.and_then(|server| server.profile.clone()).or_else(|| general.clone()),
            }
        });
        let default = built_in(Profile::default(), Profile::default());
        ledger.settle(format!("{path}.profile"), Strictness::PROFILE, default, profiles)
    }
}

/// Settles the values of one server.
struct Rules<'r> {
    common: &'r Common,
    ledger: &'r mut Ledger,
    path: String,
    said: &'r [ServerLayer],
    profile: Setting<Profile>,
}

impl Rules<'_> {
    fn policy(mut self, name: Option<Arc<str>>, at: Location, launch: Option<Launch>) -> ServerPolicy {
        let permissions = self.said.iter().map(|server| &server.permissions);
        let permissions = permissions.fold(Permissions::default(), Permissions::and);
        let rate_limits = self.said.iter().flat_map(|server| server.rate_limits.iter().cloned());
        let arguments: Vec<_> =
            self.said.iter().flat_map(|server| server.arguments.iter().cloned()).collect();
        let min_protocol_version = self.min_protocol_version();
        ServerPolicy {
            min_protocol_version,
            narrowed: self.common.roles_narrow || !permissions.are_none() || !arguments.is_empty(),
            arguments,
            principal: None,
            permissions,
            rate_limits: rate_limits.chain(self.common.rate_limits.iter().cloned()).collect(),
            content: self.common.scanning.rules(name.as_deref(), self.profile.value),
            sampling: self.sampling(),
            elicitation: self.elicitation(),
            pins: self.pins(),
            supervision: self.supervision(),
            profile: self.profile.value,
            profile_at: self.profile.at,
            name,
            at,
            launch,
        }
    }

    /// What each layer says about the server, or else about all.
    fn min_protocol_version(&mut self) -> Said<Revision> {
        let versions = self.common.versions.iter().enumerate().map(|(layer, general)| {
            let own = self.said.iter().find(|server| server.layer == layer);
            own.and_then(|server| server.min_protocol_version.clone()).or_else(|| general.clone())
        });
        let path = format!("{}.min_protocol_version", self.path);
        gateway::version(self.ledger, path, self.profile.value, versions)
    }

    fn sampling(&mut self) -> Sampling {
        // The strict profile holds that a server has no business with the client's model unless told so.
        let enabled = self.profile.value != Profile::Strict;
        let audit = Strictness::Words(&["basic", "verbose"]);
        Sampling {
            enabled: self.settle("policy.sampling.enabled", Strictness::OFF, enabled, |server| {
                server.sampling.enabled.clone()
            }),
            max_tokens: optional(self.settle(
                "policy.sampling.max_tokens",
                Strictness::Smaller,
                None,
                |server| server.sampling.max_tokens.clone().map(|said| said.map(Some)),
            )),
            rate_limit: self
                .tightest("policy.sampling.rate_limit", |server| server.sampling.rate_limit.as_ref()),
            audit: self.settle("policy.sampling.audit", audit, SamplingAudit::default(), |server| {
                server.sampling.audit.clone()
            }),
        }
    }

    fn elicitation(&mut self) -> Elicitation {
        Elicitation {
            enabled: self.settle("policy.elicitation.enabled", Strictness::OFF, true, |server| {
                server.elicitation.enabled.clone()
            }),
            rate_limit: self
                .tightest("policy.elicitation.rate_limit", |server| server.elicitation.rate_limit.as_ref()),
            secrets: self.settle("policy.elicitation.secrets", Strictness::ACTION, Action::Block, |server| {
                server.elicitation.secrets.clone()
            }),
        }
    }

    /// What each layer says about the server, or else about all.
    fn pins(&mut self) -> PinSettings {
        let said = self.common.pins.iter().enumerate().map(|(layer, general)| {
            let own = self.said.iter().find(|server| server.layer == layer).map(|server| &server.pins);
            own.map_or_else(|| general.clone(), |own| own.or(general))
        });
        let said: Vec<_> = said.collect();
        pins::settle(self.ledger, &format!("{}.pins", self.path), self.profile.value, &said)
    }

    fn supervision(&mut self) -> Supervision {
        let default = Supervision::default();
        let start = default.start_timeout.as_secs();
        let share = self.settle("share", Strictness::OFF, default.share, |server| server.share.clone());
        let start =
            self.settle("start_timeout", Strictness::Smaller, start, |server| server.start_timeout.clone());
        let request = self.settle("request_timeout", Strictness::Smaller, None, |server| {
            server.request_timeout.clone().map(|said| said.map(Some))
        });
        Supervision {
            share: share.value,
            start_timeout: Duration::from_secs(start.value),
            request_timeout: request.value.map(Duration::from_secs),
        }
    }

    fn settle<T: Clone + serde::Serialize>(
        &mut self,
        key: &str,
        strictness: Strictness,
        default: T,
        said: impl Fn(&ServerLayer) -> Said<T>,
    ) -> Setting<T> {
        let default = built_in(self.profile.value, default);
        self.ledger.settle(format!("{}.{key}", self.path), strictness, default, self.said.iter().map(said))
    }

    /// The smallest of the limits; with bursts as large as their counts, it contains the others.
    fn tightest(
        &mut self,
        key: &str,
        said: impl Fn(&ServerLayer) -> Option<&RateLimit>,
    ) -> Option<RateLimit> {
        let settled = self.settle(key, Strictness::Smaller, None, |server| {
            said(server).map(|limit| Setting::new(Some(limit.count), limit.at.clone()))
        });
        self.said.iter().filter_map(said).find(|limit| limit.at == settled.at).cloned()
    }
}

fn optional<T>(setting: Setting<Option<T>>) -> Option<Setting<T>> {
    Some(Setting::new(setting.value?, setting.at))
}
