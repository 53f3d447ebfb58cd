//! Configuration read, checked and compiled into one immutable [`Policy`].
//!
//! Files are touched only while a policy is loaded. Afterwards a policy is data: every permission
//! pattern, detector rule and limit is compiled, and each remembers the [`Location`] it came from so
//! that a verdict can name the line that caused it.

mod action;
mod advertised;
mod arguments;
mod audit;
mod auth;
mod build;
mod compose;
mod content;
mod daemon;
mod effective;
mod error;
mod exemption;
mod extends;
mod file;
mod gateway;
mod hash;
mod header;
mod layer;
mod limits;
mod load;
mod location;
mod pack;
mod permissions;
mod pins;
mod places;
mod policy;
mod private;
mod profile;
mod rate_limit;
mod reference;
mod reload;
mod remote;
mod reverse;
mod roles;
mod setting;

pub use self::{
    action::{Action, Flow},
    advertised::Advertised,
    arguments::ArgumentPolicy,
    audit::AuditSettings,
    auth::{ApiKey, AuthMode, AuthSettings},
    content::ContentRules,
    daemon::{DaemonSettings, LogLevel},
    effective::{Change, Effect, Entry, Strictness, diff},
    error::{ConfigError, Problem},
    exemption::Exemption,
    extends::{Fetch, FetchError, FetchLimits, Offline},
    gateway::{GatewayLimits, GatewaySettings, Listen, ListenError, TlsFiles},
    header::{HeaderError, check_header},
    limits::{BigIntegers, Limits},
    load::{Overrides, load, load_daemon, load_using, load_with, parse, parse_extending, parse_with},
    location::Location,
    pack::read_pack,
    permissions::{
        Judgement, Pattern, PatternError, PatternList, PermissionLists, Permissions, Refusal, Surface,
    },
    pins::{DriftAction, OnDrift, PinMode, PinSettings},
    places::{locate, state_dir},
    policy::{Launch, Policy, Principal, ServerPolicy, Supervision, Transport},
    profile::{Profile, UnknownProfile},
    rate_limit::{BucketKey, RateLimit},
    reference::{json_schema, reference_markdown, rules_schema},
    reload::ReloadSettings,
    remote::{CircuitBreaker, Era, KeyringEntry, Network, NetworkError, RemoteSettings, TokenSource},
    reverse::{Elicitation, Sampling, SamplingAudit},
    roles::Caller,
    setting::Setting,
};
