use super::Builder;
use crate::{
    file::{
        At, Given,
        schema::{AuthFile, RoleFile},
    },
    roles::Role,
};

impl Builder<'_, '_> {
    pub(super) fn roles(&mut self, auth: &AuthFile) -> Vec<Role> {
        let roles = auth.roles.value().map(|entries| entries.0.as_slice()).unwrap_or_default();
        roles.iter().map(|(name, role)| self.role(name, &role.value)).collect()
    }

    fn role(&mut self, name: &At<String>, file: &RoleFile) -> Role {
        self.name("role", name);
        let path = format!("auth.roles.{}", name.value);
        let bucket = self.part.bucket(&format!("role {}", name.value));
        Role {
            name: name.value.as_str().into(),
            at: self.report.location(name.place),
            users: self.members(&file.users),
            groups: self.members(&file.groups),
            permissions: self.permissions(&file.permissions, &format!("{path}.permissions")),
            arguments: self.arguments(&file.arguments, &format!("{path}.arguments"), None),
            rate_limits: self.rate_limits(&file.rate_limit, &format!("{path}.rate_limit"), &bucket),
        }
    }

    pub(super) fn members(&mut self, given: &Given<Vec<At<String>>>) -> Vec<String> {
        let written = given.value().map(Vec::as_slice).unwrap_or_default();
        let mut members = Vec::with_capacity(written.len());
        for name in written {
            match self.expanded(name) {
                Some(text) if text.is_empty() => {
                    self.fault(name.place, "this name is empty", "remove it");
                }
                Some(text) => members.push(text),
                None => {}
            }
        }
        members
    }
}
