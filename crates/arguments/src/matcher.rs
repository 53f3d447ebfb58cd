//! What a value may be.

mod express;
mod host;
mod network;
mod path;
mod pattern;

use std::fmt;

pub use self::{host::Host, network::Network, path::Zone};
use crate::{Number, Type, Value};

/// What a value may be. A value of another type than the matcher speaks of does not match.
#[derive(Clone, Debug)]
pub struct Matcher(Kind);

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// One of these values; `constant` when there can only be one.
    Enum {
        values: Vec<Value<'static>>,
        constant: bool,
    },
    /// A text of this form, anchored at both ends.
    Pattern(pattern::Pattern),
    Range {
        min: Option<Limit>,
        max: Option<Limit>,
    },
    Length {
        min: Option<usize>,
        max: Option<usize>,
    },
    Count {
        min: Option<usize>,
        max: Option<usize>,
    },
    Host(Vec<Host>),
    Cidr(Vec<Network>),
    PathWithin(Vec<Zone>),
    OneOfType(Vec<Type>),
    Not(Box<Matcher>),
}

/// One end of a range.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// The number.
    pub number: Number<'static>,
    /// Whether the number itself is outside.
    pub exclusive: bool,
}

impl Limit {
    /// A limit; none if the text is no JSON number.
    pub fn new(number: &str, exclusive: bool) -> Option<Self> {
        match Value::read(number).ok()?.into_owned() {
            Value::Number(number) => Some(Self { number, exclusive }),
            _ => None,
        }
    }
}

/// Why there is no such matcher.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct MatcherError(pub(crate) String);

impl Matcher {
    /// This value and no other.
    pub fn constant(value: Value<'static>) -> Self {
        Self(Kind::Enum { values: vec![value], constant: true })
    }

    /// One of these values.
    ///
    /// # Errors
    /// If there is none.
    pub fn one_of(values: Vec<Value<'static>>) -> Result<Self, MatcherError> {
        filled(&values)?;
        Ok(Self(Kind::Enum { values, constant: false }))
    }

    /// A text that begins with one of these.
    ///
    /// # Errors
    /// If there is none, or too much of them.
    pub fn prefix<'t>(prefixes: impl IntoIterator<Item = &'t str>) -> Result<Self, MatcherError> {
        Ok(Self(Kind::Pattern(pattern::Pattern::prefixes(prefixes)?)))
    }

    /// A text that one of these globs matches as a whole: `*` stands for any characters but `/`, `**` for any characters,
    /// `?` for one character but `/`.
    ///
    /// # Errors
    /// If there is none, or too much of them.
    pub fn glob<'t>(globs: impl IntoIterator<Item = &'t str>) -> Result<Self, MatcherError> {
        Ok(Self(Kind::Pattern(pattern::Pattern::globs(globs)?)))
    }

    /// A text that one of these regular expressions matches as a whole: they are anchored at both ends.
    ///
    /// # Errors
    /// If there is none, or one that cannot be compiled or becomes too large.
    pub fn regex<'t>(expressions: impl IntoIterator<Item = &'t str>) -> Result<Self, MatcherError> {
        Ok(Self(Kind::Pattern(pattern::Pattern::expressions(expressions)?)))
    }

    /// A number between limits.
    ///
    /// # Errors
    /// If there is no limit, or no number between them.
    pub fn range(min: Option<Limit>, max: Option<Limit>) -> Result<Self, MatcherError> {
        if let (Some(min), Some(max)) = (&min, &max) {
            let open = min.exclusive || max.exclusive;
            if min.number > max.number || (open && min.number == max.number) {
                return Err(MatcherError("no number lies between these limits".to_owned()));
            }
        }
        if min.is_none() && max.is_none() {
            return Err(MatcherError("a range has a smallest number, a largest, or both".to_owned()));
        }
        Ok(Self(Kind::Range { min, max }))
    }

    /// A text of so many characters.
    ///
    /// # Errors
    /// If there is no limit, or nothing between them.
    pub fn length(min: Option<usize>, max: Option<usize>) -> Result<Self, MatcherError> {
        between(min, max)?;
        Ok(Self(Kind::Length { min, max }))
    }

    /// A list of so many elements or an object of so many members.
    ///
    /// # Errors
    /// If there is no limit, or nothing between them.
    pub fn count(min: Option<usize>, max: Option<usize>) -> Result<Self, MatcherError> {
        between(min, max)?;
        Ok(Self(Kind::Count { min, max }))
    }

    /// A URL or a bare host, with or without a port, on one of these hosts. See [`Host::parse`].
    ///
    /// # Errors
    /// If there is none.
    pub fn host(hosts: Vec<Host>) -> Result<Self, MatcherError> {
        filled(&hosts)?;
        Ok(Self(Kind::Host(hosts)))
    }

    /// A URL or a bare host that is an address of one of these networks.
    ///
    /// # Errors
    /// If there is none.
    pub fn cidr(networks: Vec<Network>) -> Result<Self, MatcherError> {
        filled(&networks)?;
        Ok(Self(Kind::Cidr(networks)))
    }

    /// A path in one of these zones, as far as its text tells: see [`Zone`].
    ///
    /// # Errors
    /// If there is none.
    pub fn path_within(zones: Vec<Zone>) -> Result<Self, MatcherError> {
        filled(&zones)?;
        Ok(Self(Kind::PathWithin(zones)))
    }

    /// A value of one of these types.
    ///
    /// # Errors
    /// If there is none.
    pub fn one_of_type(types: Vec<Type>) -> Result<Self, MatcherError> {
        filled(&types)?;
        Ok(Self(Kind::OneOfType(types)))
    }

    /// Everything that another does not match.
    #[must_use]
    pub fn except(other: Self) -> Self {
        Self(Kind::Not(Box::new(other)))
    }

    /// The name of the matcher in a configuration.
    pub fn name(&self) -> &'static str {
        match &self.0 {
            Kind::Enum { constant: true, .. } => "const",
            Kind::Enum { .. } => "enum",
            Kind::Pattern(pattern) => pattern.name(),
            Kind::Range { .. } => "range",
            Kind::Length { .. } => "length",
            Kind::Count { .. } => "count",
            Kind::Host(_) => "host",
            Kind::Cidr(_) => "cidr",
            Kind::PathWithin(_) => "path_within",
            Kind::OneOfType(_) => "one_of_type",
            Kind::Not(_) => "not",
        }
    }

    /// Whether a value matches.
    pub fn matches(&self, value: &Value<'_>) -> bool {
        match (&self.0, value) {
            (Kind::Enum { values, .. }, _) => values.iter().any(|known| known.same_as(value)),
            (Kind::Pattern(pattern), Value::Text(text)) => pattern.is_match(text),
            (Kind::Range { min, max }, Value::Number(number)) => {
                let above = min.as_ref().is_none_or(|min| match min.exclusive {
                    true => *number > min.number,
                    false => *number >= min.number,
                });
                let below = max.as_ref().is_none_or(|max| match max.exclusive {
                    true => *number < max.number,
                    false => *number <= max.number,
                });
                above && below
            }
            (Kind::Length { min, max }, Value::Text(text)) => within(text.chars().count(), *min, *max),
            (Kind::Count { min, max }, Value::List(elements)) => within(elements.len(), *min, *max),
            (Kind::Count { min, max }, Value::Object(members)) => within(members.len(), *min, *max),
            (Kind::Host(hosts), Value::Text(text)) => host::any(hosts, text),
            (Kind::Cidr(networks), Value::Text(text)) => host::address(text)
                .is_some_and(|address| networks.iter().any(|known| known.contains(address))),
            (Kind::PathWithin(zones), Value::Text(text)) => zones.iter().any(|zone| zone.contains(text)),
            (Kind::OneOfType(types), _) => types.iter().any(|known| known.holds(value)),
            (Kind::Not(other), _) => !other.matches(value),
            _ => false,
        }
    }

    /// The zones, if it is about paths. What a path leads to on a disk (links, mounts) has to be found out by the caller.
    pub fn zones(&self) -> Option<&[Zone]> {
        match &self.0 {
            Kind::PathWithin(zones) => Some(zones),
            _ => None,
        }
    }
}

/// What would match, for a person and a model.
impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Enum { values, .. } => list(f, "", values.iter().map(Value::to_json)),
            Kind::Pattern(pattern) => pattern.fmt(f),
            Kind::Range { min, max } => {
                let sign = |limit: &Limit, sign: &str| {
                    format!("{sign}{} {}", if limit.exclusive { "" } else { "=" }, limit.number.as_str())
                };
                let ends = [min.as_ref().map(|min| sign(min, ">")), max.as_ref().map(|max| sign(max, "<"))];
                write!(f, "a number {}", ends.into_iter().flatten().collect::<Vec<_>>().join(" and "))
            }
            Kind::Length { min, max } => write!(f, "a text of {} characters", span(*min, *max)),
            Kind::Count { min, max } => write!(f, "a list or object of {}", span(*min, *max)),
            Kind::Host(hosts) => list(f, "on the host ", hosts.iter().map(ToString::to_string)),
            Kind::Cidr(networks) => list(f, "an address in ", networks.iter().map(ToString::to_string)),
            Kind::PathWithin(zones) => list(f, "a path within ", zones.iter().map(ToString::to_string)),
            Kind::OneOfType(types) => {
                list(f, "of type ", types.iter().map(|known| known.as_str().to_owned()))
            }
            Kind::Not(other) => write!(f, "anything but {other}"),
        }
    }
}

/// Some of many, with `or` between them.
fn list(
    f: &mut fmt::Formatter<'_>,
    before: &str,
    items: impl ExactSizeIterator<Item = String>,
) -> fmt::Result {
    let more = items.len().saturating_sub(SHOWN);
    let shown: Vec<String> = items.take(SHOWN).collect();
    write!(f, "{before}{}", shown.join(" or "))?;
    if more > 0 { write!(f, " or one of {more} more") } else { Ok(()) }
}

/// Alternatives that a message names.
const SHOWN: usize = 8;

fn span(min: Option<usize>, max: Option<usize>) -> String {
    match (min, max) {
        (Some(min), Some(max)) if min == max => min.to_string(),
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("at least {min}"),
        (None, Some(max)) => format!("at most {max}"),
        (None, None) => "any number of".to_owned(),
    }
}

fn within(size: usize, min: Option<usize>, max: Option<usize>) -> bool {
    min.is_none_or(|min| size >= min) && max.is_none_or(|max| size <= max)
}

fn between(min: Option<usize>, max: Option<usize>) -> Result<(), MatcherError> {
    match (min, max) {
        (None, None) => Err(MatcherError("give `min`, `max`, or both".to_owned())),
        (Some(min), Some(max)) if min > max => Err(MatcherError("`min` is larger than `max`".to_owned())),
        _ => Ok(()),
    }
}

fn filled<T>(items: &[T]) -> Result<(), MatcherError> {
    if items.is_empty() { Err(MatcherError("an empty list matches nothing".to_owned())) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
