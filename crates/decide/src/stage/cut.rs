use std::ops::Range;

use wire::Edit;

/// Cuts elements out of a list, or members out of an object, so that its commas stay right: each goes with the
/// comma before it, those at the front with the comma after.
#[derive(Default)]
pub(super) struct Cut {
    /// End of the last element kept or cut since one was kept.
    after: Option<usize>,
    /// Elements cut before any was kept.
    front: Vec<Range<usize>>,
    edits: Vec<Edit>,
}

impl Cut {
    pub(super) fn keep(&mut self, span: Range<usize>) {
        self.flush_front(span.start);
        self.after = Some(span.end);
    }

    pub(super) fn remove(&mut self, span: Range<usize>) {
        match &mut self.after {
            Some(after) => {
                self.edits.push(Edit { span: *after..span.end, text: String::new() });
                *after = span.end;
            }
            None => self.front.push(span),
        }
    }

    /// Puts something else in the place of what cannot be left out.
    pub(super) fn replace(&mut self, span: Range<usize>, text: &str) {
        self.edits.push(Edit { span, text: text.to_owned() });
    }

    pub(super) fn edits(mut self) -> Vec<Edit> {
        let end = self.front.last().map_or(0, |last| last.end);
        self.flush_front(end);
        self.edits
    }

    /// Cuts the elements at the front, each up to the start of the next, the last up to `end`.
    fn flush_front(&mut self, end: usize) {
        let starts = self.front.iter().skip(1).map(|next| next.start).chain([end]);
        for (span, end) in self.front.iter().zip(starts) {
            self.edits.push(Edit { span: span.start..end, text: String::new() });
        }
        self.front.clear();
    }
}
