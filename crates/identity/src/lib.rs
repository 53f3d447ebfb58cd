//! Who calls: API keys and the principals they stand for.
