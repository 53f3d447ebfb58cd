//! Nobody asks: the daemon is no service of the system's here.

pub(crate) fn ready() {}

pub(crate) fn stopping() {}
