//! Keccak-256 of a short text, as Ethereum uses it: FIPS 202's permutation with the padding that was proposed first.

/// Bytes that are taken up between two permutations.
const RATE: usize = 136;

const ROUNDS: usize = 24;

/// The hash of at most 135 bytes.
pub(super) fn keccak256(text: &[u8]) -> [u8; 32] {
    let mut block = [0_u8; RATE];
    for (slot, byte) in block.iter_mut().zip(text.iter().take(RATE - 1).chain(&[1])) {
        *slot = *byte;
    }
    if let Some(last) = block.last_mut() {
        *last |= 0x80;
    }
    let mut state = [0_u64; 25];
    for (lane, bytes) in state.iter_mut().zip(block.as_chunks::<8>().0) {
        *lane = u64::from_le_bytes(*bytes);
    }
    permute(&mut state);
    let mut hash = [0; 32];
    for (slot, lane) in hash.as_chunks_mut::<8>().0.iter_mut().zip(state) {
        *slot = lane.to_le_bytes();
    }
    hash
}

/// FIPS 202 §3.3: theta, rho and pi, chi, iota.
#[allow(clippy::indexing_slicing)] // All indices are remainders by 5, or places of 5 × 5.
fn permute(a: &mut [u64; 25]) {
    let mut constants = Constants(1);
    for _ in 0..ROUNDS {
        let column: [u64; 5] = std::array::from_fn(|x| (0..5).fold(0, |sum, y| sum ^ a[x + 5 * y]));
        for (at, lane) in a.iter_mut().enumerate() {
            let x = at % 5;
            *lane ^= column[(x + 4) % 5] ^ column[(x + 1) % 5].rotate_left(1);
        }
        let mut b = [0; 25];
        b[0] = a[0];
        let (mut x, mut y) = (1, 0);
        for step in 0..24_u32 {
            let to = (y, (2 * x + 3 * y) % 5);
            b[to.0 + 5 * to.1] = a[x + 5 * y].rotate_left((step + 1) * (step + 2) / 2 % 64);
            (x, y) = to;
        }
        for at in 0..25 {
            let row = at / 5 * 5;
            a[at] = b[at] ^ (!b[row + (at + 1) % 5] & b[row + (at + 2) % 5]);
        }
        a[0] ^= constants.next();
    }
}

/// FIPS 202 §3.2.5: the constants of the rounds, from a feedback register.
struct Constants(u8);

impl Constants {
    fn next(&mut self) -> u64 {
        (0..7).fold(0, |constant, bit| {
            let set = u64::from(self.0 & 1);
            self.0 = (self.0 << 1) ^ if self.0 & 0x80 == 0 { 0 } else { 0x71 };
            constant | set << ((1_u64 << bit) - 1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_hashes_come_out() {
        let hex = |hash: [u8; 32]| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex(keccak256(b"")), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
        assert_eq!(
            hex(keccak256(b"abc")),
            "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"
        );
    }
}
