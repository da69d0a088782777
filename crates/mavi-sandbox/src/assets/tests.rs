//! The size of an asset's record, and its id.

use super::*;

#[test]
fn a_million_assets_fit_in_a_few_hundred_megabytes() {
    assert!(size_of::<Asset>() <= 200, "{}", size_of::<Asset>());
}

#[test]
fn ids_have_18_digits_and_lead_back_to_their_asset() {
    let mut assets = Assets::new();
    let indices = [assets.allot("a", None, None), assets.allot("b", None, None)];
    let ids = indices.map(|index| assets.id(index));
    assert_eq!(ids[0].len(), 21);
    assert_ne!(ids[0], ids[1]);
    assert_eq!(
        ids.each_ref().map(|id| assets.index(id)),
        [Some(0), Some(1)]
    );
    let beyond = assets.id(2);
    for strange in [
        "",
        "re_",
        "re_1",
        "re_x",
        &ids[0][3..],
        &ids[0].replace('_', "_+"),
        &beyond,
    ] {
        assert_eq!(assets.index(strange), None, "{strange}");
    }
}
