//! Forms of values, as `999-99-9999`: which characters, in which groups, with what between.

use std::ops::RangeInclusive;

/// One way to write a value: groups of letters and digits with separators between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    /// How long the groups are.
    pub(super) groups: Vec<u8>,
    /// What stands between them.
    pub(super) between: Vec<Between>,
    /// The characters, without what stands between.
    chars: Vec<Char>,
    /// One bit for each place that is a letter or a digit, and one if it is a letter.
    fixed: u64,
    letters: u64,
}

/// What stands between two groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Between {
    /// One of a few, the same one throughout the value.
    Same,
    /// This one.
    Exactly(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Char {
    Digit,
    Letter,
    Either,
    /// This one, in any case; kept in lower case.
    Itself(u8),
}

/// The longest value, without separators.
pub(super) const LONGEST: usize = 42;

/// A written form may stand for this many.
const MOST_FORMS: usize = 256;

impl Form {
    /// Reads a form; `None` if it is none. See [`crate::pack::Shape`].
    pub(super) fn parse(written: &str) -> Option<Vec<Self>> {
        let mut ways: Vec<Vec<Part>> = vec![Vec::new()];
        let mut rest = written.as_bytes();
        while let Some((&first, after)) = rest.split_first() {
            let part = Part::read(first)?;
            let (times, after) = repeated(after)?;
            rest = after;
            let longer = |way: &Vec<Part>| {
                let way = way.clone();
                times.clone().map(move |count| [way.clone(), vec![part; count]].concat())
            };
            ways = ways.iter().flat_map(longer).collect();
            if ways.len() > MOST_FORMS {
                return None;
            }
        }
        let joins = |way: &Vec<Part>| way.contains(&Part::Between(Between::Same));
        let joined = ways.iter().filter(|way| joins(way)).map(|way| {
            way.iter().copied().filter(|part| *part != Part::Between(Between::Same)).collect::<Vec<_>>()
        });
        let joined: Vec<_> = joined.collect();
        ways.iter().chain(&joined).map(|way| Self::of(way)).collect()
    }

    fn of(parts: &[Part]) -> Option<Self> {
        let mut form = Self { groups: vec![0], between: Vec::new(), chars: Vec::new(), fixed: 0, letters: 0 };
        for part in parts {
            match *part {
                Part::Between(between) => {
                    form.between.push(between);
                    form.groups.push(0);
                }
                Part::Char(char) => {
                    let bit = 1_u64.checked_shl(u32::try_from(form.chars.len()).ok()?)?;
                    form.fixed |= if char == Char::Either { 0 } else { bit };
                    form.letters |= if char.is_letter() { bit } else { 0 };
                    form.chars.push(char);
                    *form.groups.last_mut()? += 1;
                }
            }
        }
        (form.chars.len() <= LONGEST && form.groups.iter().all(|len| *len > 0)).then_some(form)
    }

    /// Whether letters and digits stand where they should; `letters` has a bit for each letter of the value.
    pub(super) fn fits(&self, letters: u64) -> bool {
        (letters ^ self.letters) & self.fixed == 0
    }

    /// Whether the characters are right that stand for themselves.
    pub(super) fn spells(&self, mut value: impl Iterator<Item = u8>) -> bool {
        self.chars.iter().all(|char| {
            let byte = value.next();
            !matches!(char, Char::Itself(own) if byte.is_none_or(|byte| byte.to_ascii_lowercase() != *own))
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Char(Char),
    Between(Between),
}

impl Part {
    fn read(written: u8) -> Option<Self> {
        Some(match written {
            b'9' => Self::Char(Char::Digit),
            b'A' => Self::Char(Char::Letter),
            b'*' => Self::Char(Char::Either),
            b' ' => Self::Between(Between::Same),
            own if own.is_ascii_alphanumeric() => Self::Char(Char::Itself(own.to_ascii_lowercase())),
            own if super::groups::is_separator(own) => Self::Between(Between::Exactly(own)),
            _ => return None,
        })
    }
}

impl Char {
    fn is_letter(self) -> bool {
        matches!(self, Self::Letter) || matches!(self, Self::Itself(own) if own.is_ascii_alphabetic())
    }
}

/// `{3}` or `{2,4}` at the beginning of `rest`, and what follows; once if there is no such thing.
fn repeated(rest: &[u8]) -> Option<(RangeInclusive<usize>, &[u8])> {
    let Some((b'{', inside)) = rest.split_first() else { return Some((1..=1, rest)) };
    let end = inside.iter().position(|&byte| byte == b'}')?;
    let (counts, after) = inside.split_at_checked(end)?;
    let counts = std::str::from_utf8(counts).ok()?;
    let (least, most) = counts.split_once(',').unwrap_or((counts, counts));
    let range = least.parse().ok()?..=most.parse().ok()?;
    (*range.end() <= LONGEST && !range.is_empty()).then_some((range, after.get(1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(written: &str) -> Vec<Vec<u8>> {
        Form::parse(written).unwrap().into_iter().map(|form| form.groups).collect()
    }

    #[test]
    fn forms_are_expanded() {
        assert_eq!(groups("999-99-9999"), [[3, 2, 4]]);
        assert_eq!(groups("99 9"), [vec![2, 1], vec![3]]);
        assert_eq!(groups("9{1,2}.A"), [[1, 1], [2, 1]]);
        assert_eq!(groups("AA{3}9"), [[5]]);
    }

    #[test]
    fn letters_and_digits_stand_in_their_places() {
        let form = &Form::parse("A9*").unwrap()[0];
        assert!(form.fits(0b001) && form.fits(0b101));
        assert!(!form.fits(0b000) && !form.fits(0b011));
        let form = &Form::parse("de9").unwrap()[0];
        assert!(form.spells(b"De1".iter().copied()) && !form.spells(b"dk1".iter().copied()));
    }

    #[test]
    fn what_is_no_form_is_none() {
        for written in ["", "9{", "9{2,1}", "9--9", "é", "9{43}", "*{1,40}*{1,40}"] {
            assert!(Form::parse(written).is_none(), "{written:?}");
        }
    }
}
