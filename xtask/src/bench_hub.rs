//! Measures what a team's hub costs its PostgreSQL server, beside the same rows copied and read without a hub.
//!
//! Only the server is measured: agents' pages come from a file, and the rows of a year are made by the server itself. It is
//! a server of its own with Debian's settings, in a folder below `target/bench`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use crate::figure::Figure;
use crate::step::{command, output, root, run, target};

/// Requests of the first fill, and of one page.
const FILL: u64 = 200_000;
const PAGE: u64 = 500;
/// Agents that give once a minute, and what each has to give.
const AGENTS: u64 = 1000;
const EACH: u64 = 5;
/// Requests of a year, unless the variable says otherwise.
const YEAR: u64 = 10_000_000;
const YEAR_VARIABLE: &str = "TIDEMARK_BENCH_HUB_ROWS";

pub(crate) fn hub() -> Result<Vec<Figure>> {
    let server = Server::start()?;
    server.make_hub()?;
    let pages = server.pages("fill", FILL / PAGE, PAGE, 0)?;
    let filling = server.cost(|| server.run_file(&pages))?;
    let rate = FILL as f64 / filling.of_a_core;
    let rows = server.folder.join("rows");
    server.sql(&format!("COPY (SELECT * FROM tidemark.request) TO '{}'", rows.display()))?;
    // With the same indexes, and nothing that says what counts, no sums, and no second table.
    server.sql("CREATE TABLE plain (LIKE tidemark.request INCLUDING ALL)")?;
    let copying = server.cost(|| server.sql(&format!("COPY plain FROM '{}'", rows.display())))?;
    server.sql("DROP TABLE plain")?;
    let pages = server.pages("steady", AGENTS, EACH, FILL)?;
    let steady = server.cost(|| server.run_file(&pages))?;

    let year: u64 = std::env::var(YEAR_VARIABLE).ok().and_then(|rows| rows.parse().ok()).unwrap_or(YEAR);
    server.fill_year(year)?;
    let month = "at >= '2026-06-01T00:00:00Z' AND at < '2026-07-01T00:00:00Z'";
    let raw = format!("SELECT model, sum(output) FROM tidemark.request WHERE {month} GROUP BY model");
    let plan = server.ask(&format!("EXPLAIN (COSTS off) {raw}"))?;
    let parts: Vec<_> = plan.split_whitespace().filter(|word| word.starts_with("request_20")).collect();
    ensure!(parts.iter().all(|part| *part == "request_2026_06") && !parts.is_empty(), "not pruned: {plan}");
    let usage = |by: &str, days: &str| {
        format!(
            "SELECT key, model, sum(requests)::bigint, sum(input)::bigint, sum(output)::bigint FROM (
               SELECT {by} AS key, used.model, used.day, sum(used.requests) AS requests, sum(used.input) AS input,
                 sum(used.output) AS output
               FROM tidemark.usage_day AS used WHERE used.requests > 0 AND {days} GROUP BY key, used.model, used.day
             ) AS days GROUP BY key, model,
               (SELECT count(*) FROM unnest('{{2026-02-10,2026-09-01}}'::date[]) AS cut WHERE cut <= days.day)"
        )
    };
    let june = server.best(&usage("used.member", "used.day BETWEEN '2026-06-01' AND '2026-06-30'"))?;
    let raw = server.best(&raw)?;
    let overview = server.best(&usage("used.member", "used.day BETWEEN '2026-12-24' AND '2026-12-31'"))?
        + server.best(
            "SELECT machine.identity, machine.name, member.name, machine.seen_at FROM tidemark.machine
             JOIN tidemark.member ON member.id = machine.member ORDER BY machine.seen_at DESC, machine.id LIMIT 5000",
        )?;
    let millions = year as f64 / 1e6;
    Ok(vec![
        Figure::beside(&format!("first fill, {FILL} requests in pages of {PAGE}"), filling.elapsed, "s"),
        Figure::beside("the same, of the server's cores", filling.of_a_core, "s"),
        Figure::beside("the same, requests for a second of a core", rate, ""),
        Figure::new("the same, seconds of a core for 20,000 requests", 20_000.0 / rate, "s", 2.0),
        Figure::beside("the same rows by COPY into a table with the same indexes", copying.elapsed, "s"),
        Figure::beside("the same, of the server's cores", copying.of_a_core, "s"),
        Figure::beside(
            "the first fill beside COPY, of the server's cores",
            filling.of_a_core / copying.of_a_core,
            "×",
        ),
        Figure::new(
            &format!(
                "{AGENTS} agents that give {EACH} requests each a minute, of a core, without connecting"
            ),
            steady.of_a_core / 60.0 * 100.0,
            "%",
            25.0,
        ),
        Figure::new(
            &format!("usage of a month by member and model, {millions} million requests in a year"),
            june,
            "ms",
            200.0,
        ),
        Figure::beside("the same month by SELECT from its single requests, its table alone", raw, "ms"),
        Figure::new(
            "overview of the team: a week by member and model, and its machines",
            overview,
            "ms",
            100.0,
        ),
    ])
}

/// What something took.
struct Cost {
    /// Seconds.
    elapsed: f64,
    /// Seconds of a core of the server's.
    of_a_core: f64,
}

/// A server for the time of this value.
struct Server {
    folder: PathBuf,
    programs: PathBuf,
    process: Child,
    port: u16,
}

impl Server {
    fn start() -> Result<Self> {
        let programs = fs::read_dir("/usr/lib/postgresql")
            .context("PostgreSQL is needed (package `postgresql`)")?
            .filter_map(|one| Some(one.ok()?.path().join("bin")))
            .filter(|bin| bin.join("initdb").is_file())
            .max()
            .context("PostgreSQL is needed (package `postgresql`)")?;
        // The server runs as a user without rights, who may not reach below the home of another.
        let folder = tempfile::tempdir()?.keep();
        let data = folder.join("data");
        let as_user = |program: &str| -> Result<Command> {
            let mut user = command(programs.join(program));
            if output(command("id").arg("-u"))?.trim() == "0" {
                user = command("setpriv");
                user.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"])
                    .arg(programs.join(program));
            }
            user.current_dir(&folder);
            Ok(user)
        };
        if output(command("id").arg("-u"))?.trim() == "0" {
            run(command("chown").arg("nobody").arg(&folder))?;
        }
        run(as_user("initdb")?
            .args(["--username=owner", "--auth=trust", "--encoding=UTF8", "--no-locale", "-D"])
            .arg(&data)
            .stdout(Stdio::null()))?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let process = as_user("postgres")?
            .arg("-D")
            .arg(&data)
            .args(["-h", "127.0.0.1", "-c", "max_wal_size=4GB", "-c", "shared_buffers=512MB", "-p"])
            .arg(port.to_string())
            .arg("-k")
            .arg(&folder)
            .stderr(fs::File::create(target().join("bench-hub.log"))?)
            .spawn()
            .context("cannot start PostgreSQL")?;
        let server = Self { folder, programs, process, port };
        let begun = Instant::now();
        while server.sql("SELECT 1").is_err() {
            if begun.elapsed() > Duration::from_mins(1) {
                bail!("PostgreSQL did not start");
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(server)
    }

    fn psql(&self) -> Command {
        let mut psql = command(self.programs.join("psql"));
        psql.args([
            "-h",
            "127.0.0.1",
            "-U",
            "owner",
            "-d",
            "postgres",
            "-v",
            "ON_ERROR_STOP=1",
            "-qAtX",
            "-p",
        ]);
        psql.arg(self.port.to_string());
        psql
    }

    fn ask(&self, sql: &str) -> Result<String> {
        let done = self.psql().args(["-c", sql]).output().context("cannot start psql")?;
        ensure!(done.status.success(), "{sql}: {}", String::from_utf8_lossy(&done.stderr));
        Ok(String::from_utf8_lossy(&done.stdout).into_owned())
    }

    fn sql(&self, sql: &str) -> Result<()> {
        self.ask(sql).map(drop)
    }

    /// The milliseconds that a statement takes, by the server's clock.
    fn time(&self, sql: &str) -> Result<f64> {
        let mut psql = self.psql();
        let done = psql.args(["-c", "\\timing on", "-c", sql]).output().context("cannot start psql")?;
        ensure!(done.status.success(), "{sql}: {}", String::from_utf8_lossy(&done.stderr));
        let said = String::from_utf8_lossy(&done.stdout);
        let time =
            said.lines().rev().find_map(|line| line.strip_prefix("Time: ")?.split(' ').next()?.parse().ok());
        time.with_context(|| format!("psql said no time: {said}"))
    }

    /// The best of fifteen.
    fn best(&self, sql: &str) -> Result<f64> {
        let times: Vec<f64> = (0..15).map(|_| self.time(sql)).collect::<Result<_>>()?;
        times.into_iter().reduce(f64::min).context("nothing was measured")
    }

    fn run_file(&self, file: &Path) -> Result<()> {
        let done =
            self.psql().arg("-f").arg(file).stdout(Stdio::null()).status().context("cannot start psql")?;
        ensure!(done.success(), "{} failed", file.display());
        Ok(())
    }

    /// What something takes that connects and ends.
    fn cost(&self, work: impl FnOnce() -> Result<()>) -> Result<Cost> {
        let (begun, before) = (Instant::now(), self.of_a_core()?);
        work()?;
        let elapsed = begun.elapsed().as_secs_f64();
        // The connection's process is gone a moment later, and counted then.
        std::thread::sleep(Duration::from_millis(500));
        Ok(Cost { elapsed, of_a_core: self.of_a_core()? - before })
    }

    /// The processor's seconds of all connections that ended.
    fn of_a_core(&self) -> Result<f64> {
        let server = fs::read_to_string(self.folder.join("data/postmaster.pid"))?;
        let server = server.lines().next().unwrap_or_default().to_owned();
        let stat = fs::read_to_string(format!("/proc/{server}/stat"))?;
        // Behind the name, which may have spaces: of its children, in hundredths.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |field: usize| fields.get(field).and_then(|ticks| ticks.parse::<f64>().ok());
        Ok(ticks(13).zip(ticks(14)).map(|(user, system)| user + system).context("no times of the server")?
            / 100.0)
    }

    /// A hub with one member and so many machines as there are agents.
    fn make_hub(&self) -> Result<()> {
        let folder = root().join("crates/hub/migrations");
        let mut files: Vec<_> = fs::read_dir(folder)?.map(|file| Ok(file?.path())).collect::<Result<_>>()?;
        files.sort();
        let mut sql = "CREATE ROLE tidemark_bench NOLOGIN;\n".to_owned();
        for file in files {
            sql.push_str(&fs::read_to_string(file)?.replace("{members}", "tidemark_bench"));
        }
        let _ = write!(
            sql,
            "INSERT INTO tidemark.hub (single, id, schema, compatibility, zone, members)
               VALUES (1, 'bench', 4, 1, 'UTC', 'tidemark_bench');
             INSERT INTO tidemark.member (name, role) SELECT 'member ' || n, 'owner' FROM generate_series(1, 10) AS n;
             INSERT INTO tidemark.login VALUES ('owner', 1, false);
             INSERT INTO tidemark.machine (member, identity, program)
               SELECT 1, md5(n::text), '0' FROM generate_series(1, {AGENTS}) AS n;"
        );
        let file = self.folder.join("hub.sql");
        fs::write(&file, sql)?;
        self.run_file(&file)
    }

    /// A file in which machines give pages of so many requests, one after another: the first fill is one machine's, else each
    /// page another's.
    fn pages(&self, name: &str, pages: u64, each: u64, first: u64) -> Result<PathBuf> {
        let mut sql = String::new();
        for page in 0..pages {
            let (machine, from) = if name == "fill" { (1, page * each) } else { (page + 1, 0) };
            let from = if name == "steady" && machine == 1 { FILL } else { from };
            let mut requests = String::new();
            for number in page * each..(page + 1) * each {
                // Scattered, as hashes are; some minutes apart, over a month.
                let print = (first + number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).cast_signed();
                let at = 1_780_272_000_000 + (first + number) * 12_000 % (30 * 86_400_000);
                let comma = if requests.is_empty() { "" } else { "," };
                let _ = write!(
                    requests,
                    r#"{comma}{{"fingerprint":{print},"at":{at},"source":1,"client":"kimi-code","model":"kimi-k{}","input":900,"cache_read":9000,"output":{number}}}"#,
                    number % 3
                );
            }
            let to = from + each;
            let _ = writeln!(
                sql,
                r#"SELECT tidemark.push_requests({machine}, '{{"epoch":"e","from":{from},"to":{to},"messages":[],"coverage":[],"sources":[{{"number":1,"service":"kimi-code","region":"china","user":{{"quota":"u{}"}}}}],"requests":[{requests}]}}');"#,
                machine % 200
            );
        }
        let file = self.folder.join(name);
        fs::write(&file, sql)?;
        Ok(file)
    }

    /// A year's requests of all machines, with their sums.
    fn fill_year(&self, rows: u64) -> Result<()> {
        self.sql("TRUNCATE tidemark.request, tidemark.request_key, tidemark.usage_day, tidemark.usage_hour")?;
        self.sql("SELECT tidemark.ensure_month('request', month) FROM generate_series('2026-01-01'::timestamptz, '2026-12-01', '1 month') AS month")?;
        for month in 0..12 {
            let each = rows / 12;
            self.sql(&format!(
                "INSERT INTO tidemark.request (at, fingerprint, machine, member, source, client, model, project, input,
                     cache_read, cache_write, cache_write_1h, output, turn, first_at)
                   SELECT made.at, {month}::bigint * 100000000 + n, n % {AGENTS} + 1, n % 10 + 1, 1, 'kimi-code',
                     'kimi-k' || n % 3, '', 900, 9000, 0, 0, n % 2000, n, made.at
                   FROM generate_series(1, {each}) AS n
                   CROSS JOIN LATERAL (SELECT '2026-01-01T00:00:00Z'::timestamptz + interval '{month} months'
                     + n * (interval '27 days' / {each}) AS at) AS made"
            ))?;
        }
        self.sql(
            "INSERT INTO tidemark.usage_day SELECT (at AT TIME ZONE 'UTC')::date, machine, min(member), source, client, model,
               project, count(*), sum(input), sum(cache_read), sum(cache_write), sum(cache_write_1h), sum(output)
             FROM tidemark.request GROUP BY 1, machine, source, client, model, project ORDER BY 1",
        )?;
        self.sql("VACUUM ANALYZE")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = command("kill").args(["-INT", &self.process.id().to_string()]).status();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
