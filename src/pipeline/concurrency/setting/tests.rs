use super::*;

#[test]
fn what_is_typed_is_a_number_or_auto() {
    assert_eq!("auto".parse(), Ok(Concurrency::Auto));
    let three = NonZeroUsize::new(3).unwrap();
    assert_eq!("3".parse(), Ok(Concurrency::Fixed(three)));
    for bad in ["0", "-1", "", "many"] {
        let words = bad.parse::<Concurrency>().unwrap_err();
        assert_eq!(words, "expected a number of uploads, 1 or more, or auto");
    }
}
