//! Full disks, read-only folders, damaged ledgers: nothing is overwritten and nothing is lost.

mod places;

use std::fs::{self, File};
use std::path::Path;

use rusqlite::Connection;

use crate::command::mavi;
use crate::common::asset_ids;
use crate::job::{Job, SmallDisk, under};
use crate::running::ended;
#[cfg(target_os = "linux")]
use crate::shim::faulty;

const GO_ON: &str = "run the same command again to go on";

/// `--ledger` and `-r` with these files.
fn at<'a>(ledger: &'a Path, report: &'a Path) -> [&'a str; 5] {
    let (ledger, report) = (ledger.to_str().unwrap(), report.to_str().unwrap());
    ["--ledger", ledger, "-r", report, "library"]
}

#[tokio::test]
async fn case_104_a_full_disk_under_the_report_stops_the_run_in_order_and_the_ledger_has_it_all() {
    let Some(disk) = SmallDisk::mount("16k") else {
        return;
    };
    let (job, report) = (Job::new().await, disk.file("r.csv"));
    job.files(200, 1000);
    let ledger = job.ledger();
    let args = at(&ledger, &report);
    job.run(&args).await.is(5, &["no space left", GO_ON]);
    let sent = job.stored();
    assert!(!sent.is_empty() && sent.len() < 200, "{} sent", sent.len());
    let known = asset_ids(&ledger);
    assert!(sent.iter().all(|asset| known.contains(&asset.asset_id)));

    disk.resize("1m");
    job.run(&args).await.is(0, &["200 success"]);
    job.all_stored_once(200);
    fs::write(disk.file("filler"), vec![0; 2_000_000]).unwrap_err();
    let calls = job.calls();
    job.run(&args).await.is(5, &["no space left", GO_ON]);
    fs::remove_file(disk.file("filler")).unwrap();
    fs::remove_file(&report).unwrap();
    job.run(&args).await.is(0, &["200 success"]);
    assert_eq!(job.calls(), calls, "the report is made of what is known");
    assert_eq!(fs::read_to_string(&report).unwrap().lines().count(), 201);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn case_104_a_report_that_standard_output_does_not_take_is_told() {
    let job = Job::new().await;
    job.files(1, 1000);
    job.run(&["library"]).await.is(0, &[]);
    for format in ["csv", "jsonl"] {
        let output = mavi(job.folder())
            .args(["report", "-o", "-", "--format", format])
            .stdout(File::options().write(true).open("/dev/full").unwrap())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(5));
        let words = String::from_utf8(output.stderr).unwrap();
        assert!(words.contains("report -: no space left"), "{words}");
    }
}

#[tokio::test]
async fn case_105_a_full_disk_under_the_ledger_stops_at_once_and_no_id_is_lost() {
    let Some(disk) = SmallDisk::mount("600k") else {
        return;
    };
    let (job, ledger) = (Job::new().await, disk.file("l.db"));
    job.files(300, 1000);
    let report = job.bench.report();
    let args = at(&ledger, &report);
    let end = job.run(&args).await;
    end.is(5, &["no space left on the device", GO_ON]);
    let signed = job.sandbox.assets();
    assert!(!signed.is_empty() && signed.len() < 300, "{}", signed.len());

    disk.resize("40m");
    let known = asset_ids(&ledger);
    let lost = signed.iter().filter(|asset| {
        let told = format!("reserved but not recorded: {} for ", asset.asset_id);
        asset.posts > 0 && !known.contains(&asset.asset_id) && !end.words.contains(&told)
    });
    assert_eq!(lost.count(), 0);
    job.run(&args).await.is(0, &["300 success"]);
    job.all_stored_once(300);
}

#[tokio::test]
async fn case_105_a_limit_on_the_size_of_files_stops_the_run_with_words_and_no_id_is_lost() {
    let job = Job::new().await;
    job.files(60, 1000);
    // In blocks of 512 bytes: room for a ledger, but not for all that is to be written to it.
    for blocks in [40, 400] {
        let command = under(&format!("ulimit -f {blocks}"), &job.command(&["library"]));
        ended(command).await.is(5, &["mavi-ledger.db", GO_ON]);
    }
    let signed = job.sandbox.assets();
    assert!(signed.len() < 60, "{} signed", signed.len());
    job.run(&["library"]).await.is(0, &["60 success"]);
    job.all_stored_once(60);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn case_106_a_commit_that_does_not_reach_the_disk_stops_the_run() {
    let job = Job::new().await;
    job.files(60, 1000);
    let command = job.command(&["-j", "2", "library"]);
    let faults = [
        ("SHIM_UNSYNCED", "mavi-ledger.db-wal"),
        ("SHIM_SYNCS", "25"),
    ];
    let Some(command) = faulty(command, &faults) else {
        return;
    };
    let end = ended(command).await;
    end.is(5, &["mavi-ledger.db: disk I/O error", GO_ON]);
    assert!(!end.words.contains("lock"), "{}", end.words);
    let (signed, known) = (job.sandbox.assets(), asset_ids(&job.ledger()));
    assert!(signed.len() < 60);
    for asset in signed.iter().filter(|asset| asset.posts > 0) {
        assert!(known.contains(&asset.asset_id));
    }
    job.run(&["library"]).await.is(0, &["60 success"]);
    job.all_stored_once(60);
}

#[tokio::test]
async fn case_108_a_damaged_ledger_is_neither_used_nor_overwritten() {
    let job = Job::new().await;
    job.files(20, 1000);
    job.run(&["library"]).await.is(0, &[]);
    let (whole, calls) = (fs::read(job.ledger()).unwrap(), job.calls());
    job.bench.file("new.mp4", 1000);
    let damage: [fn(&mut Vec<u8>); 4] = [
        |bytes| bytes[3] ^= 1,
        |bytes| bytes.truncate(5000),
        |bytes| bytes[100..200].fill(0xff),
        |bytes| bytes[4096..].fill(0xff),
    ];
    for (i, damage) in damage.iter().enumerate() {
        let mut bytes = whole.clone();
        damage(&mut bytes);
        fs::write(job.ledger(), &bytes).unwrap();
        let end = job.run(&["library"]).await;
        end.is(5, &["damaged or not a ledger", "restore it", GO_ON]);
        assert!(fs::read(job.ledger()).unwrap() == bytes, "damage {i}");
        assert_eq!(job.calls(), calls, "damage {i}");
    }
    fs::write(job.ledger(), &whole).unwrap();
    job.run(&["library"]).await.is(0, &["21 success"]);
    job.all_stored_once(21);
}

#[tokio::test]
async fn case_109_a_ledger_of_a_newer_mavi_is_left_to_that() {
    let job = Job::new().await;
    job.files(1, 1000);
    job.run(&["library"]).await.is(0, &[]);
    let ledger = Connection::open(job.ledger()).unwrap();
    ledger.pragma_update(None, "user_version", 99).unwrap();
    drop(ledger);
    let (bytes, calls) = (fs::read(job.ledger()).unwrap(), job.calls());
    let words = ["written by a newer mavi (schema 99", "update mavi"];
    job.run(&["library"]).await.is(2, &words);
    assert!(fs::read(job.ledger()).unwrap() == bytes);
    assert_eq!(job.calls(), calls);
}

/// Gives the ledger another owner.
fn of_another_key(job: &Job) {
    let sql = "UPDATE identity SET value = '00000000' WHERE name = 'account'";
    let ledger = Connection::open(job.ledger()).unwrap();
    assert_eq!(ledger.execute(sql, []).unwrap(), 1);
}

#[tokio::test]
async fn case_110_another_key_goes_on_where_the_service_knows_an_asset_of_the_ledger() {
    let job = Job::new().await;
    fs::remove_file(job.bench.file("gone.mp4", 1)).unwrap();
    job.run(&["library"]).await.is(0, &[]);
    of_another_key(&job);
    job.run(&["library"]).await.is(0, &[]);
    assert_eq!(job.calls(), 0, "nothing is known that could be mixed up");

    job.files(1, 1000);
    job.run(&["library"]).await.is(0, &[]);
    let looks = job.sandbox.stats().calls.status;
    of_another_key(&job);
    for _ in 0..2 {
        job.run(&["library"]).await.is(0, &["1 success"]);
    }
    assert_eq!(job.sandbox.stats().calls.status, looks + 1, "asked once");

    for state in ["confirmed", "allotted"] {
        of_another_key(&job);
        let sql = "UPDATE asset SET asset_id = 're_of_somebody_else', state = ?1";
        let ledger = Connection::open(job.ledger()).unwrap();
        ledger.execute(sql, [state]).unwrap();
        drop(ledger);
        let words = ["belongs to another account", "--adopt-ledger"];
        job.run(&["library"]).await.is(2, &words);
        assert_eq!(job.sandbox.stats().calls.sign, 1);
    }
}

#[tokio::test]
async fn a_ledger_on_a_disk_that_is_read_only_can_be_asked() {
    let Some(disk) = SmallDisk::mount("4m") else {
        return;
    };
    let (job, ledger) = (Job::new().await, disk.file("l.db"));
    job.files(3, 1000);
    job.run(&at(&ledger, &disk.file("r.csv"))).await.is(0, &[]);
    disk.remount("ro");
    for (words, told) in [
        ("status", "no one"),
        ("orphans", ""),
        ("report -o -", "002.mp4"),
    ] {
        let mut command = mavi(job.folder());
        command.args(words.split(' ')).arg("--ledger").arg(&ledger);
        let end = ended(command).await;
        end.is(0, &[]);
        let heard = end.data + &end.words;
        assert!(heard.contains(told), "{words}: {heard}");
    }
    disk.remount("rw");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn case_114_a_file_system_that_cannot_lock_is_told_with_the_way_out() {
    let job = Job::new().await;
    job.files(1, 1000);
    let command = job.command(&["library"]);
    let Some(command) = faulty(command, &[("SHIM_UNLOCKED", "mavi-ledger.db.lock")]) else {
        return;
    };
    let words = ["cannot be locked", "give --ledger a place on a local disk"];
    ended(command).await.is(5, &words);
    assert_eq!(job.calls(), 0);
}
