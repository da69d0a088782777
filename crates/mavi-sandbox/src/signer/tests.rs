//! What a signature covers.

use super::*;

#[test]
fn a_signature_belongs_to_one_id_one_time_and_one_instance() {
    let signer = Signer::new();
    let signature = signer.sign("re_1", "100");
    assert_eq!(signature.len(), 64);
    assert_eq!(signature, signer.sign("re_1", "100"));
    assert_ne!(signature, signer.sign("re_2", "100"));
    assert_ne!(signature, signer.sign("re_11", "00"));
    assert_ne!(signature, Signer::new().sign("re_1", "100"));
}
