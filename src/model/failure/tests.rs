use super::*;

#[test]
fn case_071_087_errors_get_the_code_that_says_what_to_do() {
    let code = |kind: ErrorKind| RowFailure::from_io(&io::Error::from(kind)).code;
    assert_eq!(code(ErrorKind::NotFound), ErrorCode::NotFound);
    assert_eq!(code(ErrorKind::NotADirectory), ErrorCode::NotFound);
    assert_eq!(code(ErrorKind::PermissionDenied), ErrorCode::Permission);
    assert_eq!(code(ErrorKind::InvalidFilename), ErrorCode::NameTooLong);
    assert_eq!(code(ErrorKind::StaleNetworkFileHandle), ErrorCode::Io);
}
