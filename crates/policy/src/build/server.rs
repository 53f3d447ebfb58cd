use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{Builder, remote::host};
use crate::{
    Action, Launch, Setting, Transport,
    file::{
        At, Given, Place,
        schema::{
            COUNT, ElicitationFile, REQUEST_SECONDS, SECONDS, SamplingFile, ServerFile, ServerPolicyFile,
        },
    },
    layer::{ElicitationLayer, SamplingLayer, ServerLayer},
    rate_limit::server_scope,
};

/// What the keys and the buckets of a server begin with.
struct Scope {
    path: String,
    bucket: String,
}

impl Builder<'_, '_> {
    pub(super) fn server(&mut self, name: &At<String>, file: &ServerFile) -> ServerLayer {
        self.name("server", name);
        let of_the_base = self.overlays(name, file);
        let none = ServerPolicyFile::default();
        let policy = file.policy.value().unwrap_or(&none);
        let scope = Scope {
            path: format!("servers.{}.policy", name.value),
            bucket: self.part.bucket(&server_scope(Some(&name.value))),
        };
        let Scope { path, bucket } = &scope;
        // Only looked at where it is needed: what is wrong with it is said once, beside the program.
        let working = policy.arguments.0.as_ref().and(file.cwd.0.as_ref()).and_then(|cwd| self.expanded(cwd));
        let working = working.filter(|cwd| Path::new(cwd).is_absolute());
        ServerLayer {
            layer: 0,
            name: name.value.as_str().into(),
            at: self.report.location(name.place),
            profile: self.choice(&file.profile),
            launch: if of_the_base { None } else { Some(self.launch(name.place, file)) },
            launch_written: self.launch_written(file),
            share: self.flag(&file.share),
            start_timeout: self.number("start_timeout", &file.start_timeout, &SECONDS),
            request_timeout: self.number("request_timeout", &file.request_timeout, &REQUEST_SECONDS),
            min_protocol_version: self.revision(&file.min_protocol_version),
            locked: self.flag(&policy.locked),
            pins: self.pins(&file.pins),
            permissions: self.permissions(&policy.permissions, &format!("{path}.permissions")),
            rate_limits: self.rate_limits(&policy.rate_limit, &format!("{path}.rate_limit"), bucket),
            arguments: self.arguments(&policy.arguments, &format!("{path}.arguments"), working.as_deref()),
            sampling: self.sampling(&policy.sampling, &scope),
            elicitation: self.elicitation(&policy.elicitation, &scope),
        }
    }

    fn sampling(&mut self, given: &Given<SamplingFile>, scope: &Scope) -> SamplingLayer {
        let Some(file) = given.value() else { return SamplingLayer::default() };
        let path = format!("{}.sampling.rate_limit", scope.path);
        SamplingLayer {
            enabled: self.flag(&file.enabled),
            max_tokens: self.number("max_tokens", &file.max_tokens, &COUNT),
            rate_limit: self.per_minute(&file.rate_limit, path, &format!("{} sampling", scope.bucket)),
            audit: self.choice(&file.audit),
        }
    }

    fn elicitation(&mut self, given: &Given<ElicitationFile>, scope: &Scope) -> ElicitationLayer {
        let Some(file) = given.value() else { return ElicitationLayer::default() };
        let path = format!("{}.elicitation.rate_limit", scope.path);
        ElicitationLayer {
            enabled: self.flag(&file.enabled),
            rate_limit: self.per_minute(&file.rate_limit, path, &format!("{} elicitation", scope.bucket)),
            secrets: self.choice(&file.secrets).map(|secrets| secrets.map(Action::from)),
        }
    }

    fn launch(&mut self, server: Place, file: &ServerFile) -> Launch {
        let transport = match (file.transport.value(), &file.command.0, &file.url.0) {
            (Some(transport), _, _) => *transport,
            (None, None, Some(_)) => Transport::Http,
            (None, _, _) => Transport::Stdio,
        };
        let command = self.text(&file.command).map(|said| said.value);
        let url = self.text(&file.url).map(|said| said.value);
        let cwd = self.text(&file.cwd).map(|said| PathBuf::from(said.value));
        if transport == Transport::Stdio {
            self.stdio(server, file);
        } else {
            self.http(server, file, url.as_deref());
        }
        let args = file.args.value().map(Vec::as_slice).unwrap_or_default();
        let args = args.iter().filter_map(|argument| self.expanded(argument)).collect();
        let mut env = BTreeMap::new();
        for (key, value) in file.env.value().map(|entries| entries.0.as_slice()).unwrap_or_default() {
            if key.value.is_empty() || key.value.contains(['=', '\0']) {
                self.fault(
                    key.place,
                    "this is no name of an environment variable",
                    "use letters, digits and `_`",
                );
            }
            if let Some(value) = self.expanded(value) {
                env.insert(key.value.clone(), value);
            }
        }
        Launch {
            transport,
            command,
            args,
            env,
            cwd,
            headers: self.headers(file),
            token: self.token(file),
            remote: self.remote(file),
            era: self.choice(&file.era).map(|said| said.value).unwrap_or_default(),
            url,
        }
    }

    fn launch_written(&self, file: &ServerFile) -> Vec<(String, Setting<String>)> {
        let mut written = Vec::new();
        let mut take =
            |key: &str, place, text: String| written.push((key.to_owned(), self.said(place, text)));
        if let Some(at) = &file.transport.0 {
            take("transport", at.place, at.value.as_str().to_owned());
        }
        for (key, given) in [("command", &file.command), ("cwd", &file.cwd), ("url", &file.url)] {
            if let Some(at) = &given.0 {
                take(key, at.place, at.value.clone());
            }
        }
        if let Some(at) = &file.args.0 {
            let args: Vec<_> = at.value.iter().map(|argument| argument.value.as_str()).collect();
            take("args", at.place, format!("{args:?}"));
        }
        for (key, place) in file.of_url() {
            let Some(place) = place.filter(|_| key != "headers") else { continue };
            take(key, place, self.report.source(place).trim().to_owned());
        }
        if let Some(at) = &file.era.0 {
            take("era", at.place, at.value.as_str().to_owned());
        }
        for (section, entries) in [("env", &file.env), ("headers", &file.headers)] {
            for (name, value) in entries.value().map(|entries| entries.0.as_slice()).unwrap_or_default() {
                take(&format!("{section}.{}", name.value), value.place, String::new());
            }
        }
        written
    }

    fn stdio(&mut self, server: Place, file: &ServerFile) {
        for (key, place) in file.of_url() {
            if let Some(place) = place {
                self.fault(place, format!("`{key}` is only used with a `url`"), format!("remove `{key}`"));
            }
        }
        if let Some(url) = &file.url.0 {
            self.fault(
                url.place,
                "`url` is not used with transport `stdio`",
                "a server has either a `command` or a `url`; remove what does not fit",
            );
        } else if file.command.0.is_none() {
            self.fault(
                server,
                "this server has no `command`",
                "add `command:` with the program that is the server, or `url:` with its address",
            );
        }
    }

    fn http(&mut self, server: Place, file: &ServerFile, url: Option<&str>) {
        let unused = [
            ("command", file.command.0.as_ref().map(|at| at.place)),
            ("args", file.args.0.as_ref().map(|at| at.place)),
            ("env", file.env.0.as_ref().map(|at| at.place)),
            ("cwd", file.cwd.0.as_ref().map(|at| at.place)),
            ("share", file.share.0.as_ref().map(|at| at.place)),
        ];
        for (key, place) in unused {
            if let Some(place) = place {
                let message = format!("`{key}` is only used with transport `stdio`");
                self.fault(
                    place,
                    message,
                    format!("remove `{key}`, or start the server by a `command` in place of a `url`"),
                );
            }
        }
        match &file.url.0 {
            None => self.fault(server, "this server has no `url`", "add `url:` with the server's address"),
            Some(at) => {
                let Some(url) = url else { return };
                let authority = url.split_once("://").map_or("", |(_, rest)| rest);
                if authority.split(['/', '?', '#']).next().is_some_and(|authority| authority.contains('@')) {
                    let help = "put them into `headers`, as `Authorization`";
                    self.fault(at.place, "a user name or password in an address is not sent", help);
                } else if host(url).is_none() {
                    let help = "begin with `https://` (or `http://`) and a host";
                    self.fault(at.place, "this is no web address", help);
                }
            }
        }
    }
}
