use super::built_in;
use crate::{
    OnDrift, PinMode, PinSettings, Profile,
    effective::{Ledger, Strictness},
    layer::PinsLayer,
};

const ACTION: Strictness = Strictness::Words(&["allow", "warn", "drop", "block"]);

/// The names of the classes, in the order of [`OnDrift::of`].
const CLASSES: [&str; 4] = ["cosmetic", "compatible", "breaking", "meaning"];

/// What holds for one server: in each layer what is said of it, or else of all.
pub(super) fn settle(ledger: &mut Ledger, path: &str, profile: Profile, said: &[PinsLayer]) -> PinSettings {
    let mode = ledger.settle(
        format!("{path}.mode"),
        Strictness::Words(&["off", "first-use", "locked"]),
        built_in(profile, PinMode::default()),
        said.iter().map(|pins| pins.mode.clone()),
    );
    let file = ledger.settle(
        format!("{path}.file"),
        Strictness::Program,
        built_in(profile, None),
        said.iter().map(|pins| pins.file.clone().map(|file| file.map(Some))),
    );
    let quarantine = ledger.settle(
        format!("{path}.quarantine"),
        Strictness::ON,
        built_in(profile, false),
        said.iter().map(|pins| pins.quarantine.clone()),
    );
    let mut action = |class: usize| {
        let default = OnDrift::of(profile).get(class).copied().unwrap_or(crate::DriftAction::Block);
        let name = CLASSES.get(class).copied().unwrap_or_default();
        ledger.settle(
            format!("{path}.on_drift.{name}"),
            ACTION,
            built_in(profile, default),
            said.iter().map(|pins| pins.on_drift.get(class).cloned().flatten()),
        )
    };
    let on_drift =
        OnDrift { cosmetic: action(0), compatible: action(1), breaking: action(2), meaning: action(3) };
    PinSettings { mode, file: file.value, quarantine, on_drift }
}
