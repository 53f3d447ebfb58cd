use std::fmt;

use crate::answer::code;

/// Why a line was refused, and where in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault} at byte {offset}{}", Place(pointer))]
pub struct WireError {
    /// What is wrong.
    pub fault: Fault,
    /// Offset of the fault from the start of the line, in bytes.
    pub offset: usize,
    /// JSON Pointer (RFC 6901) of the member being read; empty at the top.
    pub pointer: String,
}

/// What is wrong with a refused line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Bytes that are no UTF-8 (RFC 3629).
    #[error("invalid UTF-8")]
    Utf8,
    /// A byte order mark before the frame (RFC 8259 §8.1).
    #[error("a byte order mark is not allowed")]
    ByteOrderMark,
    /// Not the JSON that was expected here.
    #[error("invalid JSON: expected {0}")]
    Syntax(&'static str),
    /// Something follows the complete value.
    #[error("trailing data after the JSON value")]
    Trailing,
    /// A carriage return between tokens: line-based readers would split the frame there.
    #[error("a carriage return inside a frame (some readers end the line there)")]
    CarriageReturn,
    /// An unescaped control character, or NUL in any spelling.
    #[error("a control character or NUL inside a string")]
    Control,
    /// Half of a surrogate pair (RFC 8259 §8.2).
    #[error("a lone surrogate in a \\u escape")]
    Surrogate,
    /// Two members of one object with the same name.
    #[error("the member name appears twice in one object")]
    DuplicateKey,
    /// A member that a lenient parser would take for one of the envelope's.
    #[error("a member that differs from \"{0}\" only by case")]
    CaseVariant(&'static str),
    /// Deeper than [`crate::Limits::max_depth`].
    #[error("nested deeper than {0} levels")]
    Depth(usize),
    /// Longer than [`crate::Limits::max_bytes`].
    #[error("the frame is longer than {0} bytes")]
    Size(usize),
    /// A number past the range of a double, or too small for it to tell from zero.
    #[error("a number that no double holds")]
    Number,
    /// A 64-bit integer that a double cannot hold exactly (RFC 7493 §2.2).
    #[error("an integer that no double holds exactly")]
    BigInteger,
    /// An array of frames where the negotiated revision has no batches.
    #[error("a batch: only MCP revision 2025-03-26 has them")]
    Batch,
    /// Not a JSON-RPC 2.0 message.
    #[error("not a JSON-RPC 2.0 message: {0}")]
    Envelope(&'static str),
}

impl WireError {
    pub(crate) fn new(fault: Fault, offset: usize) -> Self {
        Self { fault, offset, pointer: String::new() }
    }

    /// What the sender, or whoever configures us, can do about it.
    pub fn remedy(&self) -> &'static str {
        match self.fault {
            Fault::Utf8 | Fault::ByteOrderMark => "send UTF-8 without a byte order mark",
            Fault::Syntax(_) | Fault::Trailing | Fault::Envelope(_) => "send one JSON-RPC 2.0 message a line",
            Fault::CarriageReturn => "leave carriage returns out between tokens",
            Fault::Control => "escape control characters, and leave NUL out",
            Fault::Surrogate => "send surrogates in pairs",
            Fault::DuplicateKey => "send each member of an object once",
            Fault::CaseVariant(_) => {
                "spell the members of the message as JSON-RPC does, and name no others like them"
            }
            Fault::Depth(_) => "nest less deeply, or raise limits.max_depth",
            Fault::Size(_) => "send less at once, or raise limits.max_frame_bytes",
            Fault::Number => "send the number as a string",
            Fault::BigInteger => "send the integer as a string, or set limits.big_integers: allow",
            Fault::Batch => "send each message on a line of its own",
        }
    }

    /// The JSON-RPC 2.0 §5.1 code that describes this refusal.
    pub fn code(&self) -> i64 {
        match self.fault {
            Fault::Batch | Fault::CaseVariant(_) | Fault::Envelope(_) => code::INVALID_REQUEST,
            _ => code::PARSE_ERROR,
        }
    }
}

/// ` in /params/x`, or nothing at the top.
struct Place<'a>(&'a str);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        // The pointer is made of the sender's own member names: bound what we repeat.
        let shown: String = self.0.chars().filter(|c| !c.is_control()).take(120).collect();
        write!(f, " in {shown}")
    }
}
