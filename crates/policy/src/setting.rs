use crate::Location;

/// A value in force and where it was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// The file's line that says so, the command line, or the profile's default.
    pub at: Location,
}

impl<T> Setting<T> {
    pub(crate) fn new(value: T, at: Location) -> Self {
        Self { value, at }
    }

    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Setting<U> {
        Setting { value: change(self.value), at: self.at }
    }
}
