use serde_json::json;

use super::*;

fn id() -> AssetId {
    AssetId::parse("re_1").unwrap()
}

#[test]
fn case_019_missing_or_empty_answers_are_faults() {
    let url = "https://s.example/x";
    let table = [
        json!(null),
        json!({}),
        json!([]),
        json!({ "asset_id": "", "signed_url": url }),
        json!({ "asset_id": 5, "signed_url": url }),
        json!({ "asset_id": "re_1" }),
        json!({ "asset_id": "re_1", "signed_url": "" }),
        json!({ "asset_id": "re_1", "signed_url": null }),
        json!({ "asset_id": "re_1", "signed_url": "/x?sig=canary" }),
    ];
    for content in table {
        let fault = signed_upload(&content).unwrap_err();
        assert!(
            matches!(&fault, Fault::Protocol(text) if !text.contains("canary")),
            "{fault:?}"
        );
    }
    for content in [json!(null), json!({}), json!({ "total": 1 })] {
        assert!(
            matches!(status_answer(&content, &id()), Err(Fault::Protocol(_))),
            "{content}"
        );
    }
}

#[test]
fn case_021_expires_in_has_many_shapes() {
    let hour = 3600;
    let table = [
        (json!(93600), 93600),
        (json!("93600"), 93600),
        (json!(93600.0), 93600),
        (json!("93600.0"), 93600),
        (json!(0), 0),
        (json!(-1), 0),
        (json!("-1"), 0),
        (json!(null), hour),
        (json!("soon"), hour),
        (json!("NaN"), hour),
        (json!(1e300), 365 * 86_400),
    ];
    for (expires_in, seconds) in table {
        let content = json!({ "asset_id": "re_1", "signed_url": "https://s.example/x",
                "expires_in": expires_in });
        let life = signed_upload(&content).unwrap().expires_in;
        assert_eq!(life, Duration::from_secs(seconds), "{expires_in}");
    }
    let absent = json!({ "asset_id": "re_1", "signed_url": "https://s.example/x" });
    assert_eq!(
        signed_upload(&absent).unwrap().expires_in,
        Duration::from_secs(hour)
    );
}

#[test]
fn case_136_ids_that_are_no_ids_are_faults() {
    for bad in ["../../x", "a/b", "a\u{1b}[2Jb", &"x".repeat(10_240)] {
        let fault = asset_id(&json!({ "asset_id": bad })).unwrap_err();
        let Fault::Protocol(text) = fault else {
            panic!("{fault:?}")
        };
        assert!(
            text.chars().count() <= 300 && !text.contains('\u{1b}'),
            "{text}"
        );
    }
}

#[test]
fn case_062_unknown_statuses_are_kept_and_harmless() {
    let table = [
        (json!("SUCCESS"), UploadStatus::Success),
        (
            json!("PROCESSING"),
            UploadStatus::Unknown("PROCESSING".to_owned()),
        ),
        (json!(null), UploadStatus::Unknown("null".to_owned())),
        (json!("\u{1b}["), UploadStatus::Unknown("\\x1b[".to_owned())),
        (json!(7), UploadStatus::Unknown("7".to_owned())),
    ];
    for (word, status) in table {
        let content =
            json!({ "total": 1, "resource": [{ "asset_id": "re_1", "upload_status": word }] });
        let found = StatusAnswer::Found {
            status,
            file_size: None,
        };
        assert_eq!(status_answer(&content, &id()).unwrap(), found);
    }
}

#[test]
fn case_168_status_words_count_in_any_case() {
    for (word, status) in [
        ("success", UploadStatus::Success),
        ("Waiting", UploadStatus::Waiting),
        (" uploading", UploadStatus::Uploading),
        ("fAILED", UploadStatus::Failed),
    ] {
        let content = json!({ "resource": [{ "asset_id": "re_1", "upload_status": word }] });
        let found = StatusAnswer::Found {
            status,
            file_size: None,
        };
        assert_eq!(status_answer(&content, &id()).unwrap(), found);
    }
}

#[test]
fn case_063_no_record_is_absent() {
    for content in [
        json!({ "total": 0 }),
        json!({ "total": "0", "resource": [] }),
    ] {
        assert_eq!(
            status_answer(&content, &id()).unwrap(),
            StatusAnswer::Absent
        );
    }
}

#[test]
fn case_064_only_the_asked_asset_counts() {
    let content = json!({ "total": 2, "resource": [
        { "asset_id": "re_2", "upload_status": "FAILED", "file_size": "9" },
        { "upload_status": "FAILED" },
        null,
        { "file_size": "133652816", "upload_status": "SUCCESS", "asset_id": "re_1" },
    ]});
    let found = StatusAnswer::Found {
        status: UploadStatus::Success,
        file_size: Some(133_652_816),
    };
    assert_eq!(status_answer(&content, &id()).unwrap(), found);
    assert_eq!(
        status_answer(&content, &AssetId::parse("re_3").unwrap()).unwrap(),
        StatusAnswer::Absent
    );
}

#[test]
fn case_065_file_size_has_many_shapes() {
    let table = [
        (json!("1"), Some(1)),
        (json!(1), Some(1)),
        (json!(1.0), Some(1)),
        (json!(""), None),
        (json!(null), None),
    ];
    for (file_size, expected) in table {
        let content = json!({ "resource": [{ "asset_id": "re_1", "upload_status": "SUCCESS",
                "file_size": file_size }] });
        let found = StatusAnswer::Found {
            status: UploadStatus::Success,
            file_size: expected,
        };
        assert_eq!(status_answer(&content, &id()).unwrap(), found);
    }
}
