use super::*;

#[test]
fn a_schedule_of_rates_is_read() {
    let schedule: RateSchedule = "1, send=2, 30s:0.5, 1m:sign=0".parse().unwrap();
    let changes: Vec<_> = schedule
        .changes
        .iter()
        .map(|change| {
            (
                change.after.as_secs(),
                change.endpoints.first().copied(),
                change.rate,
            )
        })
        .collect();
    let expected = [
        (0, Some(Endpoint::Send), Some(2.0)),
        (30, None, Some(0.5)),
        (60, Some(Endpoint::Sign), Some(0.0)),
    ];
    assert_eq!((schedule.rate, &changes[..]), (1.0, &expected[..]));
    for wrong in [
        "",
        "x",
        "-1",
        "NaN",
        "30:1",
        "30s:",
        "download=1",
        "1,",
        "send=",
    ] {
        assert!(wrong.parse::<RateSchedule>().is_err(), "{wrong:?}");
    }
}
