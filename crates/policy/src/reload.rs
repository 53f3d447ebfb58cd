/// What happens when the configuration file changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReloadSettings {
    /// Whether a change that loosens anything waits until it is confirmed.
    pub require_confirmation: bool,
}
