//! Payloads: what an argument becomes dangerous by, once a server opens, fetches or runs it. Where structure says more
//! than words: paths, addresses, shells, SQL, markup. What is recognised by its words stands in the packs alone.
//!
//! A path in a message is only text; a path in an argument called `path` is opened. So these detectors look at arguments
//! (and at the URIs of resources) only, each at the kinds that its rule names.

mod host;
mod markup;
mod path;
mod reading;
mod shell;
mod sql;
mod url;
mod variable_call;

use std::ops::Range;

use reading::Reading;

use crate::catalogue::Confidence;
use crate::pack::{Find, Rule, Where};
use crate::place::{Place, Places};
use crate::scanner::{DetectorId, Hit, Text};

/// What these detectors find; the rule that is called by `native: { name }` says what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Payload {
    Traversal,
    ParentFolder,
    SensitiveFile,
    SystemFile,
    NullByte,
    RemoteShare,
    RemoteFile,
    MetadataService,
    DisguisedAddress,
    InternalAddress,
    RebindingName,
    DangerousScheme,
    FileScheme,
    DeceptiveAuthority,
    OpenRedirect,
    LookalikeHost,
    RawAddress,
    Injection,
    SuspectedInjection,
    BareCommand,
    ObfuscatedCommand,
    SmuggledLine,
    SqlInjection,
    SuspectedSqlInjection,
    DestructiveQuery,
    SystemQuery,
    QueryTautology,
    ActiveMarkup,
    Markup,
    ScriptAddress,
    ForeignPort,
    Unread,
    VariableCall,
}

const PAYLOADS: [(Payload, &str); 33] = [
    (Payload::Traversal, "traversal"),
    (Payload::ParentFolder, "parent_folder"),
    (Payload::SensitiveFile, "sensitive_file"),
    (Payload::SystemFile, "system_file"),
    (Payload::NullByte, "null_byte"),
    (Payload::RemoteShare, "remote_share"),
    (Payload::RemoteFile, "remote_file"),
    (Payload::MetadataService, "metadata_service"),
    (Payload::DisguisedAddress, "disguised_address"),
    (Payload::InternalAddress, "internal_address"),
    (Payload::RebindingName, "rebinding_name"),
    (Payload::DangerousScheme, "dangerous_scheme"),
    (Payload::FileScheme, "file_scheme"),
    (Payload::DeceptiveAuthority, "deceptive_authority"),
    (Payload::OpenRedirect, "open_redirect"),
    (Payload::LookalikeHost, "lookalike_host"),
    (Payload::RawAddress, "raw_address"),
    (Payload::Injection, "shell_injection"),
    (Payload::SuspectedInjection, "suspected_shell_injection"),
    (Payload::BareCommand, "bare_command"),
    (Payload::ObfuscatedCommand, "obfuscated_command"),
    (Payload::SmuggledLine, "smuggled_line"),
    (Payload::SqlInjection, "sql_injection"),
    (Payload::SuspectedSqlInjection, "suspected_sql_injection"),
    (Payload::DestructiveQuery, "destructive_query"),
    (Payload::SystemQuery, "system_query"),
    (Payload::QueryTautology, "query_tautology"),
    (Payload::ActiveMarkup, "active_markup"),
    (Payload::Markup, "markup"),
    (Payload::ScriptAddress, "script_address"),
    (Payload::ForeignPort, "foreign_port"),
    (Payload::Unread, "unread_argument"),
    (Payload::VariableCall, "variable_call"),
];

impl Payload {
    /// The one of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        PAYLOADS.iter().find(|(_, known)| *known == name).map(|(payload, _)| *payload)
    }
}

/// The rule of a payload.
#[derive(Clone, Copy, Debug)]
struct Enabled {
    id: DetectorId,
    places: Places,
    confidence: Confidence,
}

/// The enabled detectors of payloads.
#[derive(Debug)]
pub(crate) struct Payloads {
    enabled: [Option<Enabled>; PAYLOADS.len()],
}

impl Default for Payloads {
    fn default() -> Self {
        Self { enabled: [None; PAYLOADS.len()] }
    }
}

/// An argument that is looked at, and who is told of what is found.
struct Argument<'a> {
    text: &'a str,
    /// It, as the most lenient server reads it.
    read: &'a [u8],
    /// Whether characters of ASCII were written longer than UTF-8 allows.
    overlong: bool,
    kind: Where,
    payloads: &'a Payloads,
    hits: &'a mut Vec<Hit>,
}

/// The kinds of places that the detectors know what to look for in.
const JUDGED: [Where; 6] = [Where::Path, Where::Url, Where::Uri, Where::Value, Where::Command, Where::Query];

impl Payloads {
    /// Takes up a rule that asks for detectors of this module.
    pub(crate) fn enable(&mut self, id: DetectorId, rule: &Rule, places: Places) {
        let named = |find: &Find| match find {
            Find::Native(native) => Payload::named(&native.name),
            _ => None,
        };
        for payload in rule.find.iter().filter_map(named) {
            if let Some(slot) = self.enabled.get_mut(payload as usize) {
                *slot = Some(Enabled { id, places, confidence: Confidence::new(rule.confidence) });
            }
        }
    }

    /// Appends what the text would do in the place where it stands. Where that is not known, nothing is.
    pub(crate) fn scan(&self, text: Text<'_>, hits: &mut Vec<Hit>) {
        let Some(kind) = text.place.kind().filter(|kind| JUDGED.contains(kind)) else { return };
        let reading = match kind {
            // The escapes of a query are for whoever asks it.
            Where::Query => Reading::plain(text.text.as_bytes()),
            _ => reading::read(text.text.as_bytes()),
        };
        let overlong = reading.overlong;
        let mut argument =
            Argument { text: text.text, read: &reading.bytes, overlong, kind, payloads: self, hits };
        path::scan(&mut argument);
        url::scan(&mut argument);
        shell::scan(&mut argument);
        sql::scan(&mut argument);
        markup::scan(&mut argument);
        variable_call::scan(&mut argument);
    }
}

impl<'a> Argument<'a> {
    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// Whether something in it was escaped.
    fn is_encoded(&self) -> bool {
        self.read != self.bytes()
    }

    /// Reports something in a part of the text, if a rule asks for it here.
    fn report(&mut self, payload: Payload, span: Range<usize>) {
        let Some(Some(rule)) = self.payloads.enabled.get(payload as usize) else { return };
        if !rule.places.include(Place::new(self.kind)) {
            return;
        }
        let start = self.text.floor_char_boundary(span.start);
        let end = self.text.ceil_char_boundary(span.end);
        if start < end {
            let confidence = rule.confidence;
            self.hits.push(Hit { detector: rule.id, span: start..end, confidence, disguise: None });
        }
    }

    /// Reports something in a part of what was read: that part of the text, or all of it where places differ.
    fn report_read(&mut self, payload: Payload, span: Range<usize>) {
        let span = if self.is_encoded() { 0..self.text.len() } else { span };
        self.report(payload, span);
    }

    /// Reports something of the text as a whole.
    fn report_all(&mut self, payload: Payload) {
        self.report(payload, 0..self.text.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::packs;

    #[test]
    fn every_payload_has_its_rule() {
        for (number, (payload, name)) in PAYLOADS.into_iter().enumerate() {
            assert_eq!(payload as usize, number);
            let rules = packs().iter().flat_map(|pack| &pack.rules);
            let asks = |find: &Find| matches!(find, Find::Native(native) if native.name == name);
            assert_eq!(rules.filter(|rule| rule.find.iter().any(asks)).count(), 1, "{name}");
        }
    }
}
