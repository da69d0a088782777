//! Random numbers that repeat: each is a function of a seed and a position alone. It knows nothing of their use.

/// Output number `position` (from 1) of the `SplitMix64` generator, <https://prng.di.unimi.it/splitmix64.c>.
pub(crate) fn split_mix(seed: u64, position: u64) -> u64 {
    let mut x = seed.wrapping_add(position.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The upper 53 bits as a number in (0, 1]: never 0, whose logarithm is infinite.
#[expect(
    clippy::cast_precision_loss,
    reason = "53 bits are what an f64 holds exactly"
)]
pub(crate) fn unit(bits: u64) -> f64 {
    ((bits >> 11) + 1) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests;
