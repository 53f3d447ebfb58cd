use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use wire::{
    BigIntegers, Content, Frame, Limits, Parsed, Reader, code,
    headers::{PARAM_PREFIX, ParamHeaders, Standard},
    member, text_of,
};

use crate::{
    LinkError, Replies,
    exchange::{Answer, Peer, Said, addressed, passed},
    replies::Witness,
};

/// Which arguments of the server's tools go into headers too, as its answers to `tools/list` have told.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    known: Mutex<ParamHeaders>,
}

/// Pages of a list of tools that are fetched at most, when a server wants headers we do not know.
const PAGES: usize = 32;

/// Sends one request.
pub(crate) async fn request(
    peer: &Arc<Peer>,
    parameters: &Arc<Parameters>,
    line: &Bytes,
    given: HeaderMap,
) -> Result<Replies, LinkError> {
    let frame = read(line)?;
    let has_parameters = given.keys().any(is_parameter);
    let mut base = passed(given, &peer.target);
    standard(&frame, &mut base);
    let (params, _) = frame.body().unwrap_or_default();
    let tool = (frame.method().as_deref() == Some("tools/call") && !has_parameters)
        .then(|| text_of(member(params, "name")?.value))
        .flatten();
    let arguments = member(params, "arguments").map(|arguments| arguments.value);
    let mut headers = base.clone();
    if let Some(tool) = &tool {
        parameters.say(tool, arguments, &mut headers);
    }
    let mut answer = peer.post(peer.target.uri(), headers, line.clone()).await?;
    if let Some(tool) = &tool
        && wants_other_headers(&answer)
    {
        parameters.refresh(peer, params).await?;
        parameters.say(tool, arguments, &mut base);
        answer = peer.post(peer.target.uri(), base, line.clone()).await?;
    }
    let witness = match frame.method().as_deref() {
        Some("tools/list") => Witness::Tools(Arc::clone(parameters)),
        _ => Witness::None,
    };
    match answer.said {
        Said::One(message) => {
            witness.sees(&message);
            let text = std::str::from_utf8(line).unwrap_or_default();
            Ok(Replies::one(if answer.status.is_success() { message } else { addressed(message, text) }))
        }
        Said::Stream(events) => Ok(Replies::stream(events, 1, witness, None)),
        Said::Nothing => Err(LinkError::NoAnswer),
    }
}

/// Sends what wants no answer.
pub(crate) async fn tell(peer: &Peer, line: &Bytes, given: HeaderMap) -> Result<(), LinkError> {
    let headers = headers(line, passed(given, &peer.target))?;
    peer.post(peer.target.uri(), headers, line.clone()).await?.taken()
}

impl Parameters {
    /// Reads an answer to `tools/list`, or a page of it.
    pub(crate) fn learn(&self, message: &Bytes) {
        let text = std::str::from_utf8(message).unwrap_or_default();
        if let Some(result) = member(text, "result") {
            let page = ParamHeaders::from_tools_list(result.value);
            self.known.lock().unwrap_or_else(PoisonError::into_inner).merge(page);
        }
    }

    fn say(&self, tool: &str, arguments: Option<&str>, headers: &mut HeaderMap) {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, value) in known.expected(tool, arguments) {
            insert(headers, name, &value);
        }
    }

    /// Asks for the list of tools on behalf of a call with these `params`.
    async fn refresh(&self, peer: &Peer, params: &str) -> Result<(), LinkError> {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = ParamHeaders::default();
        let meta = member(params, "_meta").map_or("{}", |meta| meta.value);
        let mut cursor = String::new();
        for page in 0..PAGES {
            let line = Bytes::from(format!(
                r#"{{"jsonrpc":"2.0","id":"tools-{page}","method":"tools/list","params":{{"_meta":{meta}{cursor}}}}}"#
            ));
            let headers = headers(&line, peer.target.headers.clone())?;
            let answer = peer.post(peer.target.uri(), headers, line).await?;
            let mut replies = match answer.said {
                Said::One(message) => Replies::one(message),
                Said::Stream(events) => Replies::stream(events, 1, Witness::None, None),
                Said::Nothing => return Ok(()),
            };
            let mut next = None;
            while let Some(crate::Reply::Message(message)) = replies.next().await.transpose()? {
                self.learn(&message);
                let text = std::str::from_utf8(&message).unwrap_or_default();
                next = member(text, "result")
                    .and_then(|result| member(result.value, "nextCursor"))
                    .filter(|cursor| cursor.value.starts_with('"'))
                    .map(|cursor| format!(r#","cursor":{}"#, cursor.value));
            }
            let Some(next) = next else { return Ok(()) };
            cursor = next;
        }
        Ok(())
    }
}

/// The headers of a message of our own.
pub(crate) fn headers(line: &Bytes, mut headers: HeaderMap) -> Result<HeaderMap, LinkError> {
    standard(&read(line)?, &mut headers);
    Ok(headers)
}

/// What the body says, said again (MCP 2026-07-28 basic/transports §Standard Request Headers).
fn standard(frame: &Frame<Parsed>, headers: &mut HeaderMap) {
    let Some(standard) = Standard::of(frame) else { return };
    for (name, value) in standard.to_send() {
        insert(headers, name, &value);
    }
}

fn insert(headers: &mut HeaderMap, name: &str, value: &str) {
    // Encoded values are visible ASCII, and annotations that are no names are left out.
    if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}

fn is_parameter(name: &HeaderName) -> bool {
    name.as_str().get(..PARAM_PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PARAM_PREFIX))
}

fn wants_other_headers(answer: &Answer) -> bool {
    let Said::One(message) = &answer.said else { return false };
    let text = std::str::from_utf8(message).unwrap_or_default();
    let code = member(text, "error").and_then(|error| member(error.value, "code"));
    answer.status == StatusCode::BAD_REQUEST
        && code.is_some_and(|said| said.value.parse() == Ok(code::HEADER_MISMATCH))
}

/// What was judged can be read; numbers and size are no more our affair.
fn read(line: &Bytes) -> Result<Frame<Parsed>, LinkError> {
    let limits = Limits { max_bytes: usize::MAX, big_integers: BigIntegers::Allow, ..Limits::default() };
    match Reader::new(limits).read_body(line, false) {
        Ok(Content::Single(frame)) => Ok(frame),
        Ok(Content::Batch(_)) => Err(LinkError::Unsendable("a batch".into())),
        Err(error) => Err(LinkError::Unsendable(error.to_string())),
    }
}
