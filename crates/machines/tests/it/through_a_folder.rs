//! Exchanges through a folder, and what syncers do to it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use proptest::prelude::*;
use tidemark_machines::ProblemKind;
use tidemark_store::Renewed;

use crate::given::*;

/// A machine's files of records.
fn records(folder: &Path, id: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.join(id)).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(|path| path.to_string_lossy().contains("records")).collect();
    files.sort();
    files
}

#[test]
fn machines_find_each_other_s_usage() {
    let shared = tempfile::tempdir().unwrap();
    let mut machines = ["desk", "laptop", "server"].map(Machine::new);
    for (number, machine) in machines.iter_mut().enumerate() {
        // The last ten of each are in the next one's logs too.
        let first = number as u64 * 20;
        machine.uses(first..first + 30);
    }
    for _ in 0..2 {
        for machine in &mut machines {
            machine.exchanges(shared.path());
        }
    }
    for machine in &machines {
        assert_eq!(machine.requests(), 70, "{:?}", machine.sums());
        assert_eq!(machine.sums()[""].0, 30);
    }
    // Nothing new: nothing is written, nothing is read.
    let before = fs::metadata(&records(shared.path(), &machines[0].own.id)[0]).unwrap().len();
    assert_eq!(machines[0].exchanges(shared.path()).requests, 0);
    assert_eq!(fs::metadata(&records(shared.path(), &machines[0].own.id)[0]).unwrap().len(), before);
    // Later use comes as it is known.
    machines[1].uses(500..510);
    machines[1].exchanges(shared.path());
    assert_eq!(machines[2].exchanges(shared.path()).requests, 10);
    assert_eq!(machines[2].requests(), 80);
}

#[test]
fn nothing_in_the_folder_can_be_read_without_the_passphrase() {
    let shared = tempfile::tempdir().unwrap();
    let mut desk = Machine::new("desk with a name");
    desk.uses(1..5);
    desk.exchanges(shared.path());
    for file in fs::read_dir(shared.path().join(&desk.own.id)).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        for plain in ["kimi-k3", "desk with", "request", "AGE-SECRET-KEY", "four random"] {
            assert!(!text.contains(plain), "{plain}");
        }
    }
    let other = Machine::new("other");
    assert_eq!(
        other.opens(shared.path(), "another passphrase").unwrap_err().kind,
        ProblemKind::WrongPassphrase
    );
    assert_eq!(other.opens(shared.path(), "four random words here"), Ok(()));
    let fresh = tempfile::tempdir().unwrap();
    assert_eq!(other.opens(fresh.path(), "short").unwrap_err().kind, ProblemKind::ShortPassphrase);
    assert_eq!(
        other.opens(&fresh.path().join("none"), "four random words here").unwrap_err().kind,
        ProblemKind::FolderMissing
    );
}

#[test]
fn a_file_that_comes_in_pieces_is_read_as_far_as_it_is_there() {
    let (source, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut far, near) = (Machine::new("far"), Machine::new("near"));
    for day in 0..6 {
        far.uses(day * 10..day * 10 + 10);
        far.writes(source.path()).unwrap();
    }
    let own = target.path().join(&far.own.id);
    fs::create_dir(&own).unwrap();
    let file = records(source.path(), &far.own.id).remove(0);
    let whole = fs::read(&file).unwrap();
    let name = own.join(file.file_name().unwrap());
    // The records come before the key that opens them.
    fs::write(&name, &whole[..whole.len() / 2]).unwrap();
    let before = near.reads(target.path());
    assert!(before.is_err() || near.requests() == 0);
    fs::copy(source.path().join(&far.own.id).join("key.age"), own.join("key.age")).unwrap();
    let mut seen = Vec::new();
    for length in [whole.len() / 2, whole.len() / 2 + 1, whole.len() - 1, whole.len()] {
        fs::write(&name, &whole[..length]).unwrap();
        near.reads(target.path()).unwrap();
        seen.push(near.requests());
    }
    assert!(seen[0] > 0 && seen[0] < 60 && seen.is_sorted(), "{seen:?}");
    assert_eq!(seen[3], 60);
    // Room that was made before the content came.
    let holes = Machine::new("holes");
    let mut with_hole = whole.clone();
    let hole = whole.len() / 3..whole.len() / 2;
    with_hole[hole].fill(0);
    fs::write(&name, &with_hole).unwrap();
    let _ = holes.reads(target.path());
    assert!(holes.requests() < 60);
    fs::write(&name, &whole).unwrap();
    holes.reads(target.path()).unwrap();
    assert_eq!(holes.requests(), 60);
}

fn sets_length(file: &Path, length: u64) {
    fs::OpenOptions::new().write(true).open(file).unwrap().set_len(length).unwrap();
}

#[test]
fn a_file_that_stays_cut_off_is_named_and_one_on_its_way_is_not() {
    let shared = tempfile::tempdir().unwrap();
    let mut far = Machine::new("far");
    far.uses(0..60);
    far.writes(shared.path()).unwrap();
    let file = records(shared.path(), &far.own.id).remove(0);
    let whole = fs::read(&file).unwrap();
    let written: chrono::DateTime<chrono::Utc> = fs::metadata(&file).unwrap().modified().unwrap().into();
    for length in [whole.len() as u64 / 2, 9, 0] {
        let mut near = Machine::new("near");
        sets_length(&file, length);
        near.now = written + TimeDelta::minutes(5);
        for _ in 0..2 {
            assert_eq!(near.reads(shared.path()).map(|taken| taken.requests), Ok(0), "{length}: on its way");
        }
        near.now = written + TimeDelta::hours(30);
        for _ in 0..2 {
            let problem = near.reads(shared.path()).unwrap_err();
            assert_eq!(problem.kind, ProblemKind::Damaged, "{length}");
            assert!(problem.said.unwrap().ends_with(".records"));
        }
    }
    fs::write(&file, &whole).unwrap();
    let mut near = Machine::new("near");
    assert_eq!(near.reads(shared.path()).unwrap().requests, 60);
    // It was longer before: nothing is on its way.
    near.now = written + TimeDelta::minutes(5);
    sets_length(&file, whole.len() as u64 / 2);
    for _ in 0..2 {
        assert_eq!(near.reads(shared.path()).map_err(|problem| problem.kind), Err(ProblemKind::Damaged));
    }
    fs::write(&file, &whole).unwrap();
    assert_eq!(near.reads(shared.path()).map(|taken| taken.requests), Ok(0));
}

#[test]
fn of_many_files_that_cannot_be_read_the_first_are_named() {
    let shared = tempfile::tempdir().unwrap();
    let (mut far, near) = (Machine::new("far"), Machine::new("near"));
    far.uses(0..9);
    far.writes(shared.path()).unwrap();
    for month in 10..22 {
        let name = format!("{}/2019-{month}.records", far.own.id);
        fs::write(shared.path().join(name), "no records are in this file").unwrap();
    }
    let problem = near.reads(shared.path()).unwrap_err();
    let said = problem.said.unwrap();
    assert!(said.ends_with("2019-12.records, … 9"), "{said}");
    assert!(!said.contains(shared.path().to_str().unwrap()), "{said}");
    assert_eq!(near.requests(), 9, "the others are read");
}

#[test]
fn conflict_copies_renamed_and_stray_files_change_nothing() {
    let shared = tempfile::tempdir().unwrap();
    let (mut far, near) = (Machine::new("far"), Machine::new("near"));
    far.uses(0..25);
    far.writes(shared.path()).unwrap();
    let own = shared.path().join(&far.own.id);
    let file = records(shared.path(), &far.own.id).remove(0);
    for copy in [
        "2026-03 (lin's conflicted copy 2026-03-30).records",
        "2026-03.sync-conflict-20260330-101010-ABCDEFG.records",
        "2026-03 (1).records",
    ] {
        fs::copy(&file, own.join(copy)).unwrap();
    }
    fs::rename(&file, shared.path().join("moved.records")).unwrap();
    fs::write(shared.path().join(".stfolder"), "").unwrap();
    fs::write(own.join("Thumbs.db"), [7; 5000]).unwrap();
    fs::write(own.join("2026-02.records"), "tidemark records 1\n").unwrap();
    fs::create_dir(shared.path().join("photos")).unwrap();
    near.reads(shared.path()).unwrap();
    assert_eq!((near.requests(), near.store.machines().unwrap().len()), (25, 1));
    // Its own file was taken away: it is written again.
    far.uses(25..30);
    far.writes(shared.path()).unwrap();
    near.reads(shared.path()).unwrap();
    assert_eq!(near.requests(), 30);
}

#[test]
fn two_machines_with_one_id_are_distinguished() {
    let shared = tempfile::tempdir().unwrap();
    let mut desk = Machine::new("desk");
    desk.uses(0..10);
    desk.exchanges(shared.path());
    let mut clone = desk.cloned();
    assert_eq!(clone.own.id, desk.own.id);
    // The clone appends to what it takes for its own file.
    clone.uses(100..110);
    clone.exchanges(shared.path());
    desk.uses(10..20);
    let seen = desk.exchanges(shared.path());
    assert!(seen.cloned);
    assert_eq!(desk.own.renewed, Some(Renewed::Clone));
    assert_ne!(desk.own.id, clone.own.id);
    for _ in 0..2 {
        clone.exchanges(shared.path());
        desk.exchanges(shared.path());
    }
    assert_eq!((desk.requests(), clone.requests()), (30, 30), "{:?} {:?}", desk.sums(), clone.sums());
    let mut other = Machine::new("other");
    other.exchanges(shared.path());
    assert_eq!(other.requests(), 30);
    // Whoever counts: what both have is that of the machine that kept the id.
    let expected = BTreeMap::from([(clone.own.id.clone(), 20), (desk.own.id.clone(), 10)]);
    for viewer in [&desk, &clone, &other] {
        assert_eq!(viewer.requests_by_id(), expected, "seen by {}", viewer.host.name);
    }
}

#[test]
fn a_part_that_was_being_written_when_the_power_went_is_finished_or_written_again() {
    let shared = tempfile::tempdir().unwrap();
    let mut desk = Machine::new("desk");
    desk.uses(0..10);
    desk.writes(shared.path()).unwrap();
    let file = records(shared.path(), &desk.own.id).remove(0);
    let before = fs::read(&file).unwrap();
    let kept = desk.store.exchange(desk.exchange).unwrap().unwrap().written.unwrap();
    desk.uses(10..20);
    desk.writes(shared.path()).unwrap();
    let whole = fs::read(&file).unwrap();
    // What was stored before the part was appended, with the file as it was at some moments of that.
    for length in [before.len(), before.len() + 7, whole.len() - 1, whole.len()] {
        desk.store.set_exchange_written(desk.exchange, Some(&kept)).unwrap();
        fs::write(&file, &whole[..length]).unwrap();
        desk.writes(shared.path()).unwrap();
        let near = Machine::new("near");
        near.reads(shared.path()).unwrap();
        assert_eq!(near.requests(), 20, "{length}");
    }
}

#[test]
fn a_month_that_is_over_is_written_again_in_few_parts() {
    let shared = tempfile::tempdir().unwrap();
    let (mut far, near) = (Machine::new("far"), Machine::new("near"));
    for part in 0..20 {
        far.uses(part * 3..part * 3 + 3);
        far.now += TimeDelta::minutes(10);
        far.writes(shared.path()).unwrap();
    }
    near.reads(shared.path()).unwrap();
    let march = records(shared.path(), &far.own.id).remove(0);
    let long = fs::metadata(&march).unwrap().len();
    far.now += TimeDelta::days(10);
    far.uses(60..70);
    far.writes(shared.path()).unwrap();
    assert_eq!(records(shared.path(), &far.own.id).len(), 2);
    let short = fs::metadata(&march).unwrap().len();
    assert!(short * 10 < long * 6, "{short} of {long}");
    near.reads(shared.path()).unwrap();
    let fresh = Machine::new("fresh");
    fresh.reads(shared.path()).unwrap();
    assert_eq!((near.requests(), fresh.requests()), (70, 70));
    assert_eq!(near.sums()["far"], far.sums()[""]);
}

#[test]
fn a_damaged_file_is_said_and_costs_only_itself() {
    let shared = tempfile::tempdir().unwrap();
    let (mut far, mut other, near) = (Machine::new("far"), Machine::new("other"), Machine::new("near"));
    far.uses(0..10);
    far.writes(shared.path()).unwrap();
    far.uses(10..20);
    far.writes(shared.path()).unwrap();
    other.uses(100..105);
    other.writes(shared.path()).unwrap();
    let file = records(shared.path(), &far.own.id).remove(0);
    let mut bytes = fs::read(&file).unwrap();
    bytes[300] ^= 1;
    fs::write(&file, &bytes).unwrap();
    assert_eq!(near.reads(shared.path()).unwrap_err().kind, ProblemKind::Damaged);
    assert_eq!(near.requests(), 15, "the part behind it, and the other machine's");
    bytes[300] ^= 1;
    fs::write(&file, &bytes).unwrap();
    near.reads(shared.path()).unwrap();
    assert_eq!(near.requests(), 25);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn every_request_counts_once_whatever_the_order_of_use_and_exchange(
        steps in prop::collection::vec((0_usize..3, 0_u64..40, 1_u64..12, any::<bool>(), 0_u8..4), 1..10),
    ) {
        let shared = tempfile::tempdir().unwrap();
        let mut machines = ["a", "b", "c"].map(Machine::new);
        let mut used = std::collections::BTreeSet::new();
        for (number, first, count, exchanges, trick) in steps {
            let machine = &mut machines[number];
            machine.uses(first..first + count);
            used.extend(first..first + count);
            machine.now += TimeDelta::hours(i64::from(trick) * 7);
            if exchanges {
                machine.exchanges(shared.path());
            }
            // What a syncer does.
            if let Some(file) = records(shared.path(), &machine.own.id).first() {
                match trick {
                    1 => drop(fs::copy(file, file.with_extension("conflict.records")).unwrap()),
                    2 => drop(fs::copy(file, shared.path().join(format!("copy of {number}"))).unwrap()),
                    _ => {}
                }
            }
        }
        for _ in 0..2 {
            for machine in &mut machines {
            machine.exchanges(shared.path());
        }
        }
        for machine in &machines {
            prop_assert_eq!(machine.requests(), used.len() as u64);
        }
    }
}

#[test]
fn records_that_come_before_their_key_are_read_when_it_comes() {
    let (source, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut far, near) = (Machine::new("far"), Machine::new("near"));
    far.uses(0..10);
    far.writes(source.path()).unwrap();
    let file = records(source.path(), &far.own.id).remove(0);
    let own = target.path().join(&far.own.id);
    fs::create_dir(&own).unwrap();
    fs::copy(&file, own.join(file.file_name().unwrap())).unwrap();
    for _ in 0..2 {
        assert_eq!(near.reads(target.path()).unwrap_err().kind, ProblemKind::Damaged, "not complete yet");
    }
    fs::copy(file.with_file_name("key.age"), own.join("key.age")).unwrap();
    near.reads(target.path()).unwrap();
    assert_eq!(near.requests(), 10);
}

/// Changes a byte of a file.
fn damage(file: &Path, place: usize) {
    let mut bytes = fs::read(file).unwrap();
    bytes[place] ^= 0x55;
    fs::write(file, bytes).unwrap();
}

#[test]
fn a_damaged_file_is_named_and_its_machine_writes_it_again() {
    let shared = tempfile::tempdir().unwrap();
    let mut far = Machine::new("far");
    for part in 0..4 {
        far.uses(part * 10..part * 10 + 10);
        far.writes(shared.path()).unwrap();
    }
    let file = records(shared.path(), &far.own.id).remove(0);
    // The line at the beginning, the length of a part, a part, the end. A part that seems to be longer than what is there
    // may still be on its way.
    for (place, is_named) in [(3, true), (20, false), (22, true), (2000, true), (usize::MAX, true)] {
        let length = fs::metadata(&file).unwrap().len() as usize;
        damage(&file, place.min(length - 1));
        let near = Machine::new("near");
        match near.reads(shared.path()) {
            Err(problem) => {
                assert!(is_named && problem.kind == ProblemKind::Damaged, "{place} {problem:?}");
                let said = problem.said.clone().unwrap_or_default();
                assert!(said.contains("2026-03.records"), "{said}");
                assert_eq!(near.reads(shared.path()), Err(problem), "as long as it is damaged");
            }
            Ok(taken) => assert!(!is_named && taken.requests == 0, "{place} {taken:?}"),
        }
        // Nothing new was used; it is written again all the same.
        far.writes(shared.path()).unwrap();
        near.reads(shared.path()).unwrap();
        assert_eq!(near.requests(), 40, "{place}");
        let before = fs::metadata(&file).unwrap().len();
        far.writes(shared.path()).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().len(), before, "once");
    }
}

#[test]
fn a_damaged_month_that_is_over_is_written_again_with_what_is_left_of_it() {
    let shared = tempfile::tempdir().unwrap();
    let mut far = Machine::new("far");
    for part in 0..3 {
        far.uses(part * 10..part * 10 + 10);
        far.writes(shared.path()).unwrap();
    }
    far.now += TimeDelta::days(40);
    far.uses(30..40);
    far.writes(shared.path()).unwrap();
    let [over, present] = records(shared.path(), &far.own.id).try_into().unwrap();
    damage(&over, fs::metadata(&over).unwrap().len() as usize / 2);
    far.writes(shared.path()).unwrap();
    let near = Machine::new("near");
    near.reads(shared.path()).unwrap();
    assert_eq!(near.requests(), 40);
    // What was in the other parts is still in them: the history of a machine can forget single requests.
    fs::remove_file(present).unwrap();
    let near = Machine::new("near");
    near.reads(shared.path()).unwrap();
    assert_eq!(near.requests(), 20);
}

#[test]
fn a_damaged_or_lost_key_is_written_again_and_what_it_locked_too() {
    let shared = tempfile::tempdir().unwrap();
    let mut far = Machine::new("far");
    far.uses(0..10);
    far.writes(shared.path()).unwrap();
    let key = shared.path().join(&far.own.id).join("key.age");
    let length = fs::metadata(&key).unwrap().len() as usize;
    for place in [Some(2), Some(length / 2), Some(length - 1), None] {
        match place {
            Some(place) => damage(&key, place),
            None => fs::remove_file(&key).unwrap(),
        }
        let near = Machine::new("near");
        if let Err(problem) = near.reads(shared.path())
            && problem.kind == ProblemKind::Damaged
        {
            // Without a key, the records may be on their way.
            let named = if place.is_some() { "key.age" } else { "2026-03.records" };
            assert!(problem.said.as_ref().is_some_and(|said| said.contains(named)), "{problem:?}");
        }
        assert_eq!(near.requests(), 0);
        // The machine was started again meanwhile: it has the key from its file alone.
        far = far.restarted();
        if let Err(problem) = far.writes(shared.path()) {
            // Damage that looks like another passphrase, and no other machine's key to try it with.
            assert_eq!(problem.kind, ProblemKind::WrongPassphrase);
            fs::remove_file(&key).unwrap();
            far.writes(shared.path()).unwrap();
        }
        near.reads(shared.path()).unwrap();
        assert_eq!(near.requests(), 10, "{place:?}");
    }
}
