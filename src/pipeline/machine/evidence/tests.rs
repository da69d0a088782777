use super::*;

const SIZE: u64 = 100;

fn found(word: &str) -> StatusAnswer {
    StatusAnswer::Found {
        status: UploadStatus::parse(word),
        file_size: None,
    }
}

fn of_size(held: u64) -> StatusAnswer {
    StatusAnswer::Found {
        status: UploadStatus::Success,
        file_size: Some(held),
    }
}

/// What each answer settles, one after another.
fn settled(answers: &[StatusAnswer]) -> Vec<Option<Settled>> {
    let mut evidence = Evidence::default();
    let weigh = |answer| evidence.weigh(answer, SIZE);
    answers.iter().map(weigh).collect()
}

#[test]
fn case_167_only_known_words_settle_anything() {
    for odd in ["PROCESSING", "", "null", "7"] {
        assert_eq!(settled(&vec![found(odd); 5]), [None; 5], "{odd}");
    }
    assert_eq!(settled(&vec![StatusAnswer::Absent; 5]), [None; 5]);
    let whole = |size_checked| Some(Settled::Whole { size_checked });
    assert_eq!(settled(&[of_size(SIZE)]), [whole(true)]);
    assert_eq!(settled(&[found("success")]), [whole(false)]);
}

#[test]
fn case_169_what_costs_money_is_believed_the_second_time() {
    let pairs = [
        (found("WAITING"), Settled::Empty),
        (found("UPLOADING"), Settled::Arrived),
        (found("FAILED"), Settled::Failed),
        (of_size(99), Settled::WrongSize(99)),
    ];
    for (answer, said) in pairs {
        let twice = [answer.clone(), answer.clone()];
        assert_eq!(settled(&twice), [None, Some(said)]);
        let around_silence = [answer.clone(), StatusAnswer::Absent, answer.clone()];
        assert_eq!(settled(&around_silence), [None, None, Some(said)]);
        let contradicted = [answer.clone(), found("PENDING"), answer];
        assert_eq!(settled(&contradicted), [None; 3]);
    }
    assert_eq!(settled(&[of_size(99), of_size(98)]), [None; 2]);
}
