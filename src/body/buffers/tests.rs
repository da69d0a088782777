use super::*;

#[test]
fn a_buffer_comes_back_when_its_last_segment_is_sent() {
    let buffers = Buffers::default();
    let buffer = buffers.take(8);
    let at = buffer.as_ptr();
    let mut sent = buffers.lend(buffer);
    let segment = sent.split_to(3);
    drop(sent);
    let other = buffers.take(8);
    assert_ne!(other.as_ptr(), at, "a segment is still on its way");
    drop(segment);
    let again = buffers.take(5);
    assert_eq!((again.as_ptr(), again.len()), (at, 5));
}
