//! Text in, findings out. No I/O, no async, no clock.
