use super::*;

#[test]
fn faults_show_their_own_words_whoever_passes_them_on() {
    let account: Fault = AccountFault::OutOfCredits.into();
    let server = Fault::Server(503, "busy".to_owned());
    let redirect = Fault::Redirect("login.example".to_owned());
    for (fault, words) in [
        (account, "the account is out of credits (402)"),
        (server, "the service failed (503): busy"),
        (
            redirect,
            "redirected to login.example, which is not followed",
        ),
    ] {
        assert_eq!(fault.to_string(), words);
        let sent = SendFault::from(fault);
        assert_eq!(sent.to_string(), words);
        // A chain of causes shows nothing twice.
        assert!(std::error::Error::source(&sent).is_none());
    }
}
