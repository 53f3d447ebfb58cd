use std::ops::Range;

/// The member names of the objects being read, to find one that comes twice. Names are compared unescaped.
#[derive(Debug, Default)]
pub(super) struct Keys {
    names: Vec<Name>,
    decoded: String,
}

/// Kept small: a hostile frame holds millions of them. Frames stay below 4 GiB.
#[derive(Debug, Clone, Copy)]
struct Name {
    /// In the line, or in `decoded` when the name holds escapes.
    start: u32,
    end: u32,
    offset: u32,
    decoded: bool,
}

/// Up to this many names, comparing all pairs is cheaper than sorting.
const FEW: usize = 12;

/// Working memory worth keeping for the next line, in names.
const KEEP: usize = 4096;

impl Keys {
    pub(super) fn clear(&mut self) {
        self.names.clear();
        self.names.shrink_to(KEEP);
        self.decoded.clear();
        self.decoded.shrink_to(KEEP);
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn push(&mut self, span: Range<usize>, raw: &str, escaped: bool) {
        let offset = narrow(span.start);
        if !escaped {
            self.names.push(Name { start: offset, end: narrow(span.end), offset, decoded: false });
            return;
        }
        let start = narrow(self.decoded.len());
        self.decoded.push_str(&crate::unescape(raw));
        self.names.push(Name { start, end: narrow(self.decoded.len()), offset, decoded: true });
    }

    /// Ends the object whose names start at `first`; the offset of a name that came before, if any.
    pub(super) fn close(&mut self, line: &[u8], first: usize) -> Option<usize> {
        let decoded = self.decoded.as_bytes();
        let text = |name: &Name| -> &[u8] {
            let source = if name.decoded { decoded } else { line };
            source.get(name.start as usize..name.end as usize).unwrap_or_default()
        };
        let names = self.names.get_mut(first..).unwrap_or_default();
        let twice = if names.len() <= FEW {
            names.iter().enumerate().find_map(|(at, name)| {
                let before = names.get(..at).unwrap_or_default();
                before.iter().any(|other| text(other) == text(name)).then_some(name.offset)
            })
        } else {
            names.sort_unstable_by(|a, b| text(a).cmp(text(b)).then(a.offset.cmp(&b.offset)));
            names.windows(2).find_map(|pair| match pair {
                [a, b] if text(a) == text(b) => Some(b.offset),
                _ => None,
            })
        };
        let twice = twice.map(|offset| offset as usize);
        self.names.truncate(first);
        if first == 0 {
            self.decoded.clear();
        }
        twice
    }
}

fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
