use std::fmt;

use crate::Value;

/// A JSON Pointer (RFC 6901) in which the segment `*` stands for every member of an object or element of a list. A
/// member that is itself called `*` cannot be named alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer {
    segments: Vec<Segment>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    Name(String),
    Any,
}

/// Why a text is no pointer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PointerError {
    /// It begins with something else than a slash.
    #[error("a JSON Pointer begins with `/`, as in `/path`")]
    NoSlash,
    /// `~` is followed by something else than 0 or 1.
    #[error("in a JSON Pointer `~` is written `~0` and a slash in a name `~1`")]
    Escape,
    /// It has too many segments.
    #[error("a pointer has at most {} segments", Pointer::MAX_SEGMENTS)]
    TooLong,
}

impl Pointer {
    /// Most segments of a pointer.
    pub const MAX_SEGMENTS: usize = 16;

    /// Reads a pointer. The empty one stands for the arguments as a whole.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(text: &str) -> Result<Self, PointerError> {
        if text.is_empty() {
            return Ok(Self { segments: Vec::new() });
        }
        let rest = text.strip_prefix('/').ok_or(PointerError::NoSlash)?;
        let segments = rest.split('/').map(segment).collect::<Result<Vec<_>, _>>()?;
        if segments.len() > Self::MAX_SEGMENTS {
            return Err(PointerError::TooLong);
        }
        Ok(Self { segments })
    }

    pub(crate) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The argument it goes through, if it names one.
    pub(crate) fn argument(&self) -> Option<&str> {
        match self.segments.first() {
            Some(Segment::Name(name)) => Some(name),
            _ => None,
        }
    }

    /// Whether it stands for several values.
    pub fn has_wildcard(&self) -> bool {
        self.segments.contains(&Segment::Any)
    }

    /// Calls `visit` with each value it stands for, and the way to it.
    pub(crate) fn visit<'v>(&self, value: &'v Value<'_>, visit: &mut impl FnMut(&'v Value<'v>, &Way<'_>)) {
        descend(&self.segments, value, &Way::Top, visit);
    }

    /// The value of a pointer without wildcards.
    pub(crate) fn resolve<'v, 'a>(&self, value: &'v Value<'a>) -> Option<&'v Value<'a>> {
        self.segments.iter().try_fold(value, |value, segment| match segment {
            Segment::Name(name) => child(value, name),
            Segment::Any => None,
        })
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.segments.iter().try_for_each(|segment| match segment {
            Segment::Name(name) => write!(f, "/{}", escaped(name)),
            Segment::Any => f.write_str("/*"),
        })
    }
}

/// The way from the top to a value, kept on the stack: it becomes text where something is found.
pub(crate) enum Way<'w> {
    Top,
    Member(&'w Way<'w>, &'w str),
    Element(&'w Way<'w>, usize),
}

impl fmt::Display for Way<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Top => Ok(()),
            Self::Member(above, name) => write!(f, "{above}/{}", escaped(name)),
            Self::Element(above, index) => write!(f, "{above}/{index}"),
        }
    }
}

fn descend<'v>(
    segments: &[Segment],
    value: &'v Value<'_>,
    way: &Way<'_>,
    visit: &mut impl FnMut(&'v Value<'v>, &Way<'_>),
) {
    let [first, rest @ ..] = segments else {
        visit(value, way);
        return;
    };
    match (first, value) {
        (Segment::Any, Value::Object(members)) => {
            for (name, value) in members {
                descend(rest, value, &Way::Member(way, name), visit);
            }
        }
        (Segment::Any, Value::List(elements)) => {
            for (index, value) in elements.iter().enumerate() {
                descend(rest, value, &Way::Element(way, index), visit);
            }
        }
        (Segment::Name(name), _) => {
            if let Some(value) = child(value, name) {
                descend(rest, value, &Way::Member(way, name), visit);
            }
        }
        _ => {}
    }
}

/// The member of that name or the element of that number.
fn child<'v, 'a>(value: &'v Value<'a>, name: &str) -> Option<&'v Value<'a>> {
    match value {
        Value::Object(_) => value.get(name),
        Value::List(elements) => elements.get(index(name)?),
        _ => None,
    }
}

/// The number of an element (RFC 6901 §4): without leading zeros.
pub(crate) fn index(name: &str) -> Option<usize> {
    let plain = name.bytes().all(|byte| byte.is_ascii_digit()) && (name == "0" || !name.starts_with('0'));
    if plain { name.parse().ok() } else { None }
}

fn segment(text: &str) -> Result<Segment, PointerError> {
    if text == "*" {
        return Ok(Segment::Any);
    }
    let mut name = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        name.push(match c {
            '~' => match characters.next() {
                Some('0') => '~',
                Some('1') => '/',
                _ => return Err(PointerError::Escape),
            },
            c => c,
        });
    }
    Ok(Segment::Name(name))
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pointer: &str, json: &str) -> Vec<String> {
        let (value, mut found) = (Value::read(json).unwrap_or(Value::Null), Vec::new());
        let Ok(pointer) = Pointer::parse(pointer) else { return found };
        pointer.visit(&value, &mut |value, way| found.push(format!("{way}={}", value.to_json())));
        found
    }

    #[test]
    fn pointers_find_what_they_name() {
        let json = r#"{"a":[{"b":1},{"b":2},3],"c/d":{"~":4},"0":5,"":6}"#;
        assert_eq!(found("/a/1/b", json), ["/a/1/b=2"]);
        assert_eq!(found("/a/*/b", json), ["/a/0/b=1", "/a/1/b=2"]);
        assert_eq!(found("/c~1d/~0", json), ["/c~1d/~0=4"]);
        assert_eq!(found("/c~1d/*", json), ["/c~1d/~0=4"]);
        assert_eq!(found("/0", json), ["/0=5"]);
        assert_eq!(found("/", json), ["/=6"]);
        assert_eq!(found("", "7"), ["=7"]);
        for nothing in ["/a/01", "/a/-", "/a/3", "/x", "/a/0/b/c", "/0/*"] {
            assert_eq!(found(nothing, json), [""; 0], "{nothing}");
        }
    }

    #[test]
    fn what_is_no_pointer_is_an_error() {
        assert_eq!(Pointer::parse("path"), Err(PointerError::NoSlash));
        assert_eq!(Pointer::parse("/~2"), Err(PointerError::Escape));
        assert_eq!(Pointer::parse("/a~"), Err(PointerError::Escape));
        assert_eq!(Pointer::parse(&"/a".repeat(17)), Err(PointerError::TooLong));
        assert_eq!(
            Pointer::parse("/a~1b/*/~0").map(|pointer| pointer.to_string()),
            Ok("/a~1b/*/~0".to_owned())
        );
    }
}
