use crate::Value;

/// A draft of JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Dialect {
    Draft4,
    Draft6,
    Draft7,
    Draft2019,
    Draft2020,
}

impl Dialect {
    /// The draft that a schema names; `None` for one we do not know.
    pub(crate) fn of(schema: &Value<'_>) -> Option<Self> {
        let Some(named) = schema.get("$schema") else { return Some(Self::Draft2020) };
        let named = named.as_text()?.trim_end_matches('#');
        let (_, draft) = named.split_once("://json-schema.org/")?;
        Some(match draft {
            "draft-04/schema" => Self::Draft4,
            "draft-06/schema" => Self::Draft6,
            "draft-07/schema" => Self::Draft7,
            "draft/2019-09/schema" => Self::Draft2019,
            "draft/2020-12/schema" => Self::Draft2020,
            _ => return None,
        })
    }

    /// Whether what stands beside `$ref` counts.
    pub(crate) fn reads_beside_references(self) -> bool {
        self >= Self::Draft2019
    }
}
