//! What a file says of rules: what follows their findings, and where these count as none.

use inspect::pack::UserPack;
use jiff::civil::Date;

use super::Builder;
use crate::{
    content::CellOverrides,
    exemption::{Exemption, PointerPattern},
    file::{
        At, Given, nearest,
        schema::{ExemptionFile, RulesFile},
    },
    layer::{ContentLayer, Part, RulesLayer},
};

impl Builder<'_, '_> {
    /// Spells out overrides by rule; what `pii.actions` says of one type goes before, and a later override before an
    /// earlier one.
    pub(super) fn overrides(&mut self, settings: &mut ContentLayer, own: &RulesLayer, file: &RulesFile) {
        let known = self.known(settings, own);
        for given in file.overrides.value().map(Vec::as_slice).unwrap_or_default().iter().rev() {
            let cells = CellOverrides {
                request: self.choice(&given.value.request),
                response: self.choice(&given.value.response),
            };
            let Some(rule) = self.required(given, "rule", &given.value.rule) else { continue };
            let matches = |id: &str| match rule.value.strip_suffix('*') {
                Some(start) => id.starts_with(start),
                None => id == rule.value,
            };
            let names: Vec<_> = known.iter().filter(|(id, _)| matches(id)).collect();
            if names.is_empty() {
                self.unknown_rule(&rule, &known);
            }
            for (_, name) in names {
                match settings.cells.iter_mut().find(|(known, _)| known == name) {
                    Some((_, cell)) => {
                        cell.request = cell.request.take().or(cells.request.clone());
                        cell.response = cell.response.take().or(cells.response.clone());
                    }
                    None => settings.cells.push((name.clone(), cells.clone())),
                }
            }
        }
    }

    pub(super) fn exemptions(
        &mut self,
        settings: &ContentLayer,
        own: &RulesLayer,
        servers: &[&str],
        file: &RulesFile,
    ) -> Vec<Exemption> {
        let given = file.exemptions.value().map(Vec::as_slice).unwrap_or_default();
        if let (Part::Overlay(_), [first, ..]) = (self.part, given) {
            self.fault(
                first.place,
                "a file with `extends` cannot exempt anything: that would loosen its base",
                "ask for the exemption in the base",
            );
            return Vec::new();
        }
        let known = self.known(settings, own);
        given.iter().filter_map(|given| self.exemption(given, servers, &known)).collect()
    }

    fn exemption(
        &mut self,
        at: &At<ExemptionFile>,
        servers: &[&str],
        known: &[(String, String)],
    ) -> Option<Exemption> {
        let given = &at.value;
        let server = self.required(at, "server", &given.server);
        let rule = self.required(at, "rule", &given.rule);
        let reason = self.required(at, "reason", &given.reason);
        let expires = self.required(at, "expires", &given.expires);
        if let Some(rule) = rule.as_ref().filter(|rule| known.iter().all(|(id, _)| *id != rule.value)) {
            self.unknown_rule(rule, known);
        }
        if let Some(server) = server.as_ref().filter(|server| !servers.contains(&server.value.as_str())) {
            let help = match nearest(&server.value, servers.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the file has: {}", servers.join(", ")),
            };
            self.fault(server.place, format!("there is no server `{}`", server.value), help);
        }
        let pointer = match &given.pointer.0 {
            None => Some(PointerPattern::anywhere()),
            Some(written) => {
                let pointer = PointerPattern::parse(&written.value);
                if pointer.is_none() {
                    let help = "write it like `/params/arguments/body`; `**` can only stand at the end";
                    self.fault(written.place, "this is no JSON Pointer", help);
                }
                pointer
            }
        };
        let expires = expires?;
        let date = expires.value.parse::<Date>().ok();
        let ends = date.and_then(|date| date.tomorrow().ok()).and_then(|day| day.in_tz("UTC").ok());
        let ends = ends.and_then(|day| u64::try_from(day.timestamp().as_second()).ok());
        if ends.is_none() {
            self.fault(expires.place, "this is no date", "write it like `2027-01-31`");
        }
        Some(Exemption {
            server: server?.value,
            tool: self.text(&given.tool).map(|tool| tool.value),
            pointer: pointer?,
            rule: rule?.value,
            until: expires.value,
            ends: ends?,
            reason: reason?.value,
            at: self.report.location(at.place),
        })
    }

    /// The ids of all rules that a file of this part can speak of, and their names.
    fn known(&self, settings: &ContentLayer, own: &RulesLayer) -> Vec<(String, String)> {
        let none = (RulesLayer::default(), ContentLayer::default());
        let (base_rules, base) = match self.part {
            Part::Overlay(base) => (&base.rules, &base.content),
            Part::Alone | Part::Base => (&none.0, &none.1),
        };
        let packs = own.packs.iter().chain(&base_rules.packs).flat_map(UserPack::detectors);
        let rules = inspect::catalogue().iter().chain(packs);
        let rules = rules.map(|known| (known.id(), known.name.to_string()));
        let custom = settings.custom.iter().chain(&base.custom);
        let custom = custom.map(|custom| (format!("pii.{}", custom.name), custom.name.clone()));
        rules.chain(custom).collect()
    }

    fn unknown_rule(&mut self, rule: &At<String>, known: &[(String, String)]) {
        let help = match nearest(&rule.value, known.iter().map(|(id, _)| id.as_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`mcp-guard rules list` shows them all".to_owned(),
        };
        self.fault(rule.place, format!("unknown rule `{}`", rule.value), help);
    }

    /// A text that has to be given, and where.
    fn required<T>(&mut self, within: &At<T>, key: &str, given: &Given<String>) -> Option<At<String>> {
        let Some(at) = &given.0 else {
            self.fault(within.place, format!("`{key}` is missing"), format!("add `{key}:`"));
            return None;
        };
        let value = self.text(given)?.value;
        Some(At { value, place: at.place })
    }
}
