//! What a file may say, as a base and as an overlay.

use super::Builder;
use crate::{
    file::{
        At, Place, nearest,
        schema::{ConfigFile, GatewayFile, ServerFile},
    },
    layer::{Layer, Part},
};

impl Builder<'_, '_> {
    pub(super) fn check_part(&mut self, file: &ConfigFile) {
        match self.part {
            Part::Alone => {}
            Part::Base => {
                if let Some(extends) = &file.extends.0 {
                    self.fault(
                        extends.place,
                        "a base cannot extend another file",
                        "put the rules of both into one base",
                    );
                }
                if let Some(daemon) = &file.daemon.0 {
                    self.fault(
                        daemon.place,
                        "a base cannot say where and how a daemon runs",
                        "`daemon` belongs into the files of the machines, where clients look for it",
                    );
                }
                self.no_machine(file);
            }
            Part::Overlay(_) => {
                if let Some(overlay) = &file.overlay.0 {
                    self.fault(
                        overlay.place,
                        "a file with `extends` cannot be extended itself",
                        "remove `overlay`; it belongs into the base",
                    );
                }
            }
        }
    }

    /// A base says how strict every gateway is at least, not where one listens and who calls it.
    fn no_machine(&mut self, file: &ConfigFile) {
        let none = GatewayFile::default();
        let gateway = file.gateway.value().unwrap_or(&none);
        let keys = [
            ("gateway.listen", gateway.listen.0.as_ref().map(|at| at.place)),
            ("gateway.tls", gateway.tls.0.as_ref().map(|at| at.place)),
            ("gateway.allowed_hosts", gateway.allowed_hosts.0.as_ref().map(|at| at.place)),
            ("gateway.allowed_origins", gateway.allowed_origins.0.as_ref().map(|at| at.place)),
            ("gateway.shutdown_timeout", gateway.shutdown_timeout.0.as_ref().map(|at| at.place)),
            ("auth.api_keys", file.auth.value().and_then(|auth| Some(auth.api_keys.0.as_ref()?.place))),
        ];
        for (key, place) in keys {
            if let Some(place) = place {
                let help = format!("`{key}` belongs into the files of the machines");
                self.fault(place, "a base cannot say where a gateway listens and who calls it", help);
            }
        }
    }

    /// Whether the server is one of the base's, of which only the rules may be given. Problems go to the report.
    pub(super) fn overlays(&mut self, name: &At<String>, file: &ServerFile) -> bool {
        let Part::Overlay(base) = self.part else { return false };
        let Some(known) = base.servers.iter().find(|server| *server.name == *name.value) else {
            self.new_server(name, base);
            return false;
        };
        if let Some(locked) = known.locked.as_ref().filter(|locked| locked.value) {
            let message = format!("the base locks the server `{}` ({})", name.value, locked.at);
            self.fault(name.place, message, "remove what this file says about it");
            return true;
        }
        for (key, place) in connection(file) {
            let message = format!("`{key}` of a server of the base cannot be changed");
            let help = format!("remove `{key}`; the server is given in {}", known.at);
            self.fault(place, message, help);
        }
        true
    }

    fn new_server(&mut self, name: &At<String>, base: &Layer) {
        if base.new_servers.as_ref().is_some_and(|allowed| allowed.value) {
            return;
        }
        let known = base.servers.iter().map(|server| &*server.name);
        let help = match nearest(&name.value, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "remove it, or have `overlay: {new_servers: true}` put into the base".to_owned(),
        };
        let message = format!("the base has no server `{}`, and allows no new ones", name.value);
        self.fault(name.place, message, help);
    }
}

/// The keys that say how a server is reached, and where they stand.
fn connection(file: &ServerFile) -> impl Iterator<Item = (&'static str, Place)> {
    let keys = [
        ("transport", file.transport.0.as_ref().map(|at| at.place)),
        ("command", file.command.0.as_ref().map(|at| at.place)),
        ("args", file.args.0.as_ref().map(|at| at.place)),
        ("env", file.env.0.as_ref().map(|at| at.place)),
        ("url", file.url.0.as_ref().map(|at| at.place)),
        ("cwd", file.cwd.0.as_ref().map(|at| at.place)),
        ("era", file.era.0.as_ref().map(|at| at.place)),
    ];
    keys.into_iter().chain(file.of_url()).filter_map(|(key, place)| Some((key, place?)))
}
