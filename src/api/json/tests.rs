use serde_json::json;

use super::*;

#[test]
fn case_023_a_key_that_stands_twice_is_an_error_at_any_depth() {
    for text in [r#"{"a":1,"a":1}"#, r#"{"x":[{"b":null,"c":2,"b":3}]}"#] {
        assert!(
            parse(text.as_bytes())
                .unwrap_err()
                .to_string()
                .contains("twice"),
            "{text}"
        );
    }
    let text = r#"{"a":[1,-2,2.5,"x",null,true],"b":{"a":18446744073709551615}}"#;
    assert_eq!(
        parse(text.as_bytes()).unwrap(),
        serde_json::from_str::<Value>(text).unwrap()
    );
}

#[test]
fn case_026_deep_nesting_is_an_error_and_no_stack_overflow() {
    assert!(parse("[".repeat(100_000).as_bytes()).is_err());
    assert!(parse(r#"{"a":"#.repeat(100_000).as_bytes()).is_err());
}

#[test]
fn case_065_whole_numbers_have_many_shapes() {
    for one in [json!(1), json!(1.0), json!("1"), json!(" 1 "), json!("1.0")] {
        assert_eq!(whole(&one), Some(1), "{one}");
    }
    for none in [
        json!(-1),
        json!(1.5),
        json!(""),
        json!(null),
        json!("inf"),
        json!(1e300),
    ] {
        assert_eq!(whole(&none), None, "{none}");
    }
    assert_eq!(
        whole(&json!("9007199254740993")),
        Some(9_007_199_254_740_993)
    );
}
