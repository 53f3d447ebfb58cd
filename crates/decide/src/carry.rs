//! The ends of texts, remembered until the next text of the same place: a value may be cut in two, over the elements of
//! a list, over members that stand side by side, or over messages.

use std::{collections::VecDeque, ops::Range};

use inspect::{DetectorId, Hit, Joint, Place, Seam, Text};
use policy::{Action, ContentRules, Flow};
use wire::{Role, raw_span, unescape};

/// What a session remembers of the ends of texts, and what a message does while it is looked at.
#[derive(Debug, Default)]
pub(crate) struct Carry {
    /// Of the message at hand.
    here: Vec<Open>,
    /// Of streams of messages.
    lasting: Vec<Open>,
    /// Of the message at hand, whatever the place: one of the values, one of the names.
    beside: Vec<Open>,
}

/// Places whose last text is remembered: in one message, and over messages. The oldest are forgotten.
const HERE: usize = 64;
const LASTING: usize = 16;

/// What is kept of a value that is longer, in bytes: its beginning, which says what it is, and its end.
const HEAD: usize = 512;
const TAIL: usize = 128;

/// Of so many texts it is remembered where they begin.
const STARTS: usize = 8;

/// How much of a text is put together with what came before it, in bytes.
const JOINED: usize = 16 * 1024;

/// A key in a text form may be followed by so much and still go on, in bytes.
const AFTER: usize = 8;

/// One place, and the last text there. Positions count all that was said there, from where something was kept first.
#[derive(Debug)]
pub(crate) struct Open {
    place: u64,
    /// Over messages, not in a list.
    streams: bool,
    joint: Joint,
    /// What came before the last text, as far as it may belong together with what follows.
    before: String,
    /// The position of its first byte.
    from: usize,
    /// Bytes that were left out of it after [`HEAD`].
    cut: usize,
    /// Where it lies in this message, in order; what came in earlier messages has left.
    pieces: VecDeque<Piece>,
    /// The positions at which the last few texts of it begin.
    starts: VecDeque<usize>,
    /// Positions that are dealt with.
    done: Range<usize>,
    /// What of it has been found, and the position where that starts.
    found: Option<(DetectorId, usize)>,
    last: Option<Last>,
}

/// The last text.
#[derive(Debug)]
struct Last {
    /// Nothing in it can go on, but for the lines of a key.
    ends: bool,
    /// Raw, in the message's body.
    span: Range<usize>,
    /// What tells its place from others, and its kind.
    place: u64,
    kind: Place,
    /// A hit that reaches its end, and the position where it starts.
    reaches: Option<(DetectorId, usize)>,
}

/// A string of this message that is part of [`Open::before`].
#[derive(Debug)]
struct Piece {
    /// Raw, in the message's body.
    span: Range<usize>,
    /// The positions of its text.
    part: Range<usize>,
}

/// A value that lies in a text and in those before it.
#[derive(Debug)]
pub(crate) struct Crossing {
    pub(crate) hit: Hit,
    /// What was found, as far as it was kept.
    pub(crate) matched: String,
    /// Where it begins in the message's body; `None` if it began in an earlier message.
    pub(crate) begins: Option<usize>,
    /// Where its earlier parts lie in the message's body, raw, if they are to be replaced.
    pub(crate) earlier: Vec<Range<usize>>,
    /// Where its last part ends in the text at hand, unescaped.
    pub(crate) end: usize,
    /// Its beginning was reported with an earlier text of this message.
    pub(crate) continues: bool,
}

/// A text at its place, and what was found in it alone.
#[derive(Clone)]
pub(crate) struct Said<'a> {
    pub(crate) place: u64,
    /// What rules know of the place.
    pub(crate) kind: Place,
    pub(crate) text: &'a str,
    pub(crate) hits: &'a [Hit],
    /// Raw, in the message's body.
    pub(crate) span: Range<usize>,
}

impl Carry {
    /// Takes the next text of a message whose body is `body`; tells what it completes. With `stream` the message is one
    /// of several that belong together.
    pub(crate) fn next(
        &mut self,
        said: Said<'_>,
        body: &str,
        stream: Option<u64>,
        rules: &ContentRules,
        flow: Flow,
    ) -> Option<Crossing> {
        if said.text.is_empty() {
            return None;
        }
        let place = said.place ^ stream.unwrap_or_default();
        let (opens, most) = match stream {
            Some(_) => (&mut self.lasting, LASTING),
            None => (&mut self.here, HERE),
        };
        let Some(open) = opens.iter_mut().find(|open| open.place == place) else {
            if opens.len() >= most {
                opens.remove(0);
            }
            let last = said.last(Joint::Parts, 0, None);
            opens.push(Open::new(place, stream.is_some(), Joint::Parts, last));
            return None;
        };
        open.settle(body, rules);
        let (crossing, last) = open.join(said, body, rules, flow);
        open.last = Some(last);
        crossing
    }

    /// As [`Carry::next`], for the next name or value of the message, wherever it stands: tells what it completes together
    /// with those before it, unless they have one place.
    pub(crate) fn beside(
        &mut self,
        said: Said<'_>,
        role: Role,
        body: &str,
        rules: &ContentRules,
        flow: Flow,
    ) -> Option<Crossing> {
        if said.text.is_empty() {
            return None;
        }
        let chain = u64::from(role == Role::Key);
        let Some(open) = self.beside.iter_mut().find(|open| open.place == chain) else {
            let last = said.last(Joint::Neighbours, 0, None);
            self.beside.push(Open::new(chain, false, Joint::Neighbours, last));
            return None;
        };
        let same = open.last.as_ref().is_some_and(|last| last.place == said.place);
        open.settle(body, rules);
        if same {
            open.forget();
        }
        let (crossing, last) = open.join(said, body, rules, flow);
        open.last = Some(last);
        crossing
    }

    /// The message has been looked at: forgets what no other message can go on with.
    pub(crate) fn end(&mut self, body: &str, rules: &ContentRules) {
        self.here.clear();
        self.beside.clear();
        self.lasting.retain_mut(|open| {
            open.settle(body, rules);
            open.pieces.clear();
            open.found = None;
            open.done = 0..0;
            !open.before.is_empty()
        });
    }

    pub(crate) fn clear(&mut self) {
        self.here.clear();
        self.beside.clear();
        self.lasting.clear();
    }
}

impl Said<'_> {
    /// This text as the last one, which begins at the position `at`.
    fn last(self, joint: Joint, at: usize, crossing: Option<(DetectorId, usize)>) -> Last {
        let reaching = self.hits.last().filter(|hit| hit.span.end + AFTER >= self.text.len());
        let Self { place, kind, span, .. } = self;
        let reaches = crossing.or(reaching.map(|hit| (hit.detector, at + hit.span.start)));
        Last { ends: reaches.is_none() && !inspect::may_go_on(self.text, joint), span, place, kind, reaches }
    }
}

impl Open {
    fn new(place: u64, streams: bool, joint: Joint, last: Last) -> Self {
        let (before, pieces, starts) = (String::new(), VecDeque::new(), VecDeque::new());
        Self {
            place,
            streams,
            joint,
            before,
            from: 0,
            cut: 0,
            pieces,
            starts,
            done: 0..0,
            found: None,
            last: Some(last),
        }
    }

    /// Finds what the text completes.
    fn join(
        &mut self,
        said: Said<'_>,
        body: &str,
        rules: &ContentRules,
        flow: Flow,
    ) -> (Option<Crossing>, Last) {
        let (border, position) = (self.before.len(), self.end());
        if border == 0 {
            return (None, said.last(self.joint, position, None));
        }
        let head = said.text.floor_char_boundary(JOINED);
        self.before.push_str(said.text.get(..head).unwrap_or_default());
        let mut hits = Vec::new();
        // Neighbouring numbers in a list are a column more often than parts of one.
        if self.streams || !self.before.bytes().all(|byte| byte.is_ascii_digit()) {
            let text = Text { place: said.kind, ..Text::new(&self.before) };
            let starts: Vec<_> = self.starts.iter().filter_map(|start| self.kept(*start)).collect();
            let seam = Seam { at: border, joint: self.joint, starts: &starts };
            rules.scan_across(text, seam, flow, &mut hits);
        }
        let hit = hits.pop().filter(|hit| hit.confidence >= rules.threshold());
        let matched = hit.as_ref().and_then(|hit| self.before.get(hit.span.clone()).map(str::to_owned));
        self.before.truncate(border);
        let (Some(hit), Some(matched)) = (hit, matched) else {
            return (None, said.last(self.joint, position, None));
        };
        let (start, end) = (self.position(hit.span.start), hit.span.end - border);
        // What is whole does not go on in a text that means something else, nor in those after it.
        if self.joint == Joint::Neighbours && self.found == Some((hit.detector, start)) {
            self.forget();
            return (None, said.last(self.joint, self.end(), None));
        }
        let own = said.hits.iter().any(|own| own.detector == hit.detector && own.span.start < end);
        let reaches = (end + AFTER >= said.text.len()).then_some((hit.detector, start));
        let crossing = Crossing {
            matched,
            begins: self.begins(start, body),
            continues: own || self.found == Some((hit.detector, start)),
            earlier: match rules.action(hit.detector, flow).0 {
                Action::Redact => self.earlier(start, body),
                _ => Vec::new(),
            },
            end,
            hit,
        };
        (Some(crossing), said.last(self.joint, position, reaches))
    }

    /// Where this message has the position `start`.
    fn begins(&self, start: usize, body: &str) -> Option<usize> {
        let piece = self.pieces.partition_point(|piece| piece.part.end <= start);
        let piece = self.pieces.get(piece).filter(|piece| piece.part.start <= start)?;
        Some(piece.after(start, body)?.start)
    }

    /// Where this message has what lies at the position `start` and after, raw, but for what is dealt with.
    fn earlier(&mut self, start: usize, body: &str) -> Vec<Range<usize>> {
        let end = self.end();
        let Range { start: from, end: to } = std::mem::replace(&mut self.done, start..end);
        let joins = start <= to && from < to;
        self.done.start = if joins { start.min(from) } else { start };
        let todo = if joins { [start..from, to..end] } else { [start..end, 0..0] };
        let mut earlier = Vec::new();
        for part in todo.into_iter().filter(|part| !part.is_empty()) {
            let first = self.pieces.partition_point(|piece| piece.part.end <= part.start);
            let pieces = self.pieces.range(first..).take_while(|piece| piece.part.start < part.end);
            earlier.extend(pieces.filter_map(|piece| piece.after(part.start, body)));
        }
        earlier
    }

    /// Puts the last text to what came before it, and drops all that nothing can belong together with.
    fn settle(&mut self, body: &str, rules: &ContentRules) {
        let Some(Last { ends, span, kind, reaches, .. }) = self.last.take() else { return };
        // A key's lines end like anything else.
        if ends && !self.before.contains("BEGIN ") {
            return self.forget();
        }
        let text = unescape(body.get(span.clone()).unwrap_or_default());
        let position = self.end();
        if text.len() > JOINED {
            self.forget();
            self.from = position;
        }
        self.pieces.push_back(Piece { span, part: position..position + text.len() });
        self.starts.push_back(position);
        if self.starts.len() > STARTS {
            self.starts.pop_front();
        }
        self.before.push_str(&text);
        let text = Text { place: kind, ..Text::new(&self.before) };
        let open = rules.scanner().open_from(text, self.joint);
        let reached = reaches.map(|(_, at)| {
            let at = if self.cut > 0 && at >= position { at - self.cut } else { at };
            self.before.floor_char_boundary(at.saturating_sub(self.from).saturating_sub(AFTER))
        });
        let Some(start) = [open, reached].into_iter().flatten().min() else { return self.forget() };
        self.found = reaches;
        self.keep(start);
    }

    /// Drops what came before `start`, and of the rest all but the beginning and the end.
    fn keep(&mut self, start: usize) {
        if self.cut > 0 && start >= HEAD {
            self.from += std::mem::take(&mut self.cut);
        }
        self.from += start;
        while self.pieces.front().is_some_and(|piece| piece.part.end <= self.from) {
            self.pieces.pop_front();
        }
        self.before.drain(..start);
        if self.before.len() > HEAD + TAIL {
            let end = self.before.ceil_char_boundary(self.before.len() - TAIL);
            let cut = self.before.floor_char_boundary(HEAD)..end;
            self.cut += cut.len();
            self.before.drain(cut);
            self.before.shrink_to(2 * (HEAD + TAIL));
        }
    }

    fn forget(&mut self) {
        self.before.clear();
        self.pieces.clear();
        self.starts.clear();
        (self.from, self.cut, self.done, self.found) = (0, 0, 0..0, None);
    }

    /// Where a byte of [`Open::before`] was said, or a position before that if something was cut.
    fn position(&self, at: usize) -> usize {
        self.from + if self.cut == 0 { at } else { at.min(HEAD) }
    }

    /// Which byte of [`Open::before`] was said at a position, if it was kept.
    fn kept(&self, position: usize) -> Option<usize> {
        let at = position.checked_sub(self.from)?;
        match at.checked_sub(HEAD).filter(|_| self.cut > 0) {
            None => Some(at),
            Some(past) => Some(HEAD + past.checked_sub(self.cut)?),
        }
    }

    /// The position at which the next text begins.
    fn end(&self) -> usize {
        self.from + self.before.len() + self.cut
    }
}

impl Piece {
    /// Its part from the position `start` on, raw.
    fn after(&self, start: usize, body: &str) -> Option<Range<usize>> {
        let raw = body.get(self.span.clone())?;
        let raw = raw_span(raw, start.saturating_sub(self.part.start)..self.part.len());
        Some(self.span.start + raw.start..self.span.start + raw.end)
    }
}
