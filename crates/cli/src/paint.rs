//! Colours, one meaning each. `anstream` drops them where nobody sees them.

use anstyle::{AnsiColor, Style};
use store::Verdict;

pub(crate) const STRONG: Style = Style::new().bold();
pub(crate) const FAINT: Style = Style::new().dimmed();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const CAREFUL: Style = AnsiColor::Yellow.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
pub(crate) const CHANGED: Style = AnsiColor::Cyan.on_default();

/// The colour of a verdict.
pub(crate) fn verdict(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Allow => GOOD,
        Verdict::Warn | Verdict::Review | Verdict::ShadowBlock => CAREFUL,
        Verdict::Redact => CHANGED,
        Verdict::Block => BAD.bold(),
    }
}

/// The text in a style.
pub(crate) fn paint(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}
