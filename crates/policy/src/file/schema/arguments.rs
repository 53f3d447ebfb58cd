use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use super::{At, Entries, Given};
use crate::Action;

/// What the arguments of some tools may be. Everything in it holds together, and with every other entry for the same tool.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Arguments")]
pub(crate) struct ArgumentsFile {
    /// The tools it is about; if left out, all. Patterns are read as in `denied_tools`: any form of the name counts.
    pub(crate) tools: Given<Vec<At<String>>>,
    /// What is asked of single values.
    pub(crate) rules: Given<Vec<At<ArgumentRuleFile>>>,
    /// What is done with arguments that nothing in this entry names.
    #[schemars(extend("default" = UnknownArguments::default()))]
    pub(crate) unknown: Given<UnknownArguments>,
    /// A JSON Schema for the arguments as a whole: a subset of 2020-12, in which references are written `#/$defs/NAME`.
    pub(crate) schema: Given<Value>,
    /// Conditions in CEL, all of which have to hold. They know `tool`, `arguments`, `principal` (`user`, `groups`, `roles`), `server`, `era` and `time` (`unix`, `year`, `month`, `day`, `hour`, `minute`, `weekday` from 1 for Monday, `date`; all in UTC).
    pub(crate) when: Given<Vec<At<String>>>,
    /// Arguments given to calls that do not give them themselves, with their values.
    pub(crate) set: Given<Entries<Value>>,
    /// Arguments given to every call, whatever it says itself, with their values. Callers are not shown them.
    pub(crate) force: Given<Entries<Value>>,
    /// Arguments taken out of every call. Callers are not shown them.
    pub(crate) strip: Given<Vec<At<String>>>,
    /// What is done with a call that violates any of it.
    #[schemars(extend("default" = ArgumentAction::default()))]
    pub(crate) action: Given<ArgumentAction>,
}

/// What is asked of the values at one place. All matchers given have to match.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "ArgumentRule")]
pub(crate) struct ArgumentRuleFile {
    /// Where: a JSON Pointer into the arguments, such as `/path`. `*` stands for every element of a list or member of an object: `/files/*/path`.
    pub(crate) at: Given<String>,
    /// With `true`, there has to be a value.
    #[schemars(extend("default" = false))]
    pub(crate) required: Given<bool>,
    /// This value and no other.
    pub(crate) r#const: Given<Value>,
    /// One of these values.
    pub(crate) r#enum: Given<Vec<Value>>,
    /// A text that begins with one of these.
    pub(crate) prefix: Given<Vec<At<String>>>,
    /// A text like one of these: `*` stands for any characters but `/`, `**` for any characters, `?` for one character but `/`.
    pub(crate) glob: Given<Vec<At<String>>>,
    /// A text that one of these regular expressions matches as a whole.
    pub(crate) regex: Given<Vec<At<String>>>,
    /// A number between limits, compared exactly.
    pub(crate) range: Given<RangeFile>,
    /// A text of so many characters.
    pub(crate) length: Given<SizeFile>,
    /// A list of so many elements, or an object of so many members.
    pub(crate) count: Given<SizeFile>,
    /// A URL or bare host on one of these hosts: `example.org`, `*.example.org` for all names below it, `192.0.2.1`.
    pub(crate) host: Given<Vec<At<String>>>,
    /// A URL or bare host that is an address in one of these networks, such as `10.0.0.0/8`.
    pub(crate) cidr: Given<Vec<At<String>>>,
    /// A path in one of these folders, component by component, `..` resolved, in every way it may be read.
    pub(crate) path_within: Given<Vec<At<String>>>,
    /// A value of one of these types of JSON Schema.
    pub(crate) one_of_type: Given<Vec<At<String>>>,
    /// Nothing that matches all of these.
    pub(crate) not: Given<MatchersFile>,
}

/// What a value must not be.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Matchers")]
pub(crate) struct MatchersFile {
    /// This value.
    pub(crate) r#const: Given<Value>,
    /// One of these values.
    pub(crate) r#enum: Given<Vec<Value>>,
    /// A text that begins with one of these.
    pub(crate) prefix: Given<Vec<At<String>>>,
    /// A text like one of these globs.
    pub(crate) glob: Given<Vec<At<String>>>,
    /// A text that one of these regular expressions matches as a whole.
    pub(crate) regex: Given<Vec<At<String>>>,
    /// A number between limits.
    pub(crate) range: Given<RangeFile>,
    /// A text of so many characters.
    pub(crate) length: Given<SizeFile>,
    /// A list or object of so many.
    pub(crate) count: Given<SizeFile>,
    /// A URL or bare host on one of these hosts.
    pub(crate) host: Given<Vec<At<String>>>,
    /// A URL or bare host that is an address in one of these networks.
    pub(crate) cidr: Given<Vec<At<String>>>,
    /// A path in one of these folders.
    pub(crate) path_within: Given<Vec<At<String>>>,
    /// A value of one of these types.
    pub(crate) one_of_type: Given<Vec<At<String>>>,
}

impl ArgumentRuleFile {
    pub(crate) fn matchers(&self) -> MatchersFile {
        MatchersFile {
            r#const: self.r#const.clone(),
            r#enum: self.r#enum.clone(),
            prefix: self.prefix.clone(),
            glob: self.glob.clone(),
            regex: self.regex.clone(),
            range: self.range.clone(),
            length: self.length.clone(),
            count: self.count.clone(),
            host: self.host.clone(),
            cidr: self.cidr.clone(),
            path_within: self.path_within.clone(),
            one_of_type: self.one_of_type.clone(),
        }
    }
}

/// The ends of a range of numbers.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "NumberRange")]
pub(crate) struct RangeFile {
    /// The smallest number.
    pub(crate) min: Given<Number>,
    /// The largest number.
    pub(crate) max: Given<Number>,
    /// In place of `min`: a number below the smallest.
    pub(crate) above: Given<Number>,
    /// In place of `max`: a number above the largest.
    pub(crate) below: Given<Number>,
}

/// A smallest and a largest size.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "SizeRange")]
pub(crate) struct SizeFile {
    /// At least so many.
    pub(crate) min: Given<u64>,
    /// At most so many.
    pub(crate) max: Given<u64>,
}

/// What is done with arguments that nothing names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum UnknownArguments {
    /// They pass.
    #[default]
    Allow,
    /// The call violates the entry.
    Refuse,
}

/// What is done with a call that violates an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ArgumentAction {
    /// It passes with a recorded warning. The advertised schema stays as it is.
    Warn,
    /// It waits for a person. The advertised schema stays as it is.
    Review,
    /// It does not pass.
    #[default]
    Block,
}

impl From<ArgumentAction> for Action {
    fn from(action: ArgumentAction) -> Self {
        match action {
            ArgumentAction::Warn => Self::Warn,
            ArgumentAction::Review => Self::Review,
            ArgumentAction::Block => Self::Block,
        }
    }
}
