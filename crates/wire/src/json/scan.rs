use std::ops::Range;

use super::{Found, Layout, Open, keys::Keys, number, string};
use crate::{WireError, error::Fault, limits::Limits};

/// Members an envelope may have, ours and unknown ones.
const MOST_MEMBERS: usize = 32;

/// Messages in a batch.
const MOST_ELEMENTS: usize = 1024;

/// Checks one JSON text and notes the envelope's members on the way. Iterative: depth costs no stack.
pub(super) struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    layout: Layout,
    limits: Limits,
    keys: &'a mut Keys,
    open: &'a mut Vec<Open>,
    members: &'a mut Vec<Found>,
    elements: &'a mut Vec<Range<usize>>,
    /// Depth of the envelope: 1, or 2 in a batch.
    envelope_depth: usize,
    /// Name and start of the envelope member being read.
    member: (Range<usize>, usize),
    element_start: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(
        text: &'a str,
        layout: Layout,
        limits: Limits,
        keys: &'a mut Keys,
        open: &'a mut Vec<Open>,
        members: &'a mut Vec<Found>,
        elements: &'a mut Vec<Range<usize>>,
    ) -> Self {
        let batch = text.trim_start().starts_with('[');
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            layout,
            limits,
            keys,
            open,
            members,
            elements,
            envelope_depth: if batch { 2 } else { 1 },
            member: (0..0, 0),
            element_start: 0,
        }
    }

    pub(super) fn run(mut self) -> Result<(), WireError> {
        self.blanks()?;
        self.value()?;
        self.blanks()?;
        if self.at < self.bytes.len() {
            return self.fault(Fault::Trailing);
        }
        Ok(())
    }

    fn value(&mut self) -> Result<(), WireError> {
        loop {
            if !self.begin()? {
                continue;
            }
            // A value is complete: climb until a container wants another one.
            loop {
                self.completed();
                let Some(open) = self.open.last().copied() else {
                    return Ok(());
                };
                self.blanks()?;
                match (open, self.peek()) {
                    (Open::Object { .. }, Some(b',')) => {
                        self.at += 1;
                        self.blanks()?;
                        self.key()?;
                        break;
                    }
                    (Open::Array, Some(b',')) => {
                        self.at += 1;
                        self.blanks()?;
                        self.element()?;
                        break;
                    }
                    (Open::Object { .. }, Some(b'}')) | (Open::Array, Some(b']')) => self.close()?,
                    (Open::Object { .. }, _) => return self.fault(Fault::Syntax("',' or '}'")),
                    (Open::Array, _) => return self.fault(Fault::Syntax("',' or ']'")),
                }
            }
        }
    }

    /// Reads a scalar or the opening of a container; whether the value is already complete.
    fn begin(&mut self) -> Result<bool, WireError> {
        match self.peek() {
            Some(b'{') => {
                self.push(Open::Object { first_key: self.keys.len() })?;
                if self.peek() == Some(b'}') {
                    self.close()?;
                    return Ok(true);
                }
                self.key()?;
                Ok(false)
            }
            Some(b'[') => {
                self.push(Open::Array)?;
                if self.peek() == Some(b']') {
                    self.close()?;
                    return Ok(true);
                }
                self.element()?;
                Ok(false)
            }
            Some(b'"') => self.string().map(|_| true),
            Some(b'-' | b'0'..=b'9') => {
                match number::scan(self.rest(), self.limits.big_integers) {
                    Ok(len) => self.at += len,
                    Err(fault) => return self.fault(fault),
                }
                Ok(true)
            }
            Some(b't') => self.literal("true"),
            Some(b'f') => self.literal("false"),
            Some(b'n') => self.literal("null"),
            _ => self.fault(Fault::Syntax("a value")),
        }
    }

    fn push(&mut self, open: Open) -> Result<(), WireError> {
        if self.open.len() >= self.limits.max_depth {
            return self.fault(Fault::Depth(self.limits.max_depth));
        }
        self.open.push(open);
        self.at += 1;
        self.blanks()
    }

    fn close(&mut self) -> Result<(), WireError> {
        if let Some(Open::Object { first_key }) = self.open.pop()
            && let Some(offset) = self.keys.close(self.bytes, first_key)
        {
            return Err(WireError::new(Fault::DuplicateKey, offset));
        }
        self.at += 1;
        Ok(())
    }

    fn key(&mut self) -> Result<(), WireError> {
        if self.peek() != Some(b'"') {
            return self.fault(Fault::Syntax("a member name in quotes"));
        }
        let (inner, escaped) = self.string()?;
        let raw = self.text.get(inner.clone()).unwrap_or_default();
        self.keys.push(inner.clone(), raw, escaped);
        self.blanks()?;
        if self.peek() != Some(b':') {
            return self.fault(Fault::Syntax("':'"));
        }
        self.at += 1;
        self.blanks()?;
        if self.open.len() == self.envelope_depth {
            let element = self.elements.len();
            if self.members.iter().rev().take_while(|found| found.element == element).count() >= MOST_MEMBERS
            {
                return self.fault(Fault::Envelope("more members than an envelope has"));
            }
            self.member = (inner, self.at);
        }
        Ok(())
    }

    fn element(&mut self) -> Result<(), WireError> {
        if self.open.len() == 1 {
            if self.elements.len() >= MOST_ELEMENTS {
                return self.fault(Fault::Envelope("more than 1024 messages in a batch"));
            }
            self.element_start = self.at;
        }
        Ok(())
    }

    /// Notes the end of an envelope member or batch element.
    fn completed(&mut self) {
        let depth = self.open.len();
        match self.open.last() {
            Some(Open::Object { .. }) if depth == self.envelope_depth => {
                let (key, start) = self.member.clone();
                self.members.push(Found { element: self.elements.len(), key, value: start..self.at });
            }
            Some(Open::Array) if depth == 1 => self.elements.push(self.element_start..self.at),
            _ => {}
        }
    }

    fn string(&mut self) -> Result<(Range<usize>, bool), WireError> {
        let start = self.at + 1;
        match string::scan(self.bytes.get(start..).unwrap_or_default()) {
            Ok(checked) => {
                self.at = start + checked.len;
                Ok((start..self.at - 1, checked.escaped))
            }
            Err((fault, offset)) => Err(WireError::new(fault, start + offset)),
        }
    }

    fn literal(&mut self, word: &'static str) -> Result<bool, WireError> {
        if !self.rest().starts_with(word.as_bytes()) {
            return self.fault(Fault::Syntax("a value"));
        }
        self.at += word.len();
        Ok(true)
    }

    /// Skips blanks. On a line, a line feed cannot be here, and a carriage return must not: see [`Fault::CarriageReturn`].
    fn blanks(&mut self) -> Result<(), WireError> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.at += 1,
                Some(b'\r' | b'\n') if self.layout == Layout::Body => self.at += 1,
                Some(b'\r' | b'\n') => return self.fault(Fault::CarriageReturn),
                _ => return Ok(()),
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn fault<T>(&self, fault: Fault) -> Result<T, WireError> {
        Err(WireError::new(fault, self.at))
    }
}
