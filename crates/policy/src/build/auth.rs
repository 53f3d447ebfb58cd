use identity::Principal;

use super::Builder;
use crate::{
    ApiKey, AuthMode,
    file::{
        At, nearest,
        schema::{ApiKeyFile, AuthFile},
    },
    layer::AuthLayer,
    roles::Role,
};

impl Builder<'_, '_> {
    /// How callers are recognised. Keys that name roles become users of these.
    pub(super) fn auth(&mut self, file: &AuthFile, roles: &mut [Role]) -> AuthLayer {
        let mode = self.choice(&file.mode);
        let Some(keys) = &file.api_keys.0 else { return AuthLayer { mode, api_keys: Vec::new() } };
        let mode = mode.unwrap_or_else(|| self.said(keys.place, AuthMode::ApiKey));
        if mode.value != AuthMode::ApiKey {
            let help = format!("remove `mode: {}`, or the keys", mode.value.as_str());
            self.fault(keys.place, "these keys would be asked of nobody", help);
        }
        let mut api_keys: Vec<ApiKey> = Vec::new();
        for (name, given) in &keys.value.0 {
            self.name("caller's", name);
            self.key_roles(name, &given.value, roles);
            let Some(key) = self.api_key(name, given) else { continue };
            match api_keys.iter().find(|known| known.hash == key.hash) {
                Some(known) => {
                    let message = format!("this is the key of `{}`, too", known.principal.name);
                    self.fault(given.place, message, "give each caller a key of its own");
                }
                None => api_keys.push(key),
            }
        }
        AuthLayer { mode: Some(mode), api_keys }
    }

    fn api_key(&mut self, name: &At<String>, given: &At<ApiKeyFile>) -> Option<ApiKey> {
        let groups = self.members(&given.value.groups);
        let Some(key) = &given.value.key.0 else {
            let help = "add `key: ${VARIABLE}`, or `key: sha256:…` with its hash; what stands before the colon is the caller's name";
            self.fault(given.place, "this caller has no key", help);
            return None;
        };
        self.report.hide(key.place);
        match self.expanded(key)?.parse() {
            Ok(hash) => Some(ApiKey {
                hash,
                principal: Principal { name: name.value.clone(), groups },
                at: self.report.location(name.place),
            }),
            Err(error) => {
                let help = format!("{error}; `mcp-guard api-key` makes one");
                self.fault(key.place, "this cannot be an API key", help);
                None
            }
        }
    }

    fn key_roles(&mut self, name: &At<String>, file: &ApiKeyFile, roles: &mut [Role]) {
        for written in file.roles.value().map(Vec::as_slice).unwrap_or_default() {
            if let Some(role) = roles.iter_mut().find(|role| *role.name == *written.value) {
                role.users.push(name.value.clone());
                continue;
            }
            // The role of those to whom no other applies need not be written down.
            if written.value != crate::roles::DEFAULT {
                let help = match nearest(&written.value, roles.iter().map(|role| &*role.name)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "add it to `auth.roles` of this file; without it nothing would narrow what this caller may do".to_owned(),
                };
                self.fault(written.place, format!("there is no role `{}`", written.value), help);
            }
        }
    }
}
