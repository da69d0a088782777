use super::*;

fn parsed(text: &str) -> Timetable {
    text.parse().unwrap()
}

#[test]
fn a_timetable_holds_from_time_to_time_and_over_midnight() {
    let table = parsed("19:00,off 08:00,5M");
    let at = |hour, minute| table.rate_at(Time::constant(hour, minute, 0, 0));
    assert_eq!(at(7, 59), None);
    assert_eq!(at(8, 0), Some(5_000_000));
    assert_eq!(at(18, 59), Some(5_000_000));
    assert_eq!(at(19, 0), None);
    assert_eq!(parsed("20M").rate(), Some(20_000_000));
    assert_eq!(parsed("off").rate(), None);
    assert_eq!(parsed(&table.to_string()), table);
}

#[test]
fn what_is_no_bandwidth_is_named() {
    for (text, part) in [
        ("", "\"\""),
        ("fast", "\"fast\""),
        ("08:00,5M 25:00,off", "\"25:00,off\""),
        ("08:00,5M noon", "\"noon\""),
        ("08:00,5M 08:00,off", "\"08:00,5M 08:00,off\""),
        ("100", "\"100\""),
    ] {
        let error = text.parse::<Timetable>().unwrap_err().to_string();
        assert!(error.starts_with(part), "{text}: {error}");
    }
}

#[test]
fn a_forecast_goes_from_window_to_window() {
    let from = |hour| Time::constant(hour, 0, 0, 0);
    let seconds = |table: &str, bytes, hour, line| {
        let time = parsed(table).time_for(bytes, from(hour), line);
        time.map(|time| time.as_secs())
    };
    assert_eq!(seconds("off", 1, 0, Some(1.0)), None);
    assert_eq!(seconds("1M", 5_000_000, 3, None), Some(5));
    assert_eq!(seconds("1M", 5_000_000, 3, Some(500_000.0)), Some(10));
    let table = "08:00,1M 19:00,off";
    let an_hour = 3_600_000_000;
    assert_eq!(seconds(table, an_hour, 10, None), Some(3_600));
    assert_eq!(
        seconds(table, an_hour * 3, 17, None),
        Some(7_200),
        "the rest at once"
    );
    assert_eq!(seconds(table, an_hour * 4, 17, Some(2e6)), Some(3 * 3_600));
    assert_eq!(seconds(table, an_hour, 7, Some(5e5)), Some(7_200));
    // A day lets through 11 hours of 1 MB/s and 13 of 2 MB/s.
    assert_eq!(
        seconds(table, an_hour * 38, 8, Some(2e6)),
        Some(86_400 + 3_600)
    );
}

#[test]
fn case_162_only_times_with_different_rates_need_a_zone() {
    let table = [
        ("off", false),
        ("20M", false),
        ("08:00,5M", false),
        ("08:00,5M 19:00,5M", false),
        ("08:00,5M 19:00,off", true),
    ];
    for (text, changes) in table {
        assert_eq!(
            text.parse::<Timetable>().unwrap().changes_by_day(),
            changes,
            "{text}"
        );
    }
}
