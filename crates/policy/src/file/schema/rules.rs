use schemars::JsonSchema;
use serde::Deserialize;

use super::{At, Given};
use crate::{Action, Advertised};

/// The rules that say what is looked for, and what is done with their findings. `mcp-guard rules list` shows them all.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Rules")]
pub(crate) struct RulesFile {
    /// Files with rules of your own, from the folder of this file; they stand beside the built-in ones. Their form is `docs/rules.schema.json`.
    pub(crate) packs: Given<Vec<At<String>>>,
    /// What follows the findings of single rules or families of rules. Of several that match, the last one holds; `pii.actions` of the same type goes before them all.
    pub(crate) overrides: Given<Vec<At<OverrideFile>>>,
    /// What becomes of a tool, prompt, resource or the instructions of a server when a rule finds something in its own description that would be altered or stopped anywhere else. Secrets and personal data are redacted there as they are elsewhere.
    #[schemars(extend("default" = Advertised::default()))]
    pub(crate) advertised: Given<Advertised>,
    /// Findings that count as none: narrow, for a while, and for a reason.
    pub(crate) exemptions: Given<Vec<At<ExemptionFile>>>,
}

/// What follows the findings of some rules, in place of what the rule packs say.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "RuleOverride")]
pub(crate) struct OverrideFile {
    /// The id of a rule, as `secret.github_token`; a `*` at its end stands for any rest: `injection.*`. Required.
    pub(crate) rule: Given<String>,
    /// What follows in messages from the client to the server.
    pub(crate) request: Given<Action>,
    /// What follows in messages from the server to the client.
    pub(crate) response: Given<Action>,
}

/// Findings that count as none, in one place, for a while.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Exemption")]
pub(crate) struct ExemptionFile {
    /// The server, by its name under `servers`. Required.
    pub(crate) server: Given<String>,
    /// The tool, prompt or resource that is asked for or answers, by its exact name or URI; any if left out.
    pub(crate) tool: Given<String>,
    /// Where in the message, as a JSON Pointer such as `/params/arguments/body`; a `*` in place of a name or number stands for any one, `**` at the end for all below. Anywhere if left out.
    pub(crate) pointer: Given<String>,
    /// The id of the rule, as `secret.generic_password`. Required.
    pub(crate) rule: Given<String>,
    /// The last day on which it holds, in UTC, as `2027-01-31`. Required.
    pub(crate) expires: Given<String>,
    /// Why it is right. Required; it stands in every record.
    pub(crate) reason: Given<String>,
}
