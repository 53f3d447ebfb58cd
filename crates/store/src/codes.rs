use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A name or number that stands for none of the stored codes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{given}` is no {what}; expected {expected}")]
pub struct ParseCodeError {
    given: String,
    what: &'static str,
    expected: String,
}

macro_rules! codes {
    ($(#[$meta:meta])* $name:ident, $what:literal { $($(#[$doc:meta])* $variant:ident = $code:literal $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name { $($(#[$doc])* $variant = $code,)* }

        impl $name {
            /// Every value, in the order of the codes.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The number stored in the database. It never changes its meaning.
            pub const fn code(self) -> u8 {
                self as u8
            }

            /// The name shown to people and accepted from them.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The value of a stored number, or `None` if this version does not know it.
            pub const fn from_code(code: i64) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl FromStr for $name {
            type Err = ParseCodeError;

            fn from_str(text: &str) -> Result<Self, ParseCodeError> {
                match text {
                    $($text => Ok(Self::$variant),)*
                    _ => Err(ParseCodeError {
                        given: text.to_owned(),
                        what: $what,
                        expected: [$($text),*].join(", "),
                    }),
                }
            }
        }
    };
}

codes! {
    /// What a record tells about.
    Kind, "record kind" {
        /// One JSON-RPC message and its verdict.
        Frame = 0 "frame",
        /// A line that is no JSON-RPC message was dropped or refused.
        RefusedLine = 1 "refused-line",
        /// Requests over HTTP were refused before there was a message: one record for several of one kind.
        RefusedRequest = 2 "refused-request",
        /// A person approved what a server is; it travels nowhere.
        Approval = 3 "approval",
    }
}

codes! {
    /// Which way a frame travels.
    Direction, "direction" {
        /// From the client to the server.
        ClientToServer = 0 "client-to-server",
        /// From the server to the client.
        ServerToClient = 1 "server-to-client",
    }
}

codes! {
    /// What became of a frame, from the mildest to the strictest.
    Verdict, "verdict" {
        /// Passed as it came.
        Allow = 0 "allow",
        /// Passed, with a finding worth reading.
        Warn = 1 "warn",
        /// Passed as it came, though it would have been stopped if anything were enforced.
        ShadowBlock = 2 "shadow-block",
        /// Passed with parts replaced.
        Redact = 3 "redact",
        /// Held for a person to decide.
        Review = 4 "review",
        /// Refused.
        Block = 5 "block",
    }
}

/// A dated protocol revision such as `2025-11-25`, stored as the number 20251125.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Era(u32);

impl Era {
    /// The era of a revision's date. The parts are not checked against a calendar.
    pub const fn of_date(year: u16, month: u8, day: u8) -> Self {
        Self(year as u32 * 10_000 + month as u32 * 100 + day as u32)
    }

    /// The number stored in the database.
    pub const fn code(self) -> u32 {
        self.0
    }

    /// The era of a stored number, or `None` if it is no eight-digit date.
    pub fn from_code(code: i64) -> Option<Self> {
        let code = u32::try_from(code).ok()?;
        (10_000_000..100_000_000).contains(&code).then_some(Self(code))
    }
}

impl fmt::Display for Era {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(code) = *self;
        write!(f, "{:04}-{:02}-{:02}", code / 10_000, code / 100 % 100, code % 100)
    }
}

impl FromStr for Era {
    type Err = ParseCodeError;

    fn from_str(text: &str) -> Result<Self, ParseCodeError> {
        let bytes = text.as_bytes();
        let shaped = bytes.len() == 10
            && bytes.iter().enumerate().all(|(at, byte)| match at {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        let digits = bytes.iter().filter(|byte| byte.is_ascii_digit());
        let code = digits.fold(0, |code, digit| code * 10 + i64::from(digit - b'0'));
        Some(code).filter(|_| shaped).and_then(Self::from_code).ok_or_else(|| ParseCodeError {
            given: text.to_owned(),
            what: "protocol revision",
            expected: "a date such as 2025-11-25".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_numbers_never_change() {
        let verdicts: Vec<_> = Verdict::ALL.iter().map(|v| (v.code(), v.name())).collect();
        assert_eq!(
            verdicts,
            [(0, "allow"), (1, "warn"), (2, "shadow-block"), (3, "redact"), (4, "review"), (5, "block")]
        );
        let kinds: Vec<_> = Kind::ALL.iter().map(|k| k.code()).collect();
        assert_eq!(kinds, [0, 1, 2, 3]);
        assert_eq!(Direction::ServerToClient.code(), 1);
    }

    #[test]
    fn names_and_numbers_lead_back() {
        for verdict in Verdict::ALL {
            assert_eq!(verdict.name().parse(), Ok(*verdict));
            assert_eq!(Verdict::from_code(verdict.code().into()), Some(*verdict));
        }
        assert_eq!(Verdict::from_code(6), None);
        let error = "deny".parse::<Verdict>().unwrap_err().to_string();
        assert!(error.contains("`deny` is no verdict") && error.contains("shadow-block"), "{error}");
    }

    #[test]
    fn eras_are_dates() {
        let era: Era = "2025-11-25".parse().unwrap();
        assert_eq!(era, Era::of_date(2025, 11, 25));
        assert_eq!(era.to_string(), "2025-11-25");
        assert_eq!(Era::from_code(era.code().into()), Some(era));
        for bad in ["", "2025-11-2", "2025/11/25", "20251125", "0000-00-00", "2025-11-25 "] {
            assert!(bad.parse::<Era>().is_err(), "{bad}");
        }
    }
}
