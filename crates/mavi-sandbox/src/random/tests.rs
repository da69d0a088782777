//! The generator against its published output.

use super::*;

#[test]
fn split_mix_is_the_published_one() {
    assert_eq!(split_mix(1_234_567, 1), 6_457_827_717_110_365_317);
    assert_eq!(split_mix(1_234_567, 2), 3_203_168_211_198_807_973);
}
