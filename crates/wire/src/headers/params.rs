use std::{borrow::Cow, collections::HashMap};

use super::{
    HeaderFault, HeaderMismatch, Shown, decoded, encode, mismatch,
    schema::{self, Param},
    single,
};
use crate::walk::{elements, member, text_of};

/// Which arguments of which tools headers say again (MCP 2026-07-28 basic/transports §Custom Headers from Tool Parameters).
#[derive(Debug, Clone, Default)]
pub struct ParamHeaders {
    /// Tools with at least one such argument.
    tools: HashMap<Box<str>, Vec<Param>>,
    invalid: Vec<InvalidTool>,
}

/// A tool whose annotations break the rules. A client over HTTP must not see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidTool {
    /// Its place in the list.
    pub index: usize,
    /// Its name.
    pub name: String,
    /// Which rule, in words for a log.
    pub reason: &'static str,
}

impl ParamHeaders {
    /// Reads the annotations in the raw `result` of `tools/list`.
    pub fn from_tools_list(result: &str) -> Self {
        let mut headers = Self::default();
        let tools = member(result, "tools").map_or("", |tools| tools.value);
        for (index, (tool, _)) in elements(tools).enumerate() {
            let Some(name) = member(tool, "name").and_then(|name| text_of(name.value)) else { continue };
            match schema::params(member(tool, "inputSchema").map_or("", |schema| schema.value)) {
                Ok(params) if params.is_empty() => {}
                Ok(params) => drop(headers.tools.insert(name.as_ref().into(), params)),
                Err(reason) => {
                    headers.invalid.push(InvalidTool { index, name: name.into_owned(), reason });
                }
            }
        }
        headers
    }

    /// Adds what another page of the same list says.
    pub fn merge(&mut self, page: Self) {
        self.tools.extend(page.tools);
        self.invalid.extend(page.invalid);
    }

    /// The tools to be left out of the list.
    pub fn invalid(&self) -> &[InvalidTool] {
        &self.invalid
    }

    /// The headers to send with a call of `tool`, values encoded. `arguments` is raw.
    pub fn expected<'a>(
        &'a self,
        tool: &str,
        arguments: Option<&'a str>,
    ) -> impl Iterator<Item = (&'a str, String)> + use<'a> {
        self.params(tool).iter().filter_map(move |param| {
            let value = Value::at(arguments?, &param.path)?;
            Some((&*param.header, encode(&value.text()).into_owned()))
        })
    }

    /// Checks that the headers of a call of `tool` say what its raw `arguments` say. Headers nobody asked for are not
    /// looked at.
    ///
    /// # Errors
    /// The first header that is missing, comes twice, cannot be read, says something else, or stands for an argument
    /// that is not there. Answer with status 400 and [`HEADER_MISMATCH`](crate::code::HEADER_MISMATCH).
    pub fn check<'h>(
        &self,
        tool: &str,
        arguments: Option<&str>,
        headers: impl Iterator<Item = (&'h str, &'h [u8])> + Clone,
    ) -> Result<(), HeaderMismatch> {
        for param in self.params(tool) {
            let body = arguments.and_then(|arguments| Value::at(arguments, &param.path));
            let said =
                single(headers.clone(), &param.header).and_then(|value| value.map(decoded).transpose());
            let fault = match (said, body) {
                (Ok(Some(said)), Some(body)) if body.is_said_by(&said) => continue,
                (Ok(None), None) => continue,
                (Ok(Some(_)), Some(_)) => HeaderFault::Differs,
                (Ok(Some(_)), None) => HeaderFault::Unexpected,
                (Ok(None), Some(_)) => HeaderFault::Missing,
                (Err(fault), _) => fault,
            };
            let path = param.path.join(".");
            let expected = format!("the value of params.arguments.{}", Shown(&path));
            return Err(mismatch(&*param.header, fault, expected));
        }
        Ok(())
    }

    fn params(&self, tool: &str) -> &[Param] {
        self.tools.get(tool).map_or(&[], Vec::as_slice)
    }
}

/// An argument that can be said in a header.
enum Value<'a> {
    Text(Cow<'a, str>),
    /// Raw.
    Number(&'a str),
    /// `true` or `false`.
    Word(&'a str),
}

impl<'a> Value<'a> {
    /// The argument at `path`; `None` if it is not there, `null`, or no plain value.
    fn at(arguments: &'a str, path: &[Box<str>]) -> Option<Self> {
        let raw = path.iter().try_fold(arguments, |object, name| Some(member(object, name)?.value))?;
        match raw.as_bytes().first()? {
            b'"' => text_of(raw).map(Self::Text),
            b'-' | b'0'..=b'9' => Some(Self::Number(raw)),
            b't' | b'f' => Some(Self::Word(raw)),
            _ => None,
        }
    }

    fn text(&self) -> Cow<'a, str> {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(raw) => integer(raw).map_or(Cow::Borrowed(raw), |number| number.to_string().into()),
            Self::Word(word) => Cow::Borrowed(word),
        }
    }

    fn is_said_by(&self, said: &str) -> bool {
        match self {
            Self::Text(text) => text == said,
            Self::Number(raw) => match integer(raw) {
                Some(number) => integer(said) == Some(number),
                None => *raw == said,
            },
            Self::Word(word) => *word == said,
        }
    }
}

/// The integer that `text` spells, within ±(2⁵³−1) and perhaps with zeros after a point: `42` is `42.0`. Every other
/// spelling stands for itself: a double would take numbers for equal that are not.
fn integer(text: &str) -> Option<i64> {
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|digit| digit == b'0') => whole,
        Some(_) => return None,
        None => text,
    };
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let plain = digits == "0" || !digits.starts_with(['0', '+', '-']);
    let number: i64 = whole.parse().ok().filter(|_| plain)?;
    (number.unsigned_abs() < 1 << 53).then_some(number)
}
