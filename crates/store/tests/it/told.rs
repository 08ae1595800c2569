//! What the analysis of an account is given of its usage: all of it, each token once, whenever it became known, grew, or
//! was found to be the account's.

use std::collections::BTreeMap;

use chrono::DateTime;
use proptest::prelude::*;
use tidemark_core::step::{Outcome, StoredState};
use tidemark_core::{AccountId, Tokens};
use tidemark_store::{
    AnalysisResult, Store, UsageBatch, UsageModel, UsageNamed, UsageOrigin, UsagePart, UsageProvider,
    UsageRequest, UsageStates, WhoseUse,
};

use crate::given::*;

#[derive(Debug, Clone, Copy)]
enum Step {
    /// A program writes a request again, with so many tokens more.
    Write { request: u64, more: u64, minute: i64 },
    /// A poll: the analysis is given what is new, in portions.
    Poll { portion: usize },
    /// It becomes known whose the requests are.
    Assign,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_u64..4, 0_u64..50, 0_i64..300)
            .prop_map(|(request, more, minute)| Step::Write { request, more, minute }),
        3 => (1_usize..4).prop_map(|portion| Step::Poll { portion }),
        1 => Just(Step::Assign),
    ]
}

struct House {
    _folder: tempfile::TempDir,
    store: Store,
    account: AccountId,
    file: Option<i64>,
    polls: i64,
    cursor: u64,
    told: u64,
}

impl House {
    fn new() -> Self {
        let (folder, store, account) = with_account();
        Self { _folder: folder, store, account: account.id, file: None, polls: 0, cursor: 0, told: 0 }
    }

    fn provider(&self, whose: WhoseUse) -> i64 {
        let provider = UsageProvider {
            home: "/home/user/.zed".to_owned(),
            name: "kimi".to_owned(),
            base_url: None,
            modified: 10,
            whose,
        };
        self.store.usage_provider(&provider).unwrap().0
    }

    fn write(&mut self, request: u64, output: u64, minute: i64) {
        let number = self.provider(WhoseUse::NotKnownYet);
        let at = now().timestamp_millis() + minute * 60_000;
        let tokens = Tokens { output, ..Tokens::default() };
        let state = UsageRequest { at, begun: None, model: 0, tokens, fingerprint: request };
        let named = UsageNamed {
            request: state,
            message: request,
            named: true,
            states: UsageStates::Growing,
            origin: None,
        };
        let batch = UsageBatch {
            known: now().timestamp_millis(),
            models: vec![UsageModel { name: "kimi-k3".to_owned(), third: false, provider: Some(number) }],
            origins: vec![UsageOrigin { format: "zed".to_owned(), session: "s".to_owned(), project: None }],
            parts: vec![UsagePart {
                file: self.file,
                path: "/threads.db".to_owned(),
                mark: "{}".to_owned(),
                skipped: 0,
                origin: 0,
                claims: Vec::new(),
                named: vec![named],
            }],
            ..UsageBatch::default()
        };
        self.file = Some(self.store.write_usage(&batch).unwrap()[0]);
    }

    fn poll(&mut self, portion: usize) {
        loop {
            let far = now() + minutes(1);
            let given = self
                .store
                .requests_told(self.account, self.cursor, far, DateTime::UNIX_EPOCH, portion)
                .unwrap();
            assert!(given.requests.len() <= portion);
            self.told += given.requests.iter().map(|request| request.tokens.output).sum::<u64>();
            self.cursor = given.told;
            if !given.more {
                break;
            }
        }
        self.polls += 1;
        let at = now() + minutes(self.polls);
        let reading =
            self.store.insert_reading(self.account, &reading(at, dec("1"), dec("1")), "{}").unwrap();
        let state = StoredState { usage_cursor: self.cursor, ..state() };
        let concluded = AnalysisResult::new(Outcome::default(), state);
        self.store.record_analysis(self.account, reading, &concluded).unwrap();
    }
}

proptest! {
    // Each has a database of its own.
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn the_analysis_is_given_every_token_of_its_account_once(steps in prop::collection::vec(step(), 0..24)) {
        let mut house = House::new();
        let mut written: BTreeMap<u64, u64> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Write { request, more, minute } => {
                    let tokens = written.entry(request).or_insert(1);
                    *tokens += more;
                    let tokens = *tokens;
                    house.write(request, tokens, minute);
                }
                Step::Poll { portion } => house.poll(portion),
                Step::Assign => drop(house.provider(WhoseUse::Account(house.account))),
            }
        }
        house.provider(WhoseUse::Account(house.account));
        house.poll(3);
        prop_assert_eq!(house.told, written.values().sum::<u64>());
        house.poll(3);
        prop_assert_eq!(house.told, written.values().sum::<u64>(), "nothing comes twice");
    }
}
