//! The kinds of places in which the strings of a frame stand: rules look in some and not in others.

use std::ops::Range;

use inspect::{Place, Where};
use policy::{Flow, Surface};
use wire::{Frame, Kind, Method, Parsed, Part, member, unescape};

use crate::{About, Context, facts::Facts};

/// Tells where a string of one frame stands.
#[derive(Debug)]
pub(crate) struct Places<'a> {
    /// Of whatever is not told apart further.
    general: Where,
    /// The tool that is called, if one is.
    tool: &'a str,
    /// What is handed to a tool or a prompt, in the body.
    arguments: Range<usize>,
    /// Names and URIs of what is asked for, in the body.
    named: Range<usize>,
    /// What the server asks of the client, in the line.
    asks: Vec<(Range<usize>, Where)>,
    /// The member looked at last, and what it is: the elements of a list ask the same again and again.
    last: Option<(&'a str, Where)>,
}

impl<'a> Places<'a> {
    pub(crate) fn of(frame: &'a Frame<Parsed>, facts: &'a Facts<'a>, context: Context<'_>) -> Self {
        let mut places = Self {
            general: general(frame.kind(), facts.method, context),
            tool: "",
            arguments: 0..0,
            named: 0..0,
            asks: Vec::new(),
            last: None,
        };
        for ask in &facts.asks {
            let kind = if ask.method == Method::Sampling { Where::Prompt } else { Where::Ask };
            places.asks.push((ask.at..ask.at + ask.params.len(), kind));
        }
        let asked = context.flow == Flow::Request && frame.kind() == Kind::Request;
        let body = frame.body().map_or("", |(body, _)| body);
        let span = |name: &str| {
            let found = member(body, name).filter(|_| asked);
            found.map_or(0..0, |found| found.value_at..found.value_at + found.value.len())
        };
        match facts.method {
            Some(Method::ToolsCall | Method::PromptsGet) => {
                places.arguments = span("arguments");
                places.named = span("name");
                let tool = facts.targets.iter().find(|target| target.surface == Surface::Tool);
                places.tool = tool.map_or("", |tool| &tool.name);
            }
            Some(Method::Complete) => places.arguments = span("argument"),
            Some(Method::ResourcesRead | Method::ResourcesSubscribe | Method::ResourcesUnsubscribe) => {
                places.named = span("uri");
            }
            // A method of an extension, or one that only a lenient server takes for one it knows.
            None if asked => places.arguments = 0..body.len(),
            _ => {}
        }
        places
    }

    /// Where a string stands that begins at `at` in the line and is `text` in the walked part.
    pub(crate) fn at(&mut self, part: Part, text: &wire::Text<'a>, at: usize) -> Place {
        Place::new(match part {
            Part::Body if self.arguments.contains(&text.at) => self.argument(text.key),
            Part::Body if self.named.contains(&text.at) => Where::Uri,
            Part::Body => {
                let asked = self.asks.iter().find(|(span, _)| span.contains(&at));
                asked.map_or(self.general, |(_, kind)| *kind)
            }
            _ => Where::Other,
        })
    }

    fn argument(&mut self, key: Option<&'a str>) -> Where {
        let key = key.unwrap_or_default();
        if let Some((_, kind)) = self.last.filter(|(last, _)| std::ptr::eq(*last, key)) {
            return kind;
        }
        let kind = Where::argument(self.tool, &unescape(key));
        self.last = Some((key, kind));
        kind
    }
}

fn general(kind: Kind, method: Option<Method>, context: Context<'_>) -> Where {
    match (kind, context.flow) {
        (Kind::Failure, _) => Where::Error,
        // What the user filled in and what the model said: it is passed on.
        (Kind::Response, Flow::Request) => Where::Content,
        (Kind::Response, Flow::Response) => match context.answers.and_then(|about: &About| about.method) {
            Some(
                Method::Initialize
                | Method::Discover
                | Method::ToolsList
                | Method::PromptsList
                | Method::ResourcesList
                | Method::TemplatesList,
            ) => Where::Metadata,
            Some(Method::PromptsGet) => Where::Prompt,
            _ => Where::Result,
        },
        (Kind::Notification, Flow::Response) => Where::Result,
        (Kind::Request, Flow::Response) => match method {
            Some(Method::Sampling) => Where::Prompt,
            Some(Method::Elicit) => Where::Ask,
            _ => Where::Other,
        },
        (Kind::Request | Kind::Notification, Flow::Request) => Where::Other,
    }
}

#[cfg(test)]
mod tests {
    // What tests share fails the way they do.
    #![allow(clippy::unwrap_used, clippy::panic)]

    use wire::{Content, Limits, Reader, Walker};

    use super::*;

    /// The texts of a message's body, each with its kind of place.
    fn kinds(message: &str, flow: Flow, answers: Option<Method>) -> Vec<(String, Where)> {
        let about = answers.map(|method| About {
            method: Some(method),
            name: method.name().into(),
            target: None,
            revision: None,
        });
        let bytes = bytes::Bytes::from(message.to_owned());
        let Ok(Content::Single(frame)) = Reader::new(Limits::default()).read(&bytes, false) else {
            panic!("not read: {message}")
        };
        let context = Context { flow, answers: about.as_ref(), pins: None, now: 0 };
        let facts = Facts::of(&frame, flow);
        let mut places = Places::of(&frame, &facts, context);
        let mut found = Vec::new();
        for (part, raw, part_at) in frame.parts().filter(|(part, ..)| *part == Part::Body) {
            Walker::default().strings(raw, |text| {
                let kind = places.at(part, &text, part_at + text.at).kind().unwrap();
                found.push((text.raw.to_owned(), kind));
            });
        }
        found
    }

    fn kind(found: &[(String, Where)], text: &str) -> Where {
        found.iter().find(|(known, _)| known == text).unwrap().1
    }

    #[test]
    fn arguments_are_told_apart_by_their_names() {
        let call = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"write","arguments":{"path":"p","content":"c","urls":["u"],"url":"v","n":{"command":"x"}},"_meta":{"k":"m"}}}"#;
        let found = kinds(call, Flow::Request, None);
        let expected = [
            ("write", Where::Uri),
            ("p", Where::Path),
            ("c", Where::Content),
            ("v", Where::Url),
            ("x", Where::Command),
            ("m", Where::Other),
        ];
        for (text, expected) in expected {
            assert_eq!(kind(&found, text), expected, "{text}");
        }
    }

    #[test]
    fn a_method_nobody_knows_is_judged_like_a_call() {
        let call =
            r#"{"jsonrpc":"2.0","id":1,"method":"x/run","params":{"arguments":{"path":"p"},"url":"u"}}"#;
        let found = kinds(call, Flow::Request, None);
        assert_eq!((kind(&found, "p"), kind(&found, "u")), (Where::Path, Where::Url));
    }

    #[test]
    fn answers_are_what_they_answer() {
        let answer = r#"{"jsonrpc":"2.0","id":1,"result":{"a":"x"}}"#;
        for (method, expected) in [
            (Method::ToolsCall, Where::Result),
            (Method::ToolsList, Where::Metadata),
            (Method::Initialize, Where::Metadata),
            (Method::PromptsGet, Where::Prompt),
            (Method::ResourcesRead, Where::Result),
        ] {
            assert_eq!(kind(&kinds(answer, Flow::Response, Some(method)), "x"), expected);
        }
        let failure = r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}}"#;
        assert_eq!(kind(&kinds(failure, Flow::Response, None), "x"), Where::Error);
    }

    #[test]
    fn what_the_client_is_asked_is_told_apart_in_both_forms() {
        let request = r#"{"jsonrpc":"2.0","id":1,"method":"sampling/createMessage","params":{"messages":[{"role":"user","content":{"type":"text","text":"x"}}],"maxTokens":1}}"#;
        assert_eq!(kind(&kinds(request, Flow::Response, None), "x"), Where::Prompt);
        let inside = r#"{"jsonrpc":"2.0","id":1,"result":{"resultType":"inputRequired","inputRequests":{"q":{"method":"elicitation/create","params":{"message":"x","requestedSchema":{"type":"object","properties":{}}}}},"content":"y"}}"#;
        let found = kinds(inside, Flow::Response, Some(Method::ToolsCall));
        assert_eq!((kind(&found, "x"), kind(&found, "y")), (Where::Ask, Where::Result));
    }
}
