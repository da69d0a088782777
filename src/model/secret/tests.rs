use super::*;

#[test]
fn case_139_keys_are_trimmed_and_checked() {
    assert_eq!(
        ApiKey::parse(" sk-mavi-1\r\n").unwrap().expose(),
        "sk-mavi-1"
    );
    assert_eq!(ApiKey::parse(" \n").unwrap_err(), ApiKeyError::Empty);
    assert_eq!(ApiKey::parse("Bearer sk").unwrap_err(), ApiKeyError::Bearer);
    assert_eq!(
        ApiKey::parse("sk mavi").unwrap_err(),
        ApiKeyError::IllegalCharacter
    );
    assert_eq!(
        ApiKey::parse("sk-é").unwrap_err(),
        ApiKeyError::IllegalCharacter
    );
}

#[test]
fn case_129_secrets_do_not_print() {
    let key = ApiKey::parse("sk-mavi-canary").unwrap();
    let url = SignedUrl::parse("https://storage.example/x?signature=canary").unwrap();
    assert_eq!(
        format!("{key:?} {url:?}"),
        "ApiKey(redacted) SignedUrl(host storage.example, redacted)"
    );
}
