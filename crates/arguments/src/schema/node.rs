use regex::Regex;

use crate::{Number, Type, Value};

/// A subschema: what is asked of a value, and the numbers of the subschemas that ask more.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// `false` matches nothing.
    pub(super) never: bool,
    /// Keywords that are asked for in this subschema.
    pub(super) checks: Vec<Check>,
    /// Whether properties or items are counted that nothing else has looked at.
    pub(super) unevaluated_properties: Option<usize>,
    pub(super) unevaluated_items: Option<usize>,
}

#[derive(Clone, Debug)]
pub(super) enum Check {
    Type(Vec<Type>),
    Enum(Vec<Value<'static>>),
    Minimum { limit: Number<'static>, exclusive: bool },
    Maximum { limit: Number<'static>, exclusive: bool },
    MultipleOf(Number<'static>),
    MinLength(usize),
    MaxLength(usize),
    Pattern(Regex),
    MinItems(usize),
    MaxItems(usize),
    UniqueItems,
    MinProperties(usize),
    MaxProperties(usize),
    Required(Vec<String>),
    DependentRequired(String, Vec<String>),
    DependentSchema(String, usize),
    Properties(Box<Properties>),
    PropertyNames(usize),
    Items(Items),
    Contains { schema: usize, min: usize, max: Option<usize> },
    AllOf(Vec<usize>),
    AnyOf(Vec<usize>),
    OneOf(Vec<usize>),
    Not(usize),
    If { condition: usize, then: Option<usize>, otherwise: Option<usize> },
    Reference(usize),
}

/// `properties`, `patternProperties` and `additionalProperties`.
#[derive(Clone, Debug, Default)]
pub(super) struct Properties {
    pub(super) named: Vec<(String, usize)>,
    pub(super) like: Vec<(Regex, usize)>,
    pub(super) others: Option<usize>,
}

/// Those at the beginning, and all others.
#[derive(Clone, Debug, Default)]
pub(super) struct Items {
    pub(super) first: Vec<usize>,
    pub(super) others: Option<usize>,
}
