use std::{ops::Range, sync::Arc};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::at::Place;
use crate::{ConfigError, Location, Problem};

/// Collects what is wrong with one file and shows each problem in its place.
pub(crate) struct Report<'t> {
    file: Arc<str>,
    text: &'t str,
    found: Vec<Found>,
    hidden: Vec<Place>,
    /// What is wrong with other files that this one names.
    others: Vec<Problem>,
}

struct Found {
    place: Place,
    message: String,
    label: String,
    help: Option<String>,
}

impl<'t> Report<'t> {
    pub(crate) fn new(file: &str, text: &'t str) -> Self {
        Self { file: file.into(), text, found: Vec::new(), hidden: Vec::new(), others: Vec::new() }
    }

    /// The place as every rule remembers it.
    pub(crate) fn location(&self, place: Place) -> Location {
        Location::File { file: Arc::clone(&self.file), line: place.line, column: place.column }
    }

    /// The text at a place, as written.
    pub(crate) fn source(&self, place: Place) -> &'t str {
        self.text.get(place.start..place.start.saturating_add(place.len)).unwrap_or_default()
    }

    /// The byte at which a line (from 1) and column (in characters, from 1) begins.
    pub(crate) fn byte_at(&self, line: u32, column: u32) -> usize {
        let line_index = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
        let column_index = usize::try_from(column).unwrap_or(usize::MAX).saturating_sub(1);
        let lines: Vec<&str> = self.text.split_inclusive('\n').take(line_index.saturating_add(1)).collect();
        let (before, last) = match lines.split_last() {
            Some((last, before)) if lines.len() > line_index => (before, *last),
            _ => return self.text.len(),
        };
        let within: usize = last.chars().take(column_index).map(char::len_utf8).sum();
        before.iter().map(|line| line.len()).sum::<usize>() + within
    }

    /// The word that begins at a byte of the text.
    pub(crate) fn word_at(&self, start: usize) -> &'t str {
        let rest = self.text.get(start..).unwrap_or_default();
        rest.split(|c: char| c.is_whitespace() || matches!(c, ':' | ',')).next().unwrap_or_default()
    }

    /// Adds a problem: what is wrong, a few words for the underlined text, and how to put it right.
    pub(crate) fn add(
        &mut self,
        place: Place,
        message: impl Into<String>,
        label: impl Into<String>,
        help: impl Into<Option<String>>,
    ) {
        self.found.push(Found { place, message: message.into(), label: label.into(), help: help.into() });
    }

    /// Keeps a secret that is written in the file out of what is shown of it. The names of variables may be seen.
    pub(crate) fn hide(&mut self, place: Place) {
        if !self.source(place).contains("${") {
            self.hidden.push(place);
        }
    }

    /// Takes up what is wrong with another file that this one names.
    pub(crate) fn adopt(&mut self, other: ConfigError) {
        self.others.extend(other.into_problems());
    }

    /// An error with everything found, in the order of the file, if anything was.
    pub(crate) fn finish(self) -> Result<(), ConfigError> {
        if self.found.is_empty() && self.others.is_empty() { Ok(()) } else { Err(self.into_error()) }
    }

    /// Everything found, in the order of the file.
    pub(crate) fn into_error(mut self) -> ConfigError {
        self.found.sort_by_key(|found| found.place);
        let shown = masked(&overwritten(self.text, &self.hidden));
        let render = |found: &Found| {
            let message = masked(&found.message);
            let rendered = render(&self.file, &shown, found, &message);
            let help = found.help.clone();
            Problem { at: Some(self.location(found.place)), message, help, rendered }
        };
        let found: Vec<_> = self.found.iter().map(render).collect();
        ConfigError::new(found.into_iter().chain(self.others).collect())
    }
}

fn render(file: &str, text: &str, found: &Found, message: &str) -> String {
    let span = first_line(text, found.place);
    let mut annotation = AnnotationKind::Primary.span(span);
    if !found.label.is_empty() {
        annotation = annotation.label(found.label.as_str());
    }
    let snippet = Snippet::source(text).path(file).annotation(annotation);
    let mut group = Level::ERROR.primary_title(message).element(snippet);
    if let Some(help) = &found.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    Renderer::plain().render(&[group])
}

/// The first line of a place; a list that spans many lines is marked where it begins.
fn first_line(text: &str, place: Place) -> Range<usize> {
    let start = (0..=place.start.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let len = (0..=place.len.min(line.len())).rev().find(|&at| line.is_char_boundary(at)).unwrap_or(0);
    let trimmed = line.get(..len).unwrap_or_default().trim_end().len();
    start..start + trimmed.max(usize::from(!line.is_empty()))
}

/// `text` with these places overwritten, byte for byte.
fn overwritten(text: &str, places: &[Place]) -> String {
    let hidden = |at: usize| {
        places.iter().any(|place| (place.start..place.start.saturating_add(place.len)).contains(&at))
    };
    let stars = |c: char| std::iter::repeat_n('*', c.len_utf8());
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if c != '\n' && hidden(at) { out.extend(stars(c)) } else { out.push(c) }
    }
    out
}

/// `text` with every secret in it overwritten, letter for letter, so that places stay where they are.
fn masked(text: &str) -> String {
    let Ok(scanner) = inspect::Scanner::new(|known| known.family.is_confidential(), &[]) else {
        return String::new();
    };
    let mut hits = Vec::new();
    scanner.scan(inspect::Text::new(text), &mut hits);
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for hit in hits {
        out.push_str(text.get(copied..hit.span.start).unwrap_or_default());
        let hidden = text.get(hit.span.clone()).unwrap_or_default();
        out.extend(hidden.bytes().map(|byte| if byte == b'\n' { '\n' } else { '*' }));
        copied = hit.span.end;
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    out
}
