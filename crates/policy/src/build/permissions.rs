use super::Builder;
use crate::{
    Pattern, PatternError, PatternList, PermissionLists, Permissions,
    file::{At, Given, Place, expand, schema::PermissionsFile},
};

impl Builder<'_, '_> {
    /// Compiles the lists at the key `scope`; problems go to the report and leave no permissions behind.
    pub(super) fn permissions(&mut self, given: &Given<PermissionsFile>, scope: &str) -> Permissions {
        let Some(file) = given.value() else { return Permissions::default() };
        let lists = PermissionLists {
            scope: scope.into(),
            allowed_tools: self.list(&file.allowed_tools),
            denied_tools: self.list(&file.denied_tools),
            allowed_resources: self.list(&file.allowed_resources),
            denied_resources: self.list(&file.denied_resources),
            allowed_prompts: self.list(&file.allowed_prompts),
            denied_prompts: self.list(&file.denied_prompts),
        };
        let given = [
            &file.allowed_tools,
            &file.denied_tools,
            &file.allowed_resources,
            &file.denied_resources,
            &file.allowed_prompts,
            &file.denied_prompts,
        ];
        Permissions::compile(&lists).unwrap_or_else(|errors| {
            for error in errors {
                let written = given
                    .iter()
                    .filter_map(|list| list.0.as_ref())
                    .flat_map(|list| list.value.iter().map(|pattern| pattern.place).chain([list.place]));
                let place = written.into_iter().find(|place| self.report.location(*place) == error.at);
                self.bad_pattern(place.unwrap_or_default(), &error);
            }
            Permissions::default()
        })
    }

    pub(super) fn bad_pattern(&mut self, place: Place, error: &PatternError) {
        let message = format!("bad pattern in `{}`: {}", error.list, error.reason);
        let help = "a pattern that begins with `^` is a regular expression; any other is a glob with `*`, `**` and `?`";
        self.report.add(place, message, "not usable", Some(help.to_owned()));
    }

    pub(super) fn list(&mut self, given: &Given<Vec<At<String>>>) -> Option<PatternList> {
        let list = given.0.as_ref()?;
        let mut patterns = Vec::with_capacity(list.value.len());
        for written in &list.value {
            let Some(pieces) = expand(written, self.lookup, self.report) else { continue };
            if pieces.iter().all(|piece| piece.text.is_empty()) {
                self.fault(written.place, "this pattern is empty and would match nothing", "remove it");
                continue;
            }
            patterns.push(Pattern::expanded(&written.value, self.report.location(written.place), pieces));
        }
        Some(PatternList { at: self.report.location(list.place), patterns })
    }
}
