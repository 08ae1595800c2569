//! Tasks whose list of messages is written again as a whole with each change, and the index of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};
use tidemark_core::Tokens;
use tidemark_files::private::take_place;
use tidemark_logs::{Options, Roots, Tally, scan};
use tidemark_monitor::local_use::index::{Asked, update};
use tidemark_store::{Store, UsageQuery, WhoseUse};

use crate::random::Random;

/// Something that happens.
#[derive(Debug, Clone)]
enum Op {
    /// A request begins, whose message has no counts yet.
    Begin { task: u8 },
    /// The latest request of a task is answered.
    Answer { task: u8 },
    /// A checkpoint is restored: messages are removed, and their sum takes their place.
    Restore { task: u8, keep: u8 },
    /// The model is changed, which is written beside the messages.
    Change { task: u8 },
    /// A task's file is written to a part of its length, as it is when another program reads it meanwhile.
    Tear { task: u8, keep: u8 },
    /// A task is copied to another editor.
    Copy { task: u8 },
    /// The index is brought up to date, and compared.
    Look,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        5 => any::<u8>().prop_map(|task| Op::Begin { task }),
        6 => any::<u8>().prop_map(|task| Op::Answer { task }),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(task, keep)| Op::Restore { task, keep }),
        2 => any::<u8>().prop_map(|task| Op::Change { task }),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(task, keep)| Op::Tear { task, keep }),
        1 => any::<u8>().prop_map(|task| Op::Copy { task }),
        5 => Just(Op::Look),
    ]
}

const MODELS: [&str; 3] = ["kimi-k3", "kimi-k2.6", "claude-opus-5"];

#[derive(Debug, Clone)]
struct Message {
    at: i64,
    /// `None` while it is under way.
    tokens: Option<Tokens>,
    model: usize,
    /// It stands for messages that were removed.
    is_sum: bool,
}

#[derive(Debug, Clone)]
struct Task {
    folders: Vec<PathBuf>,
    messages: Vec<Message>,
    changes: Vec<(i64, usize)>,
}

struct Home {
    dir: tempfile::TempDir,
    tasks: Vec<Task>,
    random: Random,
    clock: i64,
    /// Every request that was answered in a task, by task and time.
    answered: BTreeMap<(usize, i64), (usize, Tokens)>,
}

impl Home {
    fn path(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    fn pick(&mut self, task: u8) -> usize {
        if self.tasks.len() < 3 {
            let number = self.tasks.len();
            let storage = "User/globalStorage/saoudrizwan.claude-dev/tasks";
            let folder = self.path().join(format!(".config/Code/{storage}/t{number}"));
            fs::create_dir_all(&folder).unwrap();
            self.tasks.push(Task { folders: vec![folder], messages: Vec::new(), changes: vec![(0, 0)] });
            self.write(number);
            self.beside(number);
        }
        usize::from(task) % self.tasks.len()
    }

    fn text(&self, task: usize) -> String {
        let message = |message: &Message| {
            let text = match message.tokens {
                Some(tokens) => json!({"request": "x", "tokensIn": tokens.input, "tokensOut": tokens.output,
                    "cacheReads": tokens.cache_read, "cacheWrites": tokens.cache_write}),
                None => json!({"request": "x"}),
            };
            let say = if message.is_sum { "deleted_api_reqs" } else { "api_req_started" };
            json!({"ts": message.at, "type": "say", "say": say, "text": text.to_string()})
        };
        let messages: Vec<Value> = self.tasks[task].messages.iter().map(message).collect();
        Value::from(messages).to_string()
    }

    fn write(&self, task: usize) {
        self.put(task, "ui_messages.json", &self.text(task));
    }

    fn beside(&self, task: usize) {
        let changes: Vec<Value> = self.tasks[task]
            .changes
            .iter()
            .map(
                |(at, model)| json!({"ts": at, "model_id": MODELS[*model], "model_provider_id": "home-made"}),
            )
            .collect();
        self.put(task, "task_metadata.json", &json!({"model_usage": changes}).to_string());
    }

    /// In another file that takes the old one's place, or over it.
    fn put(&self, task: usize, name: &str, text: &str) {
        for (number, folder) in self.tasks[task].folders.iter().enumerate() {
            if number == 0 {
                fs::write(folder.join(name), text).unwrap();
            } else {
                let aside = self.dir.path().join("aside");
                fs::write(&aside, text).unwrap();
                take_place(&aside, &folder.join(name)).unwrap();
            }
        }
    }

    fn apply(&mut self, op: &Op) {
        self.clock += 1000;
        let now = self.clock;
        match *op {
            Op::Begin { task } => {
                let task = self.pick(task);
                let model = self.tasks[task].changes.last().unwrap().1;
                self.tasks[task].messages.push(Message { at: now, tokens: None, model, is_sum: false });
                self.write(task);
            }
            Op::Answer { task } => {
                let task = self.pick(task);
                let tokens = self.random.tokens();
                let Some(last) = self.tasks[task].messages.last_mut() else { return };
                if last.tokens.is_none() {
                    last.tokens = Some(tokens);
                    let (at, model) = (last.at, last.model);
                    self.answered.insert((task, at), (model, tokens));
                }
                self.write(task);
            }
            Op::Restore { task, keep } => {
                let task = self.pick(task);
                let messages = &mut self.tasks[task].messages;
                let removed = messages.split_off(usize::from(keep) % (messages.len() + 1));
                let tokens: Tokens = removed.iter().filter_map(|message| message.tokens).sum();
                if !tokens.is_zero() {
                    messages.push(Message { at: now, tokens: Some(tokens), model: 0, is_sum: true });
                }
                self.write(task);
            }
            Op::Change { task } => {
                let task = self.pick(task);
                let model = self.random.below(3) as usize;
                // A request that is under way keeps its model.
                if self.tasks[task].messages.last().is_none_or(|last| last.tokens.is_some()) {
                    self.tasks[task].changes.push((now, model));
                    self.beside(task);
                    // As the next request would, it is known to come after the last one.
                    self.apply(&Op::Begin { task: task as u8 });
                }
            }
            Op::Tear { task, keep } => {
                let task = self.pick(task);
                let text = self.text(task);
                self.put(task, "ui_messages.json", &text[..text.len() * usize::from(keep) / 256]);
            }
            Op::Copy { task } => {
                let task = self.pick(task);
                // A copy that is read for the first time has the sum of what was counted in the original.
                let has_sum = self.tasks[task].messages.iter().any(|message| message.is_sum);
                if self.tasks[task].folders.len() < 2 && !has_sum {
                    let folder = self.path().join(format!(
                        ".config/Cursor/User/globalStorage/saoudrizwan.claude-dev/tasks/t{task}"
                    ));
                    fs::create_dir_all(&folder).unwrap();
                    self.tasks[task].folders.push(folder);
                    self.write(task);
                    self.beside(task);
                }
            }
            Op::Look => {}
        }
    }

    /// All files as their programs leave them.
    fn mend(&self) {
        (0..self.tasks.len()).for_each(|task| self.write(task));
    }

    /// What was used of models that are Kimi's.
    fn truth(&self) -> BTreeMap<String, Tally> {
        let mut sums = BTreeMap::new();
        for (model, tokens) in self.answered.values().filter(|(model, _)| *model != 2) {
            let tally = Tally { requests: 1, tokens: *tokens };
            sums.entry(MODELS[*model].to_owned()).or_insert_with(Tally::default).add(tally);
        }
        sums
    }
}

fn now() -> DateTime<Utc> {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

fn look(store: &Store, home: &Path) -> bool {
    let asked = Asked {
        roots: &Roots::in_home(home, &[]),
        whose: &|_, _| WhoseUse::Nobody,
        cuts: &[],
        now: now(),
        stop: &|| false,
        progress: &mut |_| {},
    };
    update(&mut &*store, asked).unwrap().changed
}

fn told(store: &Store) -> BTreeMap<String, Tally> {
    let always = UsageQuery { from: DateTime::UNIX_EPOCH, to: "2200-01-01T00:00:00Z".parse().unwrap() };
    let mut sums: BTreeMap<String, Tally> = BTreeMap::new();
    store
        .for_each_usage(&always, |row| {
            let tally = Tally { requests: row.requests, tokens: row.tokens };
            sums.entry(row.model).or_default().add(tally);
        })
        .unwrap();
    sums
}

fn scanned(home: &Path) -> BTreeMap<String, Tally> {
    let mut sums: BTreeMap<String, Tally> = BTreeMap::new();
    for row in scan(&Roots::in_home(home, &[]), &Options::default()).rows() {
        sums.entry(row.model.to_owned()).or_default().add(row.tally);
    }
    sums
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::CASES, max_shrink_iters: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is rewritten, cut off meanwhile, copied or removed: the index has each request once. A scan has what was
    /// not removed, and of the rest the sum.
    #[test]
    fn a_rewritten_list_of_messages_is_counted_once(ops in proptest::collection::vec(op(), 1..60)) {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let mut home = Home {
            dir,
            tasks: Vec::new(),
            random: Random::of(2_463_534_242),
            clock: 1_782_000_000_000,
            answered: BTreeMap::new(),
        };
        fs::create_dir_all(home.path()).unwrap();
        let store = Store::open(&data, now()).unwrap();
        let mut restored = false;
        // From the first update on nothing is missed: each change is seen before the next one.
        let mut watched = false;
        for op in ops {
            let is_look = matches!(op, Op::Look);
            if matches!(op, Op::Restore { .. }) {
                restored = true;
                if !watched {
                    continue;
                }
            }
            home.apply(&op);
            watched |= is_look;
            crate::recorded::scans_agree(&store, &home.path());
            if watched {
                look(&store, &home.path());
                crate::recorded::scans_agree(&store, &home.path());
            }
            if is_look {
                home.mend();
                look(&store, &home.path());
                prop_assert_eq!(told(&store), home.truth());
                if !restored {
                    prop_assert_eq!(scanned(&home.path()), home.truth());
                }
                prop_assert!(!look(&store, &home.path()), "nothing was written, and something changed");
            }
        }
    }
}

/// What was removed before the first update counts by its sum, what is removed later does not count again.
#[test]
fn the_sum_of_removed_messages_counts_where_they_were_never_read() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut home = Home {
        dir,
        tasks: Vec::new(),
        random: Random::of(77),
        clock: 1_782_000_000_000,
        answered: BTreeMap::new(),
    };
    fs::create_dir_all(home.path()).unwrap();
    let store = Store::open(&data, now()).unwrap();
    let request = |home: &mut Home| {
        home.apply(&Op::Begin { task: 0 });
        home.apply(&Op::Answer { task: 0 });
    };
    let tokens = |sums: &BTreeMap<String, Tally>| sums.values().map(|sum| sum.tokens).sum::<Tokens>();
    (0..3).for_each(|_| request(&mut home));
    home.apply(&Op::Restore { task: 0, keep: 1 });
    request(&mut home);
    look(&store, &home.path());
    assert_eq!(tokens(&told(&store)), tokens(&home.truth()));
    assert_eq!(told(&store), scanned(&home.path()));
    request(&mut home);
    look(&store, &home.path());
    home.apply(&Op::Restore { task: 0, keep: 1 });
    look(&store, &home.path());
    assert_eq!(tokens(&told(&store)), tokens(&home.truth()), "each once");
    // A scan sees the sums alone, which say the same.
    assert_eq!(tokens(&scanned(&home.path())), tokens(&home.truth()));
}
