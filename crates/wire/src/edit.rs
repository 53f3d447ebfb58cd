use std::ops::Range;

/// One replacement in a frame: the bytes at `span` of its line become `text`, which must be JSON in that place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Bytes of the original line.
    pub span: Range<usize>,
    /// What is written instead.
    pub text: String,
}

/// Replacements in a frame, in order and without overlap. Most frames have none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edits(Vec<Edit>);

impl Edits {
    /// Orders the edits. One that lies inside another is dropped: what it would change is replaced as a whole. Of one
    /// that lies partly inside another, the rest is replaced.
    pub fn new(mut edits: Vec<Edit>) -> Self {
        edits.sort_by(|a, b| a.span.start.cmp(&b.span.start).then(b.span.end.cmp(&a.span.end)));
        let mut end = 0;
        edits.retain_mut(|edit| {
            let inside = edit.span.end <= end && edit.span.start < end;
            if !inside {
                edit.span.start = edit.span.start.max(end);
                end = edit.span.end;
            }
            !inside
        });
        Self(edits)
    }

    /// Whether the frame leaves as it came.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Hands `write` the bytes of `line` in `range`, edited.
    pub(crate) fn apply(&self, line: &[u8], range: Range<usize>, mut write: impl FnMut(&[u8])) {
        let mut at = range.start;
        for edit in self.0.iter().filter(|edit| edit.span.start >= range.start && edit.span.end <= range.end)
        {
            write(line.get(at..edit.span.start).unwrap_or_default());
            write(edit.text.as_bytes());
            at = edit.span.end;
        }
        write(line.get(at..range.end).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_inside_another_is_dropped() {
        let edit = |span: Range<usize>, text: &str| Edit { span, text: text.into() };
        let edits = Edits::new(vec![edit(4..5, "x"), edit(2..6, "YY"), edit(8..8, "!")]);
        let mut out = Vec::new();
        edits.apply(b"0123456789", 1..10, |bytes| out.extend_from_slice(bytes));
        assert_eq!(out, b"1YY67!89");
    }

    #[test]
    fn nothing_that_was_to_be_replaced_stays_where_edits_overlap() {
        let edit = |span: Range<usize>, text: &str| Edit { span, text: text.into() };
        let edits = Edits::new(vec![edit(1..4, "x"), edit(3..6, "y"), edit(3..5, "z")]);
        let mut out = Vec::new();
        edits.apply(b"01234567", 0..8, |bytes| out.extend_from_slice(bytes));
        assert_eq!(out, b"0xy67");
    }
}
