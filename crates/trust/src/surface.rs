use std::{collections::BTreeMap, fmt, str::FromStr};

use serde_json::{Map, Value, json};

use crate::{Digest, safe::shown};

/// What an item of a surface is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// How the server is started or reached, and what that leads to.
    Identity,
    /// Its `serverInfo`.
    ServerInfo,
    /// Its `capabilities`.
    Capabilities,
    /// Its `instructions`.
    Instructions,
    /// A tool.
    Tool,
    /// A prompt.
    Prompt,
    /// A resource.
    Resource,
    /// A template of resources.
    Template,
}

impl Kind {
    /// All of them, in the order of the lock file.
    pub const ALL: [Self; 8] = [
        Self::Identity,
        Self::ServerInfo,
        Self::Capabilities,
        Self::Instructions,
        Self::Tool,
        Self::Prompt,
        Self::Resource,
        Self::Template,
    ];

    /// The name in the lock file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::ServerInfo => "server-info",
            Self::Capabilities => "capabilities",
            Self::Instructions => "instructions",
            Self::Tool => "tool",
            Self::Prompt => "prompt",
            Self::Resource => "resource",
            Self::Template => "template",
        }
    }

    /// Whether it is one of the things a server lists, each with a name.
    pub fn is_listed(self) -> bool {
        self.list().is_some()
    }

    /// The member of a result that lists these, and the member of an element that names it.
    pub fn list(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Tool => Some(("tools", "name")),
            Self::Prompt => Some(("prompts", "name")),
            Self::Resource => Some(("resources", "uri")),
            Self::Template => Some(("resourceTemplates", "uriTemplate")),
            Self::Identity | Self::ServerInfo | Self::Capabilities | Self::Instructions => None,
        }
    }

    /// Whether new ones are part of a server's daily work: resources come and go with the data behind it.
    pub fn comes_and_goes(self) -> bool {
        self == Self::Resource
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(())
    }
}

/// One part of a surface: the whole object a server gave, its own `_meta` included, for clients act on that. The
/// `_meta` of the answer around it is not part of anything: it is made for one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    value: Value,
    digest: Digest,
}

impl Item {
    /// The item that is this value.
    pub fn new(value: Value) -> Self {
        Self { digest: Digest::of_json(&value), value }
    }

    /// What it is.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The digest of its canonical form.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

/// What a server shows of itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Surface {
    /// The items, by kind and name; those of which there is one have the name "".
    pub items: BTreeMap<(Kind, String), Item>,
    /// The protocol revision it spoke. It is shown and not compared: it is the client's choice as much.
    pub revision: Option<String>,
}

/// A surface that cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SurfaceError {
    /// Two of a kind have one name, and clients differ in which they take.
    #[error("the server lists the {kind} \"{name}\" twice; remove one of them, or name them differently")]
    Twice {
        /// What is listed.
        kind: Kind,
        /// The name, fit to be shown.
        name: String,
    },
    /// An element of a list has no name.
    #[error("the server lists a {kind} without a {field}")]
    Nameless {
        /// What is listed.
        kind: Kind,
        /// The member that should name it.
        field: &'static str,
    },
}

impl Surface {
    /// Takes up what a server said of itself in answer to `initialize` or `server/discover`.
    pub fn introduce(&mut self, result: &Value) {
        let version = result.get("protocolVersion").and_then(Value::as_str);
        self.revision = version.map(shown).or(self.revision.take());
        for (kind, value) in introduction(result) {
            self.items.insert((kind, String::new()), Item::new(value));
        }
    }

    /// Takes up one page of a list; gives the cursor of the next one.
    ///
    /// # Errors
    /// An element has no name, or one that has come before.
    pub fn add_page(&mut self, kind: Kind, result: &Value) -> Result<Option<String>, SurfaceError> {
        let Some((field, entry)) = kind.list() else { return Ok(None) };
        for value in result.get(field).and_then(Value::as_array).into_iter().flatten() {
            let name = value.get(entry).and_then(Value::as_str);
            let name = name.ok_or(SurfaceError::Nameless { kind, field: entry })?;
            if self.items.insert((kind, name.to_owned()), Item::new(value.clone())).is_some() {
                return Err(SurfaceError::Twice { kind, name: shown(name) });
            }
        }
        Ok(result.get("nextCursor").and_then(Value::as_str).map(str::to_owned))
    }

    /// One digest for all of it.
    pub fn digest(&self) -> Digest {
        total(&self.items)
    }
}

/// What a server says of itself: what it does not say is an item, too, so that it cannot be added later unseen.
pub(crate) fn introduction(result: &Value) -> [(Kind, Value); 3] {
    let said = |name: &str| result.get(name).cloned().unwrap_or(Value::Null);
    [
        (Kind::ServerInfo, said("serverInfo")),
        (Kind::Capabilities, said("capabilities")),
        (Kind::Instructions, said("instructions")),
    ]
}

/// One digest for items.
pub(crate) fn total(items: &BTreeMap<(Kind, String), Item>) -> Digest {
    let mut all = Map::new();
    for ((kind, name), item) in items {
        let of_kind = all.entry(kind.as_str()).or_insert_with(|| json!({}));
        if let Value::Object(of_kind) = of_kind {
            of_kind.insert(name.clone(), item.digest().to_string().into());
        }
    }
    Digest::of_json(&Value::Object(all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_pages_nor_their_order_nor_that_of_keys_matter() {
        let (a, b) = (r#"{"name":"a","inputSchema":{"x":1,"y":[2]}}"#, r#"{"name":"b"}"#);
        let a2 = r#"{ "inputSchema": {"y": [2], "x": 1.0}, "name": "\u0061" }"#;
        let listed = |pages: &[&[&str]]| {
            let mut surface = Surface::default();
            for page in pages {
                let page = format!(r#"{{"tools":[{}],"_meta":{{"at":{}}}}}"#, page.join(","), pages.len());
                let page = serde_json::from_str(&page).unwrap();
                assert_eq!(surface.add_page(Kind::Tool, &page), Ok(None));
            }
            surface.digest()
        };
        let all = listed(&[&[a, b]]);
        assert_eq!(listed(&[&[b], &[a2]]), all);
        assert_eq!(listed(&[&[], &[b, a2]]), all);
        assert_ne!(listed(&[&[a]]), all);
    }

    #[test]
    fn a_name_that_comes_twice_is_an_error() {
        let mut surface = Surface::default();
        let page = json!({"tools": [{"name": "a\u{200b}"}], "nextCursor": "2"});
        assert_eq!(surface.add_page(Kind::Tool, &page), Ok(Some("2".to_owned())));
        let error = surface.add_page(Kind::Tool, &page).unwrap_err().to_string();
        assert!(error.contains(r#"the tool "a\u{200b}" twice"#), "{error}");
        let nameless = surface.add_page(Kind::Prompt, &json!({"prompts": [{}]})).unwrap_err();
        assert_eq!(nameless.to_string(), "the server lists a prompt without a name");
    }
}
