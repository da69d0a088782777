use super::*;
use tracing::Level;

#[test]
fn case_131_no_verbosity_shows_what_the_client_logs() {
    for library in [
        "hyper::client",
        "hyper_util::client::legacy::pool",
        "reqwest::connect",
    ] {
        assert!(!cap().would_enable(library, &Level::DEBUG), "{library}");
    }
    assert!(cap().would_enable("mavi_upload::api", &Level::TRACE));
    assert!(of_verbosity(2).would_enable("mavi_upload::api", &Level::DEBUG));
    assert!(!of_verbosity(1).would_enable("mavi_upload::api", &Level::DEBUG));
}
