use super::*;

#[test]
fn case_145_ignored_signals_are_read_from_the_status_of_a_process() {
    let status = "Name:\tmavi\nSigBlk:\t0000000000000002\nSigIgn:\t0000000000004003\n";
    let ignored = ignored_in(status);
    let is_ignored = |signal| ignored & mask(signal) != 0;
    assert_eq!([1, 2, 15, 13].map(is_ignored), [true, true, true, false]);
    assert_eq!(ignored_in("Name:\tmavi\nSigIgn:\tnone\n"), 0);
    assert_eq!(ignored_in(""), 0);
    assert_eq!((mask(0), mask(65)), (0, 0));
}
