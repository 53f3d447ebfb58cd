//! What the command line says on top of the configuration.

use std::sync::Arc;

use policy::{AuthMode, ConfigError, Launch, Policy};
use serde_json::{Map, Value, json};

use crate::{args::ServeArgs, exposure, failure::Failure};

/// The server of the one-line forms.
const DEFAULT: &str = "default";

/// The options, read as the little configuration they are: one set of checks for both.
pub(super) struct Told {
    said: Policy,
    listen: bool,
    /// How the only server is reached, if the options say so.
    launch: Option<Launch>,
    /// The servers of the file that are served; all if empty.
    servers: Vec<String>,
}

impl Told {
    /// Reads the options; `key` is one more API key.
    ///
    /// # Errors
    /// What an option says cannot be.
    pub(super) fn new(args: &ServeArgs, key: Option<String>) -> Result<Self, Failure> {
        let new = key.iter().filter(|key| !args.api_keys.contains(key));
        let keys = new.chain(&args.api_keys).enumerate();
        let keys: Map<_, _> =
            keys.map(|(at, key)| (format!("key-{}", at + 1), json!({"key": literal(key)}))).collect();
        let mut file = Map::new();
        let mut gateway = Map::new();
        let mut add = |key: &str, values: &[String]| {
            if !values.is_empty() {
                gateway.insert(key.to_owned(), values.iter().map(|value| literal(value)).collect());
            }
        };
        add("listen", &args.listen);
        add("allowed_hosts", &args.allow_hosts);
        add("allowed_origins", &args.allow_origins);
        if let (Some(cert), Some(key)) = (&args.tls_cert, &args.tls_key) {
            let path = |path: &std::path::Path| literal(&path.to_string_lossy());
            gateway.insert("tls".to_owned(), json!({"cert": path(cert), "key": path(key)}));
        }
        if let Some(version) = &args.min_protocol_version {
            gateway.insert("min_protocol_version".to_owned(), version.as_str().into());
        }
        file.insert("gateway".to_owned(), gateway.into());
        if !keys.is_empty() {
            file.insert("auth".to_owned(), json!({"api_keys": keys}));
        }
        if let Some(server) = server(args)? {
            file.insert("servers".to_owned(), json!({ DEFAULT: server }));
        }
        let said =
            policy::parse(&Value::from(file).to_string(), "the command line", &|_| None).map_err(plainly)?;
        let launch = said.servers().next().and_then(|server| server.launch.clone());
        Ok(Self { launch, listen: !args.listen.is_empty(), servers: args.servers.clone(), said })
    }

    /// The policy with what the options say.
    ///
    /// # Errors
    /// It has no such server, or a gateway with it would be open to strangers where it must not.
    pub(super) fn apply(&self, policy: Policy) -> Result<Policy, ConfigError> {
        let policy = match &self.launch {
            Some(launch) => {
                let rules = self.rules(&policy)?;
                policy.with_only(DEFAULT, &rules, launch.clone())
            }
            None if self.servers.is_empty() => policy,
            None => {
                self.servers.iter().try_for_each(|name| known(&policy, name))?;
                policy.without_others(&self.servers)
            }
        };
        let (mut gateway, said) = (policy.gateway().clone(), self.said.gateway());
        if self.listen {
            gateway.listen.clone_from(&said.listen);
        }
        if said.tls.is_some() {
            gateway.tls.clone_from(&said.tls);
        }
        gateway.allowed_hosts.extend(said.allowed_hosts.iter().cloned());
        gateway.allowed_origins.extend(said.allowed_origins.iter().cloned());
        gateway.min_protocol_version = gateway.min_protocol_version.max(said.min_protocol_version);
        if !said.auth.api_keys.is_empty() {
            gateway.auth.mode = AuthMode::ApiKey;
            gateway.auth.api_keys.extend(said.auth.api_keys.iter().cloned());
            gateway.auth.keys().map_err(|error| ConfigError::plain(error.to_string(), None))?;
        }
        let policy = policy.with_gateway(gateway);
        exposure::check(&policy)?;
        Ok(policy)
    }

    /// The rules of the server that is named or the only one, as `run` takes them.
    fn rules(&self, policy: &Policy) -> Result<Arc<policy::ServerPolicy>, ConfigError> {
        let name = self.servers.first().map(String::as_str);
        name.map_or(Ok(()), |name| known(policy, name))?;
        policy.server(name).map(Arc::clone).ok_or_else(|| {
            let help = "say which with --server, or leave out --upstream and the command to serve them all";
            ConfigError::plain("the configuration has rules for several servers", Some(help))
        })
    }
}

fn known(policy: &Policy, name: &str) -> Result<(), ConfigError> {
    if policy.server(Some(name)).is_some() {
        return Ok(());
    }
    let known: Vec<_> = policy.servers().filter_map(|server| server.name.as_deref()).collect();
    let message = format!("the configuration has no server `{name}`; it has: {}", known.join(", "));
    Err(ConfigError::plain(message, None))
}

fn server(args: &ServeArgs) -> Result<Option<Value>, Failure> {
    if let [program, rest @ ..] = args.command.as_slice() {
        let rest: Value = rest.iter().map(|arg| literal(arg)).collect();
        return Ok(Some(json!({"command": literal(program), "args": rest})));
    }
    let Some(url) = &args.upstream else { return Ok(None) };
    let mut headers = Map::new();
    for header in &args.headers {
        let Some((name, value)) = header.split_once(':') else {
            return Err(Failure::new("--header takes `Name: value`; there is no colon").with_code(2));
        };
        headers.insert(name.trim().to_owned(), literal(value.trim()));
    }
    let mut server = json!({"url": literal(url), "allow_private": args.allow_private});
    if let (false, Some(server)) = (headers.is_empty(), server.as_object_mut()) {
        server.insert("headers".to_owned(), headers.into());
    }
    Ok(Some(server))
}

/// A text in which nothing is a variable: the shell has replaced what was one.
fn literal(text: &str) -> Value {
    text.replace("${", "$${").into()
}

/// Without the excerpt of a file that nobody has written.
fn plainly(error: ConfigError) -> Failure {
    let problems = error.problems().iter().map(|problem| match &problem.help {
        Some(help) => format!("{}: {help}", problem.message),
        None => problem.message.clone(),
    });
    Failure::new(problems.collect::<Vec<_>>().join("\n")).with_code(2)
}
