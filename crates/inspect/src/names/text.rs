use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use super::WILDCARDS;

/// Whether wildcard stand-ins survive: a pattern keeps them, a name loses them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    Pattern,
}

/// What a reader sees: NFKC (Unicode Annex 15) without invisible characters.
pub(super) fn visible(text: &str, kind: Kind) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, 0x20..=0x7E)) {
        return Cow::Borrowed(text);
    }
    let hidden = |c: char| is_invisible(c) && !(kind == Kind::Pattern && WILDCARDS.contains(&c));
    if !text.chars().any(hidden) && is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        return Cow::Borrowed(text);
    }
    // Removal comes first, so that a joiner between a letter and its accent does not keep them apart.
    let seen: String = text.chars().filter(|&c| !hidden(c)).nfkc().filter(|&c| !hidden(c)).collect();
    if seen == text { Cow::Borrowed(text) } else { Cow::Owned(seen) }
}

/// Removes case: through upper to lower case, so that `ß`/`SS`, `ſ`/`S`, `K` (Kelvin)/`k` and the
/// three sigmas meet. Wider than Unicode's simple case folding, which is what a denial wants.
pub fn fold_case(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    if text.is_ascii() {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    let folded: String = text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect();
    if folded == text { Cow::Borrowed(text) } else { Cow::Owned(folded) }
}

/// Characters that leave no mark on the screen: controls, format and direction marks, joiners,
/// variation selectors, tags, fillers (Default_Ignorable_Code_Point) and noncharacters.
fn is_invisible(c: char) -> bool {
    matches!(u32::from(c),
        0x00..=0x1F | 0x7F..=0x9F
        | 0xAD | 0x34F | 0x61C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F
        | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0x3164
        | 0xFDD0..=0xFDEF | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB
        | 0x13430..=0x1345F | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
        || u32::from(c) & 0xFFFE == 0xFFFE
}
