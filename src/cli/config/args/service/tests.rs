use super::*;

#[test]
fn case_133_a_storage_host_is_a_host() {
    for host in [
        "storage.example",
        "10.0.0.5:9000",
        "[fd00::1]:9000",
        "STORAGE.example:443",
    ] {
        assert_eq!(storage_host(host).as_deref(), Ok(host));
    }
    for wrong in [
        "",
        "https://storage.example",
        "a/b",
        "me@storage.example",
        "a b",
        "a:b",
        "a?b",
        "a:80:80",
    ] {
        assert!(storage_host(wrong).is_err(), "{wrong:?}");
    }
}
