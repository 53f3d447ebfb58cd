//! Whether those are kept out who should be.

use std::{fs, path::Path};

use policy::{AuthMode, ConfigError, GatewaySettings, Listen, Policy, Profile, TokenSource};

use crate::os;

/// Refuses a gateway that nobody could use or, in the strict profile, anybody could.
pub(crate) fn check(policy: &Policy) -> Result<(), ConfigError> {
    let gateway = policy.gateway();
    if gateway.auth.mode == AuthMode::ApiKey && gateway.auth.api_keys.is_empty() {
        let help = "add `auth.api_keys` to the configuration, or give --api-key or MCP_GUARD_API_KEY";
        return Err(ConfigError::plain("callers must show an API key, and there is none", Some(help)));
    }
    let open = gateway.open_to_strangers();
    if policy.profile() == Profile::Strict && !open.is_empty() {
        let message = format!("{} would let in everybody who can reach it", list(&open));
        return Err(ConfigError::plain(message, Some(REMEDIES)));
    }
    Ok(())
}

const REMEDIES: &str =
    "ask for a key with --api-key or `auth.api_keys`, or listen at 127.0.0.1 or a Unix socket";

/// What the person who starts it should know.
pub(crate) fn warnings(policy: &Policy) -> Vec<String> {
    let tokens = policy.servers().filter_map(|server| match &server.launch.as_ref()?.token {
        Some(TokenSource::File(path)) => secret_file(path).err(),
        _ => None,
    });
    in_the_open(policy.gateway()).into_iter().chain(tokens).collect()
}

/// What is wrong with a file that holds a secret, and the remedy.
pub(crate) fn secret_file(path: &Path) -> Result<(), String> {
    let shown = path.display();
    let found = fs::metadata(path).map_err(|error| format!("{shown} cannot be read: {error}"))?;
    match os::access(&found).is_some_and(|access| access.mode & 0o077 != 0) {
        true => Err(format!(
            "other users can read or change {shown}, which holds a secret: run `chmod 600` on it"
        )),
        false => Ok(()),
    }
}

fn in_the_open(gateway: &GatewaySettings) -> Vec<String> {
    let mut warnings = Vec::new();
    let open = gateway.open_to_strangers();
    if !open.is_empty() {
        warnings.push(format!("{} lets in everybody who can reach it: {REMEDIES}", list(&open)));
    }
    let public: Vec<_> = gateway.listen.iter().filter(|at| at.is_public()).collect();
    if gateway.tls.is_none() && !public.is_empty() {
        let clear = "speaks plain HTTP, so that keys and messages can be read on their way: give --tls-cert and --tls-key, \
                     or put a proxy that speaks TLS before it";
        warnings.push(format!("{} {clear}", list(&public)));
    }
    warnings
}

fn list(addresses: &[&Listen]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether it is refused, and the beginnings of the warnings.
    fn told(config: &str) -> (bool, Vec<String>) {
        let policy = policy::parse(config, "f", &|_| None).unwrap();
        let first =
            |warning: String| warning.split_once(',').map_or(warning.clone(), |(first, _)| first.to_owned());
        (check(&policy).is_err(), warnings(&policy).into_iter().map(first).collect())
    }

    #[test]
    fn strangers_are_warned_of_and_in_strict_kept_out() {
        let open =
            "0.0.0.0:1 lets in everybody who can reach it: ask for a key with --api-key or `auth.api_keys`";
        let clear = "0.0.0.0:1 speaks plain HTTP";
        let public = "gateway: {listen: ['127.0.0.1:1', '0.0.0.0:1', 'unix:/x']}\n";
        let with = |more: &str| told(&format!("{public}{more}"));
        assert_eq!(with(""), (false, vec![open.to_owned(), clear.to_owned()]));
        assert!(with("profile: strict").0 && with("profile: strict\nauth: {mode: none}").0);
        let keys = "auth: {api_keys: {a: {key: 0123456789abcdefg}}}";
        assert_eq!(with(&format!("profile: strict\n{keys}")), (false, vec![clear.to_owned()]));
        assert_eq!(told("profile: strict\ngateway: {listen: ['[::1]:1', 'unix:/x']}"), (false, vec![]));
        assert_eq!(
            told("gateway: {listen: ['[::ffff:127.0.0.1]:1'], tls: {cert: /c, key: /k}}"),
            (false, vec![])
        );
        assert!(told("auth: {mode: api_key}").0, "nobody could come in");
    }
}
