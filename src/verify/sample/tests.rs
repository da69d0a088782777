use super::*;

#[test]
fn a_larger_sample_contains_a_smaller_one() {
    let shares = ["0.5%", "1%", "10 %", "99.9%", "100%"];
    let samples = shares.map(|share| share.parse::<AssetSample>().unwrap());
    let keys = (0..=1_000).map(|i| u64::MAX / 1_000 * i);
    for key in keys {
        let taken = samples.map(|sample| sample.takes(key));
        assert!(taken.is_sorted(), "{key}: {taken:?}");
    }
    assert!(samples[4].takes(u64::MAX) && !samples[3].takes(u64::MAX));
}

#[test]
fn what_is_no_share_is_refused() {
    for wrong in ["", "%", "1", "0%", "-1%", "101%", "NaN%", "one%"] {
        assert_eq!(wrong.parse::<AssetSample>(), Err(SampleError), "{wrong:?}");
    }
}
