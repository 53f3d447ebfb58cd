use std::fmt;

/// How something was disguised that a reading of the text uncovered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disguise {
    /// `%41` for `A`.
    Percent,
    /// `&#65;` for `A`.
    Entities,
    /// `\x41` for `A`, as program text and JSON write it.
    Escapes,
    /// `=41` for `A`, as mail writes it.
    QuotedPrintable,
    /// Commands to a terminal.
    Terminal,
    /// Characters that nobody sees between those of a word.
    Invisible,
    /// Characters of other alphabets that look like those of a word.
    LookAlikes,
    /// Other forms of the same characters, such as full-width or mathematical ones.
    Forms,
    /// Marks over the letters of a word.
    Marks,
    /// Base64 or base32.
    Base64,
    /// Bytes as hexadecimal numbers.
    Hex,
    /// The codes of characters in a row, as numbers.
    Codes,
    /// Compressed data in base64.
    Compressed,
    /// Text in characters that are not shown: tags or variation selectors.
    Smuggled,
    /// Digits and signs in the place of letters.
    Leet,
    /// Letters of a word that stand apart.
    Spaced,
    /// Letters moved on by thirteen.
    Rot13,
    /// The end comes first.
    Reversed,
}

impl Disguise {
    /// Whether it is a way to write text, so that text in it is still written; others only change how text looks.
    pub(crate) fn encodes(self) -> bool {
        use Disguise::{Base64, Codes, Compressed, Entities, Escapes, Hex, Percent, QuotedPrintable};
        matches!(self, Percent | Entities | Escapes | QuotedPrintable | Base64 | Hex | Codes | Compressed)
    }

    /// Name for people, to be used after "in" or "by".
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Percent => "percent-encoding",
            Self::Entities => "HTML entities",
            Self::Escapes => "backslash escapes",
            Self::QuotedPrintable => "quoted-printable",
            Self::Terminal => "terminal control characters",
            Self::Invisible => "zero-width characters",
            Self::LookAlikes => "look-alike letters",
            Self::Forms => "unusual forms of letters",
            Self::Marks => "combining marks",
            Self::Base64 => "base64",
            Self::Hex => "hexadecimal numbers",
            Self::Codes => "rows of character codes",
            Self::Compressed => "compressed data in base64",
            Self::Smuggled => "characters that are not shown",
            Self::Leet => "digits for letters",
            Self::Spaced => "letters that stand apart",
            Self::Rot13 => "ROT13",
            Self::Reversed => "reversed text",
        }
    }
}

impl fmt::Display for Disguise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
