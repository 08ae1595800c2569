//! Writes a home with session logs of Kimi Code of about a given size, as they look after a year of work,
//! and prints what is truly in them: `generate-logs HOME MEBIBYTES [SEED]`. For benchmarks, and to append to:
//! `generate-logs --append FILE MEBIBYTES [SEED]`. Instead of Kimi Code's, a database of OpenCode (`--opencode`), logs of all
//! programs that ccusage reads too (`--shared`), or of those that it does not read (`--others`).

#![allow(clippy::print_stdout, reason = "what it is for")]

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

mod programs;

use programs::Program;

const MODELS: [&str; 4] = ["kimi-code/k3", "kimi-code/kimi-for-coding", "kimi-k2.6", "kimi-code/k3"];
const PROJECTS: [&str; 9] =
    ["harbour", "lighthouse", "tideline", "driftwood", "anchor", "beacon", "channel", "dune", "estuary"];
/// 2026-02-01, and how long it went on.
const BEGIN: u64 = 1_769_904_000_000;
const SPAN: u64 = 290 * 24 * 3600 * 1000;

/// A quick stream of numbers; the same seed gives the same home.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// What was written.
#[derive(Default)]
struct Truth {
    files: u64,
    bytes: u64,
    requests: u64,
    /// Of these, compactions: scope `session`.
    compactions: u64,
    counts: [u64; 4],
    compacted: [u64; 4],
    /// What Qwen Code read from the cache, which ccusage counts twice.
    cached_twice: u64,
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments.get(at).and_then(|text| text.parse::<u64>().ok());
    let option = arguments.first().filter(|first| first.starts_with("--")).map(String::as_str);
    let append = option == Some("--append");
    let first = usize::from(option.is_some());
    let (Some(place), Some(size)) = (arguments.get(first), number(1 + first)) else {
        return Err(io::Error::other(
            "generate-logs HOME MEBIBYTES [SEED] | --append FILE MEBIBYTES [SEED] | --opencode HOME MEBIBYTES [SEED]",
        ));
    };
    let mut chance = Chance(number(2 + first).unwrap_or(1) | 1);
    let bytes = size * 1024 * 1024;
    let mut truth = Truth::default();
    if option == Some("--opencode") {
        opencode(Path::new(place), "opencode", bytes, &mut chance, &mut truth).map_err(io::Error::other)?;
    } else if option == Some("--shared") {
        mixed(Path::new(place), &SHARED, bytes, &mut chance, &mut truth)?;
    } else if option == Some("--others") {
        mixed(Path::new(place), &OTHERS, bytes, &mut chance, &mut truth)?;
    } else if append {
        let at = BEGIN + SPAN;
        session(Path::new(place), bytes, at, &mut chance, &mut truth, true)?;
    } else {
        home(Path::new(place), bytes, &mut chance, &mut truth)?;
    }
    let Truth { files, bytes, requests, compactions, counts, compacted, cached_twice } = truth;
    println!(
        "{{\"files\":{files},\"bytes\":{bytes},\"requests\":{requests},\"compactions\":{compactions},\
         \"input\":{},\"cache_read\":{},\"cache_write\":{},\"output\":{},\"compacted\":{},\"cached_twice\":{cached_twice}}}",
        counts[0],
        counts[1],
        counts[2],
        counts[3],
        compacted.iter().sum::<u64>(),
    );
    Ok(())
}

/// Programs with their shares of the bytes, of a hundred.
type Shares<const N: usize> = [(u64, Program); N];

/// Those that ccusage reads too.
const SHARED: Shares<8> = [
    (24, |home, bytes, chance, truth| Ok(self::home(home, truth.bytes + bytes, chance, truth)?)),
    (24, programs::claude_code),
    (20, programs::codex),
    (12, |home, bytes, chance, truth| Ok(opencode(home, "opencode", truth.bytes + bytes, chance, truth)?)),
    (6, |home, bytes, chance, truth| Ok(opencode(home, "kilo", truth.bytes + bytes, chance, truth)?)),
    (6, programs::pi),
    (4, programs::qwen_code),
    (4, programs::goose),
];

/// Those that it does not read, or reads elsewhere.
const OTHERS: Shares<6> = [
    (30, programs::cline),
    (20, programs::roo),
    (15, programs::omp),
    (15, programs::kimi_cli),
    (10, programs::crush),
    (10, programs::zed),
];

fn mixed<const N: usize>(
    home: &Path,
    shares: &Shares<N>,
    bytes: u64,
    chance: &mut Chance,
    truth: &mut Truth,
) -> io::Result<()> {
    for (share, program) in shares {
        program(home, bytes * share / 100, chance, truth)
            .map_err(|error| io::Error::other(error.to_string()))?;
    }
    Ok(())
}

fn home(home: &Path, bytes: u64, chance: &mut Chance, truth: &mut Truth) -> io::Result<()> {
    let root = home.join(".kimi-code");
    fs::create_dir_all(&root)?;
    fs::write(root.join("config.toml"), CONFIG)?;
    let mut index = BufWriter::new(File::create(root.join("session_index.jsonl"))?);
    while truth.bytes < bytes {
        let project = PROJECTS[chance.below(PROJECTS.len() as u64) as usize];
        let name = format!("session_{:016x}", chance.below(u64::MAX));
        let folder = root.join(format!("sessions/wd_{project}_{:012x}/{name}", project.len() * 7_919));
        writeln!(
            index,
            "{{\"sessionId\":\"{name}\",\"sessionDir\":{:?},\"workDir\":\"/home/someone/{project}\"}}",
            folder.display().to_string()
        )?;
        let at = BEGIN + chance.below(SPAN);
        // Sessions are of very different lengths; a few are long.
        let magnitude = chance.below(6);
        let length = (64 << 10) + chance.below(1 << (17 + magnitude));
        let length = length.min(bytes - truth.bytes);
        session(&log(&folder, "main")?, length, at, chance, truth, false)?;
        if chance.below(5) == 0 && truth.bytes < bytes {
            let length = (32 << 10).min(bytes - truth.bytes);
            session(&log(&folder, "agent-0")?, length, at + 60_000, chance, truth, false)?;
        }
    }
    index.flush()
}

/// A database of OpenCode: a message for each request, with the parts that it is made of.
fn opencode(
    home: &Path,
    program: &str,
    bytes: u64,
    chance: &mut Chance,
    truth: &mut Truth,
) -> rusqlite::Result<()> {
    let root = home.join(".local/share").join(program);
    fs::create_dir_all(&root).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    let mut db = rusqlite::Connection::open(root.join(format!("{program}.db")))?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "OFF")?;
    db.execute_batch(
        "CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT NOT NULL, time_created INTEGER, time_updated INTEGER, data TEXT NOT NULL);
         CREATE TABLE part (id TEXT PRIMARY KEY, message_id TEXT NOT NULL, session_id TEXT NOT NULL, time_created INTEGER,
           time_updated INTEGER, data TEXT NOT NULL);
         CREATE INDEX part_message_id_id_idx ON part (message_id, id);",
    )?;
    let text = "the tide runs out past the pier and leaves a line of weed on the sand; ".repeat(500);
    let mut at = BEGIN;
    truth.files += 1;
    while truth.bytes < bytes {
        let batch = db.transaction()?;
        for _ in 0..500 {
            truth.requests += 1;
            let number = truth.requests;
            at += 2_000 + chance.below(40_000);
            let counts = [1 + chance.below(20_000), chance.below(200_000), 0, 1 + chance.below(4000)];
            let usage = format!(
                "{{\"total\":{},\"input\":{},\"output\":{},\"reasoning\":0,\"cache\":{{\"read\":{},\"write\":0}}}}",
                counts.iter().sum::<u64>(),
                counts[0],
                counts[3],
                counts[1]
            );
            let project = PROJECTS[chance.below(PROJECTS.len() as u64) as usize];
            let (id, session) = (format!("msg_{program}{number:010}"), format!("ses_{:08}", number / 100));
            let data = format!(
                "{{\"role\":\"assistant\",\"time\":{{\"created\":{at},\"completed\":{}}},\"parentID\":\"{id}\",\"modelID\":\"k3\",\
                 \"providerID\":\"kimi-for-coding\",\"mode\":\"build\",\"path\":{{\"cwd\":\"/home/someone/{project}\",\"root\":\"/\"}},\
                 \"cost\":0,\"tokens\":{usage},\"finish\":\"stop\"}}",
                at + 900
            );
            let mut message = batch.prepare_cached("INSERT INTO message VALUES (?1, ?2, ?3, ?3, ?4)")?;
            message.execute(rusqlite::params![id, session, at.cast_signed(), data])?;
            let mut part = batch.prepare_cached("INSERT INTO part VALUES (?1, ?2, ?3, 1, 1, ?4)")?;
            for place in 0..6 {
                let magnitude = chance.below(7);
                let length = (300 + chance.below(1 << (8 + magnitude))) as usize;
                let content = if place == 5 {
                    format!("{{\"reason\":\"stop\",\"type\":\"step-finish\",\"tokens\":{usage},\"cost\":0}}")
                } else {
                    format!("{{\"type\":\"text\",\"text\":\"{}\"}}", &text[..length.min(text.len())])
                };
                truth.bytes += content.len() as u64;
                part.execute(rusqlite::params![
                    format!("prt_{program}{number:010}{place}"),
                    id,
                    session,
                    content
                ])?;
            }
            truth.bytes += data.len() as u64;
            truth.counts.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        batch.commit()?;
    }
    Ok(())
}

fn log(folder: &Path, agent: &str) -> io::Result<PathBuf> {
    let folder = folder.join("agents").join(agent);
    fs::create_dir_all(&folder)?;
    Ok(folder.join("wire.jsonl"))
}

/// One log: each request with what stands around it in a real one.
fn session(
    path: &Path,
    bytes: u64,
    mut at: u64,
    chance: &mut Chance,
    truth: &mut Truth,
    append: bool,
) -> io::Result<()> {
    let file = OpenOptions::new().create(true).append(append).write(true).truncate(!append).open(path)?;
    let mut file = Counting { inner: BufWriter::new(file), count: 0 };
    if !append {
        truth.files += 1;
        writeln!(file, "{{\"type\":\"metadata\",\"protocol_version\":\"1.5\",\"created_at\":{at}}}")?;
    }
    let words = "the tide runs out past the pier and leaves a line of weed on the sand; \\n\\tlet depth = \
                 sounding.at(buoy)?; assert!(depth > keel, \\\"aground at {depth}\\\"); ";
    let text = words.repeat(140);
    while file.count < bytes {
        let model = MODELS[chance.below(MODELS.len() as u64) as usize];
        let compaction = chance.below(60) == 0;
        let counts = [
            1 + chance.below(20_000),
            chance.below(200_000),
            if chance.below(4) == 0 { chance.below(3000) } else { 0 },
            1 + chance.below(4000),
        ];
        at += 2_000 + chance.below(40_000);
        let begun = at - 900 - chance.below(9_000).min(1_000);
        writeln!(
            file,
            "{{\"type\":\"llm.request\",\"kind\":\"loop\",\"provider\":\"kimi\",\"model\":\"{model}\",\"time\":{begun}}}"
        )?;
        let usage = format!(
            "{{\"inputOther\":{},\"output\":{},\"inputCacheRead\":{},\"inputCacheCreation\":{}}}",
            counts[0], counts[3], counts[1], counts[2]
        );
        if compaction {
            truth.compactions += 1;
            truth.compacted.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        } else {
            writeln!(
                file,
                "{{\"type\":\"context.append_loop_event\",\"event\":{{\"type\":\"step.end\",\"uuid\":\"{at:x}\",\"turnId\":\"0\",\
                 \"step\":1,\"usage\":{usage},\"finishReason\":\"tool_calls\"}},\"time\":{}}}",
                at - 1
            )?;
        }
        let scope = if compaction { "session" } else { "turn" };
        writeln!(
            file,
            "{{\"type\":\"usage.record\",\"agentId\":\"main\",\"model\":\"{model}\",\"usage\":{usage},\"usageScope\":\"{scope}\",\"time\":{at}}}"
        )?;
        // What the tool gave back, and what was said: most of a log.
        let magnitude = chance.below(7);
        let length = (300 + chance.below(1 << (8 + magnitude))) as usize;
        writeln!(
            file,
            "{{\"type\":\"context.append_message\",\"message\":{{\"role\":\"tool\",\"content\":\"{}\"}},\"time\":{at}}}",
            &text[..length.min(text.len()) / words.len() * words.len()]
        )?;
        truth.requests += 1;
        truth.counts.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    file.flush()?;
    truth.bytes += file.count;
    Ok(())
}

const CONFIG: &str = r#"default_model = "kimi-code/kimi-for-coding"
[providers."managed:kimi-code"]
type = "kimi"
base_url = "https://api.kimi.com/coding/v1"
[models."kimi-code/k3"]
provider = "managed:kimi-code"
model = "k3"
[models."kimi-code/kimi-for-coding"]
provider = "managed:kimi-code"
model = "kimi-for-coding"
"#;

struct Counting<W> {
    inner: W,
    count: u64,
}

impl<W: Write> Write for Counting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.count += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
