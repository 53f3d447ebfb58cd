use std::{collections::BTreeMap, sync::Arc};

use super::{Builder, Rules};
use crate::{
    Launch, Location, Permissions, Profile, Sampling, ServerPolicy, Transport,
    file::{At, Given, Place, schema::ServerFile},
    load::Overrides,
};

/// A server's rules without those for content, which need the scanner.
pub(super) struct Draft {
    name: Arc<str>,
    at: Location,
    profile: Profile,
    profile_at: Location,
    permissions: Permissions,
    sampling: Sampling,
    launch: Launch,
}

impl Draft {
    pub(super) fn name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    pub(super) fn finish(self, rules: Rules<'_>) -> ServerPolicy {
        ServerPolicy {
            name: Some(self.name),
            at: self.at,
            profile: self.profile,
            profile_at: self.profile_at,
            permissions: self.permissions,
            content: rules(self.profile),
            sampling: self.sampling,
            launch: Some(self.launch),
        }
    }
}

impl Builder<'_, '_> {
    pub(super) fn server(
        &mut self,
        name: &At<String>,
        file: &ServerFile,
        (profile, profile_at): (Profile, &Location),
        overrides: &Overrides,
    ) -> Draft {
        let (profile, profile_at) = match &file.profile.0 {
            Some(own) if overrides.profile.is_none() => (own.value, self.report.location(own.place)),
            _ => (profile, profile_at.clone()),
        };
        let policy = file.policy.value();
        let permissions = policy.and_then(|policy| policy.permissions.value());
        let sampling = policy.and_then(|policy| policy.sampling.value()).map(|file| &file.enabled);
        Draft {
            name: self.name(name),
            at: self.report.location(name.place),
            profile,
            permissions: permissions.map(|lists| self.permissions(lists)).unwrap_or_default(),
            sampling: self.sampling(sampling, profile),
            launch: self.launch(name.place, file),
            profile_at,
        }
    }

    fn sampling(&mut self, given: Option<&Given<bool>>, profile: Profile) -> Sampling {
        let place = given.and_then(|given| given.0.as_ref()).map(|at| at.place);
        Sampling {
            enabled: given.is_none_or(|given| self.flag(given, true)),
            at: place.map_or(Location::BuiltIn(profile), |place| self.report.location(place)),
        }
    }

    fn name(&mut self, name: &At<String>) -> Arc<str> {
        let usable = |c: char| !c.is_control() && !c.is_whitespace();
        if name.value.is_empty() || name.value.len() > 64 || !name.value.chars().all(usable) {
            self.fault(
                name.place,
                "this server name cannot be used",
                "a name is 1 to 64 bytes long, without spaces; it is given to `-s` and shown in records",
            );
        }
        name.value.as_str().into()
    }

    fn launch(&mut self, server: Place, file: &ServerFile) -> Launch {
        let transport = file.transport.value().copied().unwrap_or_default();
        let command = self.text(&file.command);
        let url = self.text(&file.url);
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
        Launch { transport, command, args, env, url }
    }

    fn stdio(&mut self, server: Place, file: &ServerFile) {
        if let Some(url) = &file.url.0 {
            self.fault(
                url.place,
                "`url` is not used with transport `stdio`",
                "add `transport: streamable-http` (or `sse`), or remove `url`",
            );
        } else if file.command.0.is_none() {
            self.fault(
                server,
                "this server has no `command`",
                "add `command:` with the program that is the server",
            );
        }
    }

    fn http(&mut self, server: Place, file: &ServerFile, url: Option<&str>) {
        let unused = [
            ("command", file.command.0.as_ref().map(|at| at.place)),
            ("args", file.args.0.as_ref().map(|at| at.place)),
            ("env", file.env.0.as_ref().map(|at| at.place)),
        ];
        for (key, place) in unused {
            if let Some(place) = place {
                let message = format!("`{key}` is only used with transport `stdio`");
                self.fault(place, message, format!("remove `{key}`, or the line with `transport`"));
            }
        }
        match &file.url.0 {
            None => self.fault(server, "this server has no `url`", "add `url:` with the server's address"),
            Some(at) => {
                let host =
                    url.and_then(|url| url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")));
                let usable = host.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
                if url.is_some() && !usable {
                    self.fault(
                        at.place,
                        "this is no web address",
                        "begin with `https://` (or `http://`) and a host",
                    );
                }
            }
        }
    }
}
