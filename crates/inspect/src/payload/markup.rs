//! Markup that a browser would run, in arguments that are no documents.

use std::ops::Range;

use super::{Argument, Payload};
use crate::ascii::{before, byte, run_end, slice};
use crate::pack::Where;

/// Elements that run, load or redirect by themselves.
const ACTIVE: &[&str] = &[
    "script",
    "iframe",
    "frame",
    "frameset",
    "object",
    "embed",
    "applet",
    "meta",
    "base",
    "link",
    "style",
    "svg",
    "math",
    "isindex",
    "xml",
    "xss",
    "import",
    "bgsound",
    "layer",
    "ilayer",
    "template",
    "foreignobject",
    "handler",
    "listener",
    "animate",
    "animatetransform",
    "animatemotion",
    "set",
    "keygen",
    "noscript",
    "noembed",
    "plaintext",
    "xmp",
    "portal",
    "fencedframe",
    "dialog",
    "form",
    "input",
    "button",
    "textarea",
    "select",
    "video",
    "audio",
    "source",
    "marquee",
    "body",
    "html",
    "details",
    "image",
    "event-source",
    "datalist",
    "comment",
    "stylesheet",
];

pub(super) fn scan(argument: &mut Argument<'_>) {
    if !matches!(argument.kind, Where::Value | Where::Url | Where::Path | Where::Uri) {
        return;
    }
    if let Some((verdict, span)) = judge(argument.read) {
        let payload = if verdict == Verdict::Runs { Payload::ActiveMarkup } else { Payload::Markup };
        argument.report_read(payload, span);
    }
    if let Some(span) = script_address(argument.read) {
        argument.report_read(Payload::ScriptAddress, span);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// An element that a page may be changed by.
    Element,
    /// It runs as soon as it is shown, or when it is touched.
    Runs,
}

fn judge(text: &[u8]) -> Option<(Verdict, Range<usize>)> {
    let mut worst = None;
    let mut done = 0;
    for at in memchr::memchr_iter(b'<', text) {
        let start = run_end(text, at + 1, |byte| {
            byte <= b' ' || matches!(byte, b'/' | b'%' | b'"' | b'!' | b'\\' | b'\'')
        });
        let end = tag_end(text, at.max(done));
        let tag = slice(text, start..end);
        done = done.max(end);
        let name = name(tag);
        let attributes = slice(tag, name.len().min(tag.len())..tag.len());
        let element = ACTIVE.contains(&name.as_str());
        let verdict = if name == "script"
            || has_handler(attributes)
            || runs(attributes)
            || (element && loads(&name, attributes))
        {
            Some(Verdict::Runs)
        } else {
            // Documents in XML have elements of any name.
            (element && name != "xml").then_some(Verdict::Element)
        };
        if let Some(verdict) = verdict
            && worst.as_ref().is_none_or(|(known, _)| verdict == Verdict::Runs && *known != verdict)
        {
            worst = Some((verdict, at..end));
        }
        if matches!(worst, Some((Verdict::Runs, _))) {
            return worst;
        }
    }
    worst.or_else(|| breaks_out(text).map(|span| (Verdict::Runs, span)))
}

/// Where a tag that begins at `at` ends, quotes and all; what another `<` begins is another tag.
fn tag_end(text: &[u8], at: usize) -> usize {
    run_end(text, at + 1, |byte| byte != b'>' && byte != b'<')
}

/// The name of an element, without a prefix and with what browsers skip left out.
fn name(tag: &[u8]) -> String {
    let legal = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'-' | 0);
    let name: Vec<u8> = tag.iter().copied().take_while(legal).take(32).filter(|byte| *byte != 0).collect();
    let name = String::from_utf8_lossy(&name).to_ascii_lowercase();
    name.rsplit(':').next().unwrap_or_default().to_owned()
}

/// An attribute `on…=`.
fn has_handler(attributes: &[u8]) -> bool {
    let lower = attributes.to_ascii_lowercase();
    memchr::memmem::find_iter(&lower, b"on").any(|at| {
        let opens = matches!(before(&lower, at, 1), 0..=b' ' | b'/' | b'"' | b'\'' | b'`' | b';' | b'\\' | b'=' | 0x80.. ) || is_escape(&lower, at);
        let end = run_end(slice(&lower, 0..lower.len().min(at + 48)), at, |byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        let assigned = run_end(&lower, end, |byte| byte <= b' ' || byte == b'/');
        opens && end >= at + 4 && (byte(&lower, assigned) == b'=' || slice(&lower, assigned..assigned + 5) == b"cdata")
    })
}

/// What `\x20` and `\0` leave before a name when nobody has read them.
fn is_escape(text: &[u8], at: usize) -> bool {
    matches!(slice(text, at.saturating_sub(4)..at), [b'\\', b'x', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
}

/// Values that run wherever they stand.
fn runs(attributes: &[u8]) -> bool {
    let squeezed: Vec<u8> = attributes
        .iter()
        .filter(|byte| **byte > b' ' && !matches!(byte, b'\\' | b'/' | b'*'))
        .map(u8::to_ascii_lowercase)
        .collect();
    let has = |needle: &str| memchr::memmem::find(&squeezed, needle.as_bytes()).is_some();
    [
        "javascript:",
        "vbscript:",
        "livescript:",
        "data:texthtml",
        "data:imagesvg",
        "data:applicationx",
        "expression(",
        "-moz-binding",
        "-o-link",
        "behavior:url",
        "behaviour:",
        "formaction=",
        "srcdoc=",
        "xlink:href=data",
        "urn:schemas-microsoft-com:time",
        "attributename=",
        "javascript&colon",
        "asfunction:",
        "v-bind:",
        "ng-app",
    ]
    .iter()
    .any(|needle| has(needle))
}

/// Elements that load or redirect by what their attributes say.
fn loads(name: &str, attributes: &[u8]) -> bool {
    let lower = attributes.to_ascii_lowercase();
    let has = |needle: &str| memchr::memmem::find(&lower, needle.as_bytes()).is_some();
    match name {
        "iframe" | "frame" | "embed" | "applet" | "portal" | "xml" | "bgsound" | "layer" | "ilayer"
        | "import" | "event-source" => has("src") || has("code"),
        "object" => has("data") || has("classid"),
        "meta" => has("http-equiv") || has("utf-7"),
        "base" | "link" => has("href"),
        "set" | "animate" => has("to=") || has("values="),
        _ => false,
    }
}

/// A handler that breaks out of an attribute has its call within these bytes, behind comments and the like.
const CODE: usize = 1024;

/// `" onclick=…`: out of an attribute into another, without a tag.
fn breaks_out(text: &[u8]) -> Option<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    memchr::memmem::find_iter(&lower, b"on").find_map(|at| {
        let end = run_end(slice(&lower, 0..lower.len().min(at + 32)), at, |byte| byte.is_ascii_lowercase());
        let assigned = run_end(&lower, end, |byte| byte <= b' ');
        let quoted = slice(&lower, at.saturating_sub(16)..at)
            .iter()
            .any(|byte| matches!(byte, b'"' | b'\'' | b'`' | b'>'));
        let opens = matches!(before(&lower, at, 1), b' ' | b'/' | b'"' | b'\'' | b'\t' | b'\n' | 0x0C);
        let calls =
            || memchr::memchr(b'(', slice(&lower, assigned..lower.len().min(assigned + CODE))).is_some();
        (opens && quoted && end >= at + 5 && byte(&lower, assigned) == b'=' && calls()).then_some(at..end)
    })
}

/// `javascript:` and its kin where an address begins, whatever stands between the letters.
fn script_address(text: &[u8]) -> Option<Range<usize>> {
    for colon in memchr::memchr_iter(b':', text) {
        let mut name: Vec<u8> = Vec::new();
        let mut at = colon;
        while at > 0 && name.len() < 10 && colon - at < 64 {
            at -= 1;
            match byte(text, at) {
                letter if letter.is_ascii_alphabetic() => name.push(letter.to_ascii_lowercase()),
                0..=b' ' => {}
                _ => break,
            }
        }
        name.reverse();
        let rest = slice(text, colon + 1..text.len().min(colon + 64)).to_ascii_lowercase();
        let code = rest.iter().any(|byte| matches!(byte, b'(' | b'=' | b'`' | b'/' | b';' | b'\\' | b'<'));
        let runs =
            (name.ends_with(b"javascript") || name.ends_with(b"vbscript") || name.ends_with(b"livescript"))
                && code;
        let page = name.ends_with(b"data")
            && (rest.starts_with(b"text/html")
                || rest.starts_with(b"image/svg")
                || rest.starts_with(b"text/xml"));
        if runs || page {
            return Some(at..colon + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str) -> Option<Verdict> {
        judge(text.as_bytes()).map(|(verdict, _)| verdict)
    }

    #[test]
    fn what_runs_is_seen_in_every_context() {
        for text in [
            "<script>x()</script>",
            "<ScRiPt/src=//x.example>",
            "<img src=x onerror=x()>",
            "<svg/onload=x()>",
            "<a href=\"java\nscript:x()\">y</a>",
            "<div style=width:expression(x())>",
            "\" onmouseover=x() y=\"",
            "<x:script src=\"x\">",
            "<meta http-equiv=refresh content=0>",
            "<iframe srcdoc='x'>",
            "< script >x</script>",
            "<object data=x>",
        ] {
            assert_eq!(verdict(text), Some(Verdict::Runs), "{text}");
        }
        assert!(
            script_address(b"javascript:x()").is_some()
                && script_address(b" java\tscript:x()").is_some()
                && script_address(b"data:text/html,x").is_some()
        );
    }

    #[test]
    fn text_with_signs_is_left_alone() {
        for text in [
            "a < b and c > d",
            "I <3 you",
            "<b>bold</b>",
            "x <- y",
            "List<String>",
            "once = twice",
            "click \"on\" = yes",
            "<https://example.com>",
            "a<br>b",
        ] {
            assert_eq!(verdict(text), None, "{text}");
        }
        assert!(
            script_address(b"javascript: the good parts").is_none()
                && script_address(b"metadata: text").is_none()
        );
    }

    proptest::proptest! {
        #[test]
        fn a_handler_is_seen_on_any_element(element in "[a-z]{1,8}", event in "on[a-z]{3,12}", space in "( |/|\t|\n)") {
            let text = format!("<{element}{space}{event}=x(1)>");
            proptest::prop_assert_eq!(verdict(&text), Some(Verdict::Runs));
        }

        #[test]
        fn any_text_can_be_judged(text in "[ -~\\n]{0,80}") {
            judge(text.as_bytes());
            script_address(text.as_bytes());
        }
    }
}
