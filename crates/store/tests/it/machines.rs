//! Other machines: each request counts once, whatever comes when and how often; what this machine gives away.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use chrono::DateTime;
use proptest::prelude::*;
use tidemark_core::reading::UserIds;
use tidemark_core::wire;
use tidemark_core::{AccountId, Source, Tokens};
use tidemark_store::{
    CoverageSpan, ExchangeId, ExchangeResult, ExportQuery, Machine, MachineBatch, MachineId, MachineRequest,
    MachineSource, NewExchange, OwnMachine, OwnRequest, Renewed, SourceSaid, Store, StoreError, UsageBatch,
    UsageClaim, UsageModel, UsageNamed, UsageOrigin, UsagePart, UsageQuery, UsageRequest, UsageStates,
};

use crate::given::*;

fn exchange(store: &Store, name: &str) -> ExchangeId {
    store.add_exchange(&NewExchange { name: name.to_owned(), place: "{}".to_owned() }, now()).unwrap()
}

fn machine(store: &Store, exchange: ExchangeId, number: usize) -> Machine {
    let identity = format!("{number:032x}");
    store.machine_of(&identity, &format!("machine {number}"), exchange).unwrap().unwrap()
}

/// A record of a request, as one machine's logs have it: machine 0 is this one.
#[derive(Debug, Clone, Copy)]
struct Record {
    machine: usize,
    /// What its program's logs are like: one record says all, states are put together, or the first counts.
    kind: u8,
    number: u64,
    message: u64,
    named: bool,
    /// A later record can say more.
    state: u64,
}

impl Record {
    fn request(self) -> MachineRequest {
        let kind = u64::from(self.kind);
        let (message, fingerprint) = match self.kind {
            0 => (None, 1000 + self.number),
            1 if self.named => (Some(2000 + self.message), 2000 + self.message * 10 + 1 + self.number),
            1 => (Some(2000 + self.message), 2000 + self.message * 10),
            _ => (Some(3000 + self.number), 3000 + self.number),
        };
        let state = match self.kind {
            0 => 0,
            // A log is read in its order.
            2 if self.machine == 0 => 0,
            _ => self.state,
        };
        let minute = (kind * 10 + fingerprint % 10 + state).cast_signed();
        MachineRequest {
            fingerprint,
            message,
            named: self.kind == 2 || self.named,
            states: if self.kind == 1 { UsageStates::Together } else { UsageStates::First },
            at: now().timestamp_millis() + minute * 7 * 60_000,
            begun: None,
            model: format!("model {state}"),
            source: Some(1),
            client: ["kimi-code", "claude-code", "kimi-cli"][usize::from(self.kind)].to_owned(),
            project: None,
            tokens: Tokens { input: 1, output: 10 + state, ..Tokens::default() },
        }
    }
}

fn record() -> impl Strategy<Value = Record> {
    (0_usize..4, 0_u8..3, 0_u64..3, 0_u64..2, any::<bool>(), 0_u64..3).prop_map(
        |(machine, kind, number, message, named, state)| Record {
            machine,
            kind,
            number,
            message,
            named,
            state,
        },
    )
}

/// Writes a record of this machine's own log.
fn write_own(store: &Store, file: &mut Option<i64>, request: &MachineRequest) {
    let MachineRequest { at, begun, tokens, fingerprint, .. } = *request;
    let usage = UsageRequest { at, begun, model: 0, tokens, fingerprint };
    let named = request.message.map(|message| UsageNamed {
        request: usage,
        message,
        named: request.named,
        states: request.states,
        origin: None,
    });
    let claim = request.message.is_none().then_some(UsageClaim { request: usage, copies: 0 });
    let batch = UsageBatch {
        known: now().timestamp_millis(),
        models: vec![UsageModel { name: request.model.clone(), third: false, provider: None }],
        origins: vec![UsageOrigin {
            format: request.client.clone(),
            session: "own".to_owned(),
            project: Some("/work/boat".to_owned()),
        }],
        parts: vec![UsagePart {
            file: *file,
            path: "/log".to_owned(),
            mark: "{}".to_owned(),
            skipped: 0,
            origin: 0,
            claims: claim.into_iter().collect(),
            named: named.into_iter().collect(),
        }],
        ..UsageBatch::default()
    };
    *file = Some(store.write_usage(&batch).unwrap()[0]);
}

type Sums = BTreeMap<(Option<MachineId>, i64, String), (u64, Tokens)>;

fn sums(store: &Store) -> Sums {
    let mut sums = Sums::new();
    let query = UsageQuery { from: now() - minutes(60), to: now() + minutes(24 * 60) };
    store
        .for_each_usage(&query, |sum| {
            let key = (sum.machine, sum.start.timestamp_millis(), sum.model);
            let entry = sums.entry(key).or_default();
            entry.0 += sum.requests;
            entry.1 += sum.tokens;
        })
        .unwrap();
    sums
}

fn batch(machine: MachineId, requests: Vec<MachineRequest>) -> MachineBatch {
    MachineBatch { requests, ..MachineBatch::new(machine, now()) }
}

/// What is stored when records come in batches of some sizes.
fn stored(records: &[Record], sizes: &[usize]) -> Sums {
    let (_folder, store) = empty();
    let way = exchange(&store, "folder");
    let ids: Vec<MachineId> = (1..4).map(|number| machine(&store, way, number).id).collect();
    let mut file = None;
    let mut rest = records;
    let mut sizes = sizes.iter().cycle();
    while !rest.is_empty() {
        let (now, later) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
        rest = later;
        for (number, id) in ids.iter().enumerate() {
            let own = now.iter().filter(|record| record.machine == number + 1);
            store.write_machine_batch(&batch(*id, own.map(|record| record.request()).collect())).unwrap();
        }
        for record in now.iter().filter(|record| record.machine == 0) {
            write_own(&store, &mut file, &record.request());
        }
    }
    sums(&store)
}

/// All that a machine gives away after a place, in pages of about this size.
fn given(store: &Store, after: u64, page: u32) -> Vec<OwnRequest> {
    let last = store.last_usage_place().unwrap();
    let (mut all, mut after) = (Vec::new(), after);
    while after < last {
        let (requests, reached) = store.own_requests(after, last, page).unwrap();
        assert!(reached > after && requests.iter().all(|one| one.place > after && one.place <= reached));
        after = reached;
        all.extend(requests);
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_request_counts_once_in_whatever_order_and_how_often_its_records_come(
        records in prop::collection::vec(record(), 0..14),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..10),
        rotation in 0_usize..14,
        sizes in prop::collection::vec(1_usize..6, 1..4),
    ) {
        let first = stored(&records, &[records.len().max(1)]);
        let mut other = records.clone();
        other.rotate_left(rotation % records.len().max(1));
        other.reverse();
        if !records.is_empty() {
            other.extend(order.iter().map(|index| *index.get(&records)));
        }
        prop_assert_eq!(stored(&other, &sizes), first.clone());
        // One record says all: so many requests as there are numbers.
        let claims = |record: &&Record| record.kind == 0;
        let distinct: BTreeSet<u64> = records.iter().filter(claims).map(|record| record.number).collect();
        if records.iter().all(|record| record.kind == 0) {
            prop_assert_eq!(first.values().map(|(requests, _)| *requests).sum::<u64>(), distinct.len() as u64);
        }
    }

    #[test]
    fn what_one_machine_gives_away_in_pages_is_what_it_counts_on_another(
        records in prop::collection::vec(record(), 0..20),
        cut in 0_usize..20,
        page in 1_u32..5,
    ) {
        let (_folder, here) = empty();
        let (_other_folder, there) = empty();
        let id = machine(&there, exchange(&there, "ssh"), 1).id;
        let (mut file, mut after) = (None, 0);
        let (early, late) = records.split_at(cut.min(records.len()));
        for part in [early, late] {
            for record in part {
                write_own(&here, &mut file, &Record { machine: 0, ..*record }.request());
            }
            let requests = given(&here, after, page);
            after = here.last_usage_place().unwrap();
            let requests = requests.into_iter().map(|one| MachineRequest { source: None, ..one.request });
            there.write_machine_batch(&batch(id, requests.collect())).unwrap();
        }
        let own = |sums: Sums| sums.into_iter().map(|((_, at, model), sum)| ((at, model), sum)).collect::<BTreeMap<_, _>>();
        prop_assert_eq!(own(sums(&there)), own(sums(&here)));
    }

    #[test]
    fn a_machine_that_is_removed_leaves_what_the_others_hold(
        records in prop::collection::vec(record(), 0..14),
    ) {
        let (_folder, store) = empty();
        let way = exchange(&store, "folder");
        let ids: Vec<MachineId> = (1..4).map(|number| machine(&store, way, number).id).collect();
        let mut file = None;
        let write = |number: usize| {
            let own = records.iter().filter(|record| record.machine == number);
            store.write_machine_batch(&batch(ids[number - 1], own.map(|record| record.request()).collect())).unwrap();
        };
        for record in records.iter().filter(|record| record.machine == 0) {
            write_own(&store, &mut file, &record.request());
        }
        (1..4).for_each(write);
        store.remove_machine(ids[0], false).unwrap();
        prop_assert!(store.machines().unwrap().iter().all(|machine| machine.cursor.is_none()));
        (2..4).for_each(write);
        let (_fresh_folder, fresh) = empty();
        let way = exchange(&fresh, "folder");
        let fresh_ids: Vec<MachineId> = (1..4).map(|number| machine(&fresh, way, number).id).collect();
        let mut file = None;
        for record in records.iter().filter(|record| record.machine == 0) {
            write_own(&fresh, &mut file, &record.request());
        }
        for number in 2..4 {
            let own = records.iter().filter(|record| record.machine == number);
            fresh.write_machine_batch(&batch(fresh_ids[number - 1], own.map(|record| record.request()).collect())).unwrap();
        }
        // What a state of the removed machine said of a request that another holds stays: it is the same request.
        let requests = |sums: &Sums| sums.values().map(|(requests, _)| requests).sum::<u64>();
        prop_assert_eq!(requests(&sums(&store)), requests(&sums(&fresh)));
        prop_assert!(sums(&store).keys().all(|(machine, ..)| *machine != Some(ids[0])));
    }
}

#[test]
fn a_request_in_the_logs_here_counts_as_this_machine_s() {
    let (_folder, store) = empty();
    let way = exchange(&store, "folder");
    let other = machine(&store, way, 1).id;
    let record = Record { machine: 1, kind: 0, number: 1, message: 0, named: true, state: 0 };
    store.write_machine_batch(&batch(other, vec![record.request()])).unwrap();
    let machines = |store: &Store| sums(store).into_keys().map(|(machine, ..)| machine).collect::<Vec<_>>();
    assert_eq!(machines(&store), [Some(other)]);
    write_own(&store, &mut None, &record.request());
    assert_eq!(machines(&store), [None], "a synced home");
    assert_eq!(given(&store, 0, 10).len(), 1, "it is given away once its logs are here");
}

#[test]
fn another_machine_s_requests_are_not_given_away() {
    let (_folder, store) = empty();
    let other = machine(&store, exchange(&store, "folder"), 1).id;
    for kind in 0..3 {
        let record = Record { machine: 1, kind, number: 1, message: 0, named: true, state: 0 };
        store.write_machine_batch(&batch(other, vec![record.request()])).unwrap();
    }
    assert_eq!(sums(&store).values().map(|(requests, _)| requests).sum::<u64>(), 3);
    assert_eq!(given(&store, 0, 10), []);
}

#[test]
fn usage_goes_to_the_account_of_the_same_user_as_soon_as_it_is_known() {
    let (_folder, store, account) = with_account();
    let other = machine(&store, exchange(&store, "laptop"), 1).id;
    let user = |id: &str| UserIds { quota: Some(id.to_owned()), ..UserIds::default() };
    let source = |number, id: &str, service, minute| MachineSource {
        number,
        said: SourceSaid { service: Some(service), region: None, user: user(id) },
        as_of: now() + minutes(minute),
    };
    let request = |number, source| MachineRequest {
        source: Some(source),
        ..Record { machine: 1, kind: 0, number, message: 0, named: true, state: 0 }.request()
    };
    let accounts = vec![(account.id, Source::KimiCode, user("lin"))];
    let batch = MachineBatch {
        accounts: accounts.clone(),
        sources: vec![
            source(1, "lin", Source::KimiCode, 0),
            source(2, "wei", Source::KimiCode, 0),
            source(3, "lin", Source::Platform, 0),
        ],
        // What is said of source 4 has not come yet.
        requests: (1..5).map(|number| request(number as u64, number)).collect(),
        ..MachineBatch::new(other, now())
    };
    store.write_machine_batch(&batch).unwrap();
    let assigned = || -> BTreeMap<Option<AccountId>, u64> {
        let mut found = BTreeMap::new();
        let query = UsageQuery { from: now() - minutes(60), to: now() + minutes(24 * 60) };
        store.for_each_usage(&query, |sum| *found.entry(sum.account).or_default() += sum.requests).unwrap();
        found
    };
    assert_eq!(assigned(), BTreeMap::from([(None, 3), (Some(account.id), 1)]));
    let given =
        store.requests_told(account.id, 0, now() + minutes(1), DateTime::UNIX_EPOCH, 10).unwrap().requests;
    assert_eq!(given.len(), 1, "the analysis is given it");
    assert_eq!(given[0].machine, Some(other));
    let mut exported = Vec::new();
    let all = ExportQuery { account: Some(account.id), from: DateTime::UNIX_EPOCH, to: now() + minutes(60) };
    store
        .for_each_line(&all, |line| {
            exported.push(line.record);
            ControlFlow::Continue(())
        })
        .unwrap();
    let [wire::Record::Usage(exported)] = &exported[..] else { panic!("{exported:?}") };
    assert_eq!(exported.machine.as_deref(), Some("machine 1"));

    // The latest word on a source counts, in whatever order it comes.
    let words = [source(4, "lin", Source::KimiCode, 5), source(4, "wei", Source::KimiCode, 2)];
    for word in words {
        let batch = MachineBatch {
            accounts: accounts.clone(),
            sources: vec![word],
            ..MachineBatch::new(other, now())
        };
        store.write_machine_batch(&batch).unwrap();
    }
    assert_eq!(assigned(), BTreeMap::from([(None, 2), (Some(account.id), 2)]));
    // The account turns out to be another user's.
    assert!(store.assign_machine_usage(&[(account.id, Source::KimiCode, user("wei"))]).unwrap());
    assert_eq!(assigned(), BTreeMap::from([(None, 3), (Some(account.id), 1)]));
    assert!(!store.assign_machine_usage(&[(account.id, Source::KimiCode, user("wei"))]).unwrap());
}

#[test]
fn coverage_of_a_machine_is_put_together_and_goes_with_it() {
    let (_folder, store) = empty();
    let other = machine(&store, exchange(&store, "laptop"), 1).id;
    let span = |from, to| CoverageSpan {
        format: "kimi-code".to_owned(),
        from: now() + minutes(from),
        to: now() + minutes(to),
    };
    let add = |minute, spans: &[CoverageSpan]| {
        let batch =
            MachineBatch { coverage: spans.to_vec(), ..MachineBatch::new(other, now() + minutes(minute)) };
        store.write_machine_batch(&batch).unwrap();
    };
    add(30, &[span(0, 10), span(20, 30)]);
    let spans = || -> Vec<_> {
        let all = store.log_coverage().unwrap();
        all.into_iter().map(|one| (one.machine, one.span, one.known_at)).collect()
    };
    let known = now() + minutes(30);
    assert_eq!(spans(), [(Some(other), span(0, 10), known), (Some(other), span(20, 30), known)]);
    add(40, &[span(5, 20), span(9, 9), span(40, 2)]);
    assert_eq!(spans(), [(Some(other), span(0, 30), now() + minutes(40))]);
    add(50, &[span(3, 8)]);
    assert_eq!(spans(), [(Some(other), span(0, 30), now() + minutes(40))], "nothing new in it");
    store.remove_machine(other, true).unwrap();
    assert_eq!(spans(), []);
}

#[test]
fn the_logs_of_a_machine_are_known_where_those_of_all_formats_are() {
    let (_folder, store) = empty();
    let way = exchange(&store, "folder");
    let other = machine(&store, way, 1).id;
    let span = |format: &str, from, to| CoverageSpan {
        format: format.to_owned(),
        from: now() + minutes(from),
        to: now() + minutes(to),
    };
    let coverage = vec![span("kimi-code", 0, 40), span("codex", 10, 20), span("codex", 30, 60)];
    store
        .write_machine_batch(&MachineBatch { coverage, ..MachineBatch::new(other, now() + minutes(60)) })
        .unwrap();
    let known = || store.machine_logs().unwrap();
    let at = |minute| now() + minutes(minute);
    assert_eq!(known()[0].spans, [(at(10), at(20)), (at(30), at(40))]);
    assert_eq!((known()[0].name.as_str(), known()[0].known_at), ("machine 1", Some(at(60))));

    let mut lines = Vec::new();
    let all = ExportQuery { account: None, from: now(), to: at(100) };
    store
        .for_each_line(&all, |line| {
            lines.push(line);
            ControlFlow::Continue(())
        })
        .unwrap();
    let machines: Vec<_> = lines
        .iter()
        .filter_map(|line| match &line.record {
            wire::Record::LogCoverage(line) => Some((line.machine.as_str(), line.from, line.to)),
            _ => None,
        })
        .collect();
    assert_eq!(machines, [("machine 1", at(10), at(20)), ("machine 1", at(30), at(40))]);

    // Nothing comes from it any more: it is not waited for.
    store.remove_exchange(way).unwrap();
    assert_eq!(known(), []);
}

#[test]
fn own_coverage_goes_on_unless_logs_can_have_been_deleted_unread() {
    let (_folder, store) = empty();
    let record = Record { machine: 0, kind: 0, number: 1, message: 0, named: true, state: 0 };
    write_own(&store, &mut None, &record.request());
    let day = |count: i64| now() + minutes(count * 24 * 60);
    let spans = |format: &str| -> Vec<_> {
        let all = store.own_coverage().unwrap();
        all.into_iter().filter(|one| one.format == format).map(|one| (one.from, one.to)).collect()
    };
    for at in [day(1), day(3), day(2)] {
        store.note_own_coverage(&["kimi-code", "codex"], at).unwrap();
    }
    let quarter = |at: i64| at - at.rem_euclid(15 * 60_000);
    let oldest = DateTime::from_timestamp_millis(quarter(record.request().at)).unwrap();
    assert_eq!(spans("kimi-code"), [(oldest, day(3))], "from its oldest request on");
    assert_eq!(
        spans("codex"),
        [(day(1), day(3))],
        "nothing is known of a program from before the first scan"
    );
    store.note_own_coverage(&["codex"], day(40)).unwrap();
    assert_eq!(spans("codex"), [(day(1), day(3)), (day(20), day(40))]);
}

#[test]
fn names_are_unique_among_machines_and_exchanges() {
    let (_folder, store) = empty();
    let way = exchange(&store, "laptop");
    let taken = store.add_exchange(&NewExchange { name: "laptop".to_owned(), place: "{}".to_owned() }, now());
    assert!(matches!(taken, Err(StoreError::NameTaken(_))), "{taken:?}");
    let named = |identity: &str, name| store.machine_of(identity, name, way).unwrap().unwrap().name;
    assert_eq!(named("a", "laptop"), "laptop", "the machine of that exchange");
    assert_eq!(named("b", "laptop"), "laptop (2)");
    assert_eq!(named("a", "whatever"), "laptop", "it is known");
    let ids: Vec<MachineId> = store.machines().unwrap().iter().map(|machine| machine.id).collect();
    store.rename_machine(ids[0], "work laptop").unwrap();
    assert_eq!(store.exchanges().unwrap()[0].name, "work laptop", "its exchange goes with it");
    assert!(matches!(store.rename_machine(ids[1], "work laptop"), Err(StoreError::NameTaken(_))));
    store.rename_exchange(way, "ours").unwrap();
    let called: Vec<String> = store.machines().unwrap().into_iter().map(|machine| machine.name).collect();
    assert_eq!(called, ["ours", "laptop (2)"], "its machine goes with it, and no other");
    assert!(matches!(store.rename_exchange(way, "laptop (2)"), Err(StoreError::NameTaken(_))));
}

#[test]
fn a_muted_machine_keeps_its_usage_and_is_not_taken_in_again() {
    let (_folder, store) = empty();
    let way = exchange(&store, "folder");
    let other = machine(&store, way, 1);
    let record = |number| Record { machine: 1, kind: 0, number, message: 0, named: true, state: 0 };
    store.write_machine_batch(&batch(other.id, vec![record(1).request()])).unwrap();
    let before = sums(&store);
    assert!(!before.is_empty());
    store.mute_machine(other.id).unwrap();
    assert_eq!(store.machine_of(&other.identity, "again", way).unwrap(), None);
    store.write_machine_batch(&batch(other.id, vec![record(2).request()])).unwrap();
    assert_eq!(sums(&store), before);
    let [kept] = store.machines().unwrap().try_into().unwrap();
    assert_eq!((kept.name, kept.exchange), (other.name.clone(), None));
    // When its usage goes, too, its files in the folder still do not bring it back.
    store.remove_machine(other.id, false).unwrap();
    assert!(sums(&store).is_empty() && store.machines().unwrap().is_empty());
    assert_eq!(store.machine_of(&other.identity, "again", way).unwrap(), None);
}

#[test]
fn a_machine_that_is_ignored_stays_away_and_its_name_is_free() {
    let (_folder, store) = empty();
    let way = exchange(&store, "folder");
    let other = machine(&store, way, 1);
    store.remove_machine(other.id, true).unwrap();
    assert_eq!(store.machine_of(&other.identity, "again", way).unwrap(), None);
    assert_eq!(store.machines().unwrap(), []);
    let record = Record { machine: 1, kind: 0, number: 1, message: 0, named: true, state: 0 };
    store.write_machine_batch(&batch(other.id, vec![record.request()])).unwrap();
    assert!(sums(&store).is_empty());
    assert_eq!(store.machine_of("another", &other.name, way).unwrap().unwrap().name, other.name);
}

#[test]
fn a_machine_that_was_ignored_comes_back_with_all_that_it_says() {
    let (_folder, store) = empty();
    let way = exchange(&store, "folder");
    let record = |number| Record { machine: 1, kind: 0, number, message: 0, named: true, state: 0 };
    for forgotten in [false, true] {
        let other = machine(&store, way, usize::from(forgotten));
        store.write_machine_batch(&batch(other.id, vec![record(1).request()])).unwrap();
        let before = sums(&store);
        assert!(!before.is_empty());
        if forgotten {
            store.remove_machine(other.id, true).unwrap();
            assert_eq!(store.machines().unwrap(), []);
            let [known] = store.forgotten_machines().unwrap().try_into().unwrap();
            assert_eq!(
                (known.id, known.name, known.identity),
                (other.id, other.name.clone(), other.identity.clone())
            );
        } else {
            store.mute_machine(other.id).unwrap();
            assert!(store.machines().unwrap()[0].ignored);
            assert_eq!(store.forgotten_machines().unwrap(), []);
        }
        store.set_exchange_file(way, "a.records", Some("{}")).unwrap();
        assert_eq!(store.restore_machine(other.id).unwrap().as_ref(), Some(&other.name));
        assert_eq!(store.exchange_files(way).unwrap(), [], "all files are read again");
        assert_eq!(store.restore_machine(other.id).unwrap(), None, "it is not ignored");
        let again = store.machine_of(&other.identity, "whatever", way).unwrap().unwrap();
        assert_eq!(
            (again.id, &again.name, again.ignored, again.exchange),
            (other.id, &other.name, false, Some(way))
        );
        store.write_machine_batch(&batch(other.id, vec![record(1).request()])).unwrap();
        assert_eq!(sums(&store), before);
        store.remove_machine(other.id, false).unwrap();
    }
    // Another one has taken its name meanwhile.
    let other = machine(&store, way, 1);
    store.remove_machine(other.id, true).unwrap();
    store.machine_of("another", &other.name, way).unwrap();
    assert_eq!(store.restore_machine(other.id).unwrap(), Some(format!("{} (2)", other.name)));
}

#[test]
fn an_exchange_remembers_how_it_went_and_its_machines_outlive_it() {
    let (_folder, store) = empty();
    let way = exchange(&store, "laptop");
    let other = machine(&store, way, 1);
    let note = |minute, problem: Option<&str>| {
        let result = ExchangeResult {
            at: now() + minutes(minute),
            problem: problem.map(ToOwned::to_owned),
            partly_done: false,
        };
        store.note_exchange(way, &result).unwrap();
        store.exchange(way).unwrap().unwrap()
    };
    note(1, Some("{}"));
    let twice = note(2, Some("{}"));
    assert_eq!((twice.failures, twice.done_at, twice.tried_at), (2, None, Some(now() + minutes(2))));
    let done = note(3, None);
    assert_eq!((done.failures, done.problem, done.done_at), (0, None, Some(now() + minutes(3))));
    store.set_exchange_file(way, "a", Some("{}")).unwrap();
    store.remove_exchange(way).unwrap();
    assert_eq!(store.exchange_files(way).unwrap(), []);
    let kept = store.machines().unwrap();
    assert_eq!((kept.len(), kept[0].exchange, &kept[0].name), (1, None, &other.name));
}

#[test]
fn states_that_an_older_program_wrote_are_given_away_too() {
    let (folder, store) = empty();
    let record = |number| Record { machine: 0, kind: 2, number, message: 0, named: true, state: 0 };
    let mut file = None;
    for number in 0..3 {
        write_own(&store, &mut file, &record(number).request());
    }
    let place = store.last_usage_place().unwrap();
    let db = rusqlite::Connection::open(folder.path().join(tidemark_store::FILE_NAME)).unwrap();
    db.execute("UPDATE usage_state SET revision = NULL WHERE fingerprint > 3000", []).unwrap();
    drop((db, store));
    let store = Store::open(folder.path(), now()).unwrap();
    assert_eq!(given(&store, place, 1).len(), 2);
    assert_eq!(given(&store, 0, 1).len(), 3);
}

#[test]
fn this_machine_and_its_runs_are_remembered() {
    let (_folder, store) = empty();
    assert_eq!(store.own_machine().unwrap(), None);
    let own = OwnMachine {
        id: "ab".repeat(16),
        name: "desk".to_owned(),
        host: "h".to_owned(),
        made_at: now(),
        renewed: None,
        epoch: "0a".to_owned(),
    };
    for own in [
        own.clone(),
        OwnMachine { renewed: Some(Renewed::Clone), name: "other".to_owned(), epoch: "0b".to_owned(), ..own },
    ] {
        store.set_own_machine(&own).unwrap();
        assert_eq!(store.own_machine().unwrap(), Some(own));
    }
    store.add_own_run("r1", now()).unwrap();
    store.add_own_run("r1", now()).unwrap();
    assert!(store.knows_own_run("r1").unwrap() && !store.knows_own_run("r2").unwrap());
}
