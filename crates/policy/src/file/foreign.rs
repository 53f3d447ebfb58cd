//! Keys by which other guards for MCP know what has another name here.

/// A key of another guard, and ours for it.
static KEYS: [(&str, &str); 22] = [
    ("target", "servers.NAME.url"),
    ("target_url", "servers.NAME.url"),
    ("upstream", "servers.NAME.url"),
    ("bearer_token", "servers.NAME.upstream_auth_token"),
    ("token", "servers.NAME.upstream_auth_token"),
    ("host", "gateway.listen"),
    ("listen_host", "gateway.listen"),
    ("port", "gateway.listen"),
    ("listen_port", "gateway.listen"),
    ("bind", "gateway.listen"),
    ("tls_cert_path", "gateway.tls.cert"),
    ("tls_key_path", "gateway.tls.key"),
    ("trusted_hosts", "gateway.allowed_hosts"),
    ("cors_origins", "gateway.allowed_origins"),
    ("max_sse_connections", "gateway.limits.max_streams"),
    ("api_key", "auth.api_keys"),
    ("api_keys", "auth.api_keys"),
    ("allowlisted_tools", "servers.NAME.policy.permissions.allowed_tools"),
    ("allow", "servers.NAME.policy.permissions.allowed_tools"),
    ("denylisted_tools", "servers.NAME.policy.permissions.denied_tools"),
    ("deny", "servers.NAME.policy.permissions.denied_tools"),
    ("log_dir", "audit.path"),
];

/// What a key of another guard is called here.
pub(crate) fn ours(key: &str) -> Option<&'static str> {
    KEYS.iter().find(|(known, _)| *known == key).map(|(_, ours)| *ours)
}
