/// What a frame may cost before it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest frame, in bytes, without its line ending.
    pub max_bytes: usize,
    /// Deepest nesting of objects and lists; the envelope itself is depth 1.
    pub max_depth: usize,
    /// What to do with integers that an IEEE 754 double cannot hold exactly.
    pub big_integers: BigIntegers,
}

/// Policy for integers between ±2⁵³ and the 64-bit range (RFC 7493 §2.2): two parsers may read two
/// different numbers. Beyond 64 bits they are always refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BigIntegers {
    /// Refuse the frame.
    Refuse,
    /// Let them pass, when both sides are known to read 64-bit integers.
    Allow,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 16 * 1024 * 1024, max_depth: 128, big_integers: BigIntegers::Refuse }
    }
}
