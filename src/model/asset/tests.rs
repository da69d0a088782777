use super::*;

#[test]
fn case_136_only_harmless_ids_are_accepted() {
    assert!(AssetId::parse("re_660736410386149376").is_some());
    for bad in ["", "../../x", "a/b", "a\nb", "a b", &"x".repeat(129)] {
        assert_eq!(AssetId::parse(bad), None, "{bad:?}");
    }
}

#[test]
fn digests_survive_the_way_through_hex() {
    let digest = Sha256(std::array::from_fn(|i| u8::try_from(i * 7 % 256).unwrap()));
    assert_eq!(Sha256::from_hex(&digest.to_string()), Some(digest));
    assert_eq!(
        Sha256::from_hex(&digest.to_string().to_uppercase()),
        Some(digest)
    );
    assert_eq!(Sha256::from_hex("é".repeat(32).as_str()), None);
}
