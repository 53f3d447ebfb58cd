use std::sync::Arc;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wire::Revision;

use crate::{ApiKey, ArgumentPolicy, Exemption, Flow, Policy, RateLimit, ServerPolicy, roles::Role};

impl Policy {
    /// Fills in the hash of everything else.
    ///
    /// Hashed are the effective rules, with patterns as they match. The command, arguments,
    /// environment and address of a server are left out: they decide nothing, and they can hold
    /// secrets. So are the section `daemon` and places in files.
    pub(crate) fn hashed(mut self) -> Self {
        let servers: serde_json::Map<String, Value> =
            self.servers.iter().map(|(name, server)| (name.to_string(), describe(server))).collect();
        let effective = json!({
            "servers": servers,
            "fallback": describe(&self.fallback),
            "limits": {
                "max_frame_bytes": self.limits.max_frame_bytes,
                "max_depth": self.limits.max_depth,
                "max_in_flight": self.limits.max_in_flight,
                "big_integers": self.limits.big_integers,
            },
            "audit": { "enabled": self.audit.enabled, "retention_days": self.audit.retention_days },
            "gateway": {
                "allowed_hosts": self.gateway.allowed_hosts,
                "allowed_origins": self.gateway.allowed_origins,
                "min_protocol_version": self.gateway.min_protocol_version.map(Revision::name),
                "auth": self.gateway.auth.mode,
                "api_keys": self.gateway.auth.api_keys.iter().map(api_key).collect::<Value>(),
            },
            "reload": self.reload.require_confirmation,
            "roles": self.roles.iter().map(|roles| roles.iter().map(role).collect()).collect::<Vec<Value>>(),
        });
        let digest = Sha256::digest(effective.to_string().as_bytes());
        self.hash = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        self
    }
}

fn describe(server: &ServerPolicy) -> Value {
    let content = &server.content;
    let actions = content.scanner().numbered().map(|(id, detector)| {
        let cell = |flow| content.action(id, flow).0.as_str();
        json!([detector.name, cell(Flow::Request), cell(Flow::Response)])
    });
    let exemptions: Vec<_> = content.exemptions().iter().map(Exemption::describe).collect();
    json!({
        "profile": server.profile,
        "permissions": server.permissions.describe(),
        "arguments": describe_arguments(&server.arguments),
        "content": { "threshold": content.threshold().percent(), "actions": actions.collect::<Vec<_>>() },
        "custom": content.custom_patterns(),
        "packs": content.pack_digests(),
        "advertised": content.advertised(),
        "exemptions": exemptions,
        "rate_limits": describe_limits(&server.rate_limits),
        "sampling": {
            "enabled": server.sampling.enabled.value,
            "max_tokens": server.sampling.max_tokens.as_ref().map(|tokens| tokens.value),
            "rate_limit": server.sampling.rate_limit.as_ref().map(RateLimit::describe),
            "audit": server.sampling.audit.value,
        },
        "elicitation": {
            "enabled": server.elicitation.enabled.value,
            "rate_limit": server.elicitation.rate_limit.as_ref().map(RateLimit::describe),
            "secrets": server.elicitation.secrets.value,
        },
        "min_protocol_version": server.min_protocol_version.as_ref().map(|version| version.value.name()),
        "pins": server.pins.describe(),
        "supervision": {
            "share": server.supervision.share,
            "start_timeout": server.supervision.start_timeout.as_secs(),
            "request_timeout": server.supervision.request_timeout.map(|timeout| timeout.as_secs()),
        },
    })
}

/// In what is hashed, a key is its digest.
fn api_key(key: &ApiKey) -> Value {
    json!([key.principal.name, key.principal.groups, key.hash.to_string()])
}

fn role(role: &Role) -> Value {
    json!({
        "name": &*role.name,
        "users": role.users,
        "groups": role.groups,
        "permissions": role.permissions.describe(),
        "arguments": describe_arguments(&role.arguments),
        "rate_limits": describe_limits(&role.rate_limits),
    })
}

fn describe_arguments(arguments: &[Arc<ArgumentPolicy>]) -> Value {
    arguments.iter().map(|policy| policy.describe()).collect()
}

fn describe_limits(limits: &[RateLimit]) -> Value {
    limits.iter().map(RateLimit::describe).collect()
}
