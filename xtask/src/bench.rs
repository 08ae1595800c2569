//! `cargo xtask bench`: measures the optimised programs and writes down what was measured.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::arguments::Bench;
use crate::figure::Figure;
use crate::packages::{self, Group};
use crate::step::{Steps, cargo, command, output, root, run, target};
use crate::{bench_tools, front_end, package};

/// What can be measured by itself, and how.
type Part = (&'static str, fn() -> Result<Vec<Figure>>);

/// In the order of the page.
const PARTS: [Part; 12] = [
    ("sizes", sizes),
    ("window", || running("window")),
    ("status", || running("status")),
    ("lines", || running("lines")),
    ("agent", || running("agent")),
    ("report", report),
    ("history", history),
    ("logs", crate::bench_logs::logs),
    ("replay", crate::bench_replay::replay),
    ("machines", crate::bench_machines::machines),
    ("hub", crate::bench_hub::hub),
    ("wine", crate::windows::figures),
];

/// Measures everything, or what has `only` in its name.
pub(crate) fn bench(options: &Bench) -> Result<()> {
    if options.only.as_deref() == Some("audit") && options.machines {
        return crate::bench_audit_machines::machines(options);
    }
    if options.only.as_deref() == Some("audit") {
        return crate::bench_audit::audit(options);
    }
    let only = options.only.as_deref().unwrap_or_default();
    let mut steps = Steps::default();
    steps.step("system packages", || {
        let mut groups = vec![Group::Build, Group::Run, Group::Test];
        if "wine".contains(only) {
            groups.extend([Group::Windows, Group::Wine, Group::Installer]);
        }
        packages::ensure(&groups, options.yes)
    })?;
    // Of a hub, only its server is measured.
    if only != "hub" {
        steps.step("npm packages", front_end::install)?;
        steps.step("the window's code", front_end::build)?;
        steps.step("the optimised programs", || package::build(true))?;
    }
    let path = root().join("docs/performance.md");
    let mut over = Vec::new();
    for (part, measure) in PARTS.into_iter().filter(|(part, _)| part.contains(only)) {
        let figures = steps.step(part, measure)?;
        // Written part by part: what took long is kept where the next one fails.
        let before = std::fs::read_to_string(&path).context("cannot read docs/performance.md")?;
        let page = write_up(&before, part, &figures, &machine())?;
        std::fs::write(&path, page).context("cannot write docs/performance.md")?;
        over.extend(figures.into_iter().filter(|figure| !figure.within()).map(|figure| figure.name));
    }
    eprintln!("\n{}", std::fs::read_to_string(&path)?);
    if !over.is_empty() {
        bail!("beyond their bounds: {}", over.join("; "));
    }
    Ok(())
}

/// What is shipped: the two programs, and the window's code as it crosses a wire.
fn sizes() -> Result<Vec<Figure>> {
    let mut programs = 0;
    for name in ["tidemark", "tidemark-desktop"] {
        programs += target().join("release").join(name).metadata()?.len();
    }
    let (mut first, mut later, mut catalogues) = (0_usize, 0_usize, Vec::new());
    let dist = front_end::folder().join("dist");
    let page = std::fs::read_to_string(dist.join("index.html")).context("cannot read the window's page")?;
    let mut folders = vec![dist];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| ["js", "css", "html"].iter().any(|code| e == *code)) {
                let packed =
                    command("gzip").args(["-9", "-c"]).arg(&path).output().context("cannot start gzip")?;
                let name = entry_name(&path);
                if ["en-", "zh-CN-"].iter().any(|language| name.starts_with(language)) {
                    catalogues.push(packed.stdout.len());
                } else if name == "index.html" || page.contains(&name) {
                    first += packed.stdout.len();
                } else {
                    later += packed.stdout.len();
                }
            }
        }
    }
    let largest = catalogues.iter().copied().max().context("no catalogue in the window's code")?;
    Ok(vec![
        Figure::new("both programs, stripped", programs as f64 / 1e6, "MB", 30.0),
        Figure::new(
            "the window's code loaded at its start (html, js, css), gzip",
            first as f64 / 1000.0,
            "kB",
            80.0,
        ),
        Figure::new(
            "the window's code with pages that are loaded when opened, gzip",
            (first + later) as f64 / 1000.0,
            "kB",
            95.0,
        ),
        Figure::beside("the texts of one language, loaded with it, gzip", largest as f64 / 1000.0, "kB"),
    ])
}

fn entry_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A report over a year, of a history made for it.
fn report() -> Result<Vec<Figure>> {
    bench_tools::tools()?;
    running("report")
}

/// What the dashboard asks of ten accounts' readings of five years. Writing them takes minutes: they are kept
/// until the store's migrations change.
fn history() -> Result<Vec<Figure>> {
    #[derive(Deserialize)]
    struct Query {
        query: String,
        median_ms: f64,
    }
    bench_tools::tools()?;
    let steps = std::fs::read_dir(root().join("crates/store/migrations"))?.count();
    let folder = target().join(format!("bench/history-{steps}"));
    let whole = folder.join("whole");
    let mut generate = command(target().join("release/examples/generate"));
    generate.arg(&folder).args(["--years", "5", "--accounts", "10"]).stderr(Stdio::inherit());
    if whole.exists() {
        generate.arg("--queries");
    } else {
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?; // begun, and never finished
        }
        std::fs::create_dir_all(&folder)?;
    }
    let said = output(&mut generate)?;
    std::fs::write(&whole, "")?;
    let queries: Vec<Query> = serde_json::from_str(&said).context("cannot read what generate says")?;
    Ok(queries
        .into_iter()
        .map(|q| Figure::new(&format!("5 years of 10 accounts: {}", q.query), q.median_ms, "ms", 20.0))
        .collect())
}

/// Everything that is measured on running programs, by the program that knows how to start them.
fn running(only: &str) -> Result<Vec<Figure>> {
    let mut build = cargo();
    run(build.args(["build", "--locked", "--workspace", "--all-targets"]))?;
    let mut measure = command(target().join("debug/examples/measure"));
    measure.arg(only).env("TIDEMARK_BIN_DIR", target().join("release")).stderr(Stdio::inherit());
    output(&mut measure)?
        .lines()
        .map(|line| serde_json::from_str(line).with_context(|| format!("cannot read {line}")))
        .collect()
}

/// What it was measured on.
fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let info = read("/proc/cpuinfo");
    let field = |name: &str| {
        info.lines()
            .find(|line| line.starts_with(name))
            .and_then(|line| line.split_once(':'))
            .map_or("an unknown processor", |(_, value)| value.trim())
            .to_owned()
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let release = read("/etc/os-release");
    let system = release
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))
        .map_or("an unknown system", |name| name.trim_matches('"'))
        .to_owned();
    let commit = output(command("git").args(["rev-parse", "--short=10", "HEAD"])).unwrap_or_default();
    format!("{}, {cores} cores, {system}, no graphics card; commit {}", field("model name"), commit.trim())
}

/// The page with the figures of a part in place of what stood between its marks; the words around them stay.
fn write_up(page: &str, part: &str, figures: &[Figure], machine: &str) -> Result<String> {
    let (begin, end) = (format!("<!-- {part} -->\n"), format!("<!-- end of {part} -->\n"));
    let place = page.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)));
    let (before, after) = place.with_context(|| format!("docs/performance.md has no place for {part}"))?;
    let mut table = format!(
        "`cargo xtask bench {part}` on {machine}\n\n| what | measured | bound |\n| --- | ---: | ---: |\n"
    );
    for figure in figures {
        let bound = match figure.bound {
            Some(bound) if figure.within() => format!("≤ {bound} {}", figure.unit),
            Some(bound) => format!("**exceeded:** ≤ {bound} {}", figure.unit),
            None => String::new(),
        };
        // Writing into a string cannot fail.
        let _ = writeln!(table, "| {} | {} {} | {bound} |", figure.name, rounded(figure.value), figure.unit);
    }
    Ok(format!("{before}{begin}{table}{end}{after}"))
}

/// Three significant digits.
fn rounded(value: f64) -> String {
    let digits = if value.abs() >= 100.0 {
        0
    } else if value.abs() >= 10.0 {
        1
    } else {
        2
    };
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "Before.\n\n<!-- sizes -->\n<!-- end of sizes -->\n\n<!-- logs -->\nold\n<!-- end of logs -->\n\nAfter.\n";

    #[test]
    fn what_passes_its_bound_stands_out() {
        let figures = [Figure::new("small", 1.234, "×", 1.25), Figure::new("large", 123.4, "MB", 30.0)];
        let page = write_up(PAGE, "sizes", &figures, "a machine").unwrap();
        assert!(page.contains("| small | 1.23 × | ≤ 1.25 × |"), "{page}");
        assert!(page.contains("| large | 123 MB | **exceeded:** ≤ 30 MB |"), "{page}");
        assert!(page.contains("`cargo xtask bench sizes` on a machine"), "{page}");
    }

    #[test]
    fn a_part_that_is_measured_again_leaves_the_others_and_the_words_around_them() {
        let figure = |value| [Figure::new("it", value, "ms", 20.0)];
        let write = |page: &str, part, value| write_up(page, part, &figure(value), "m").unwrap();
        let both = write(&write(PAGE, "logs", 1.0), "sizes", 2.0);
        assert!(both.find("| it | 2.00 ms").unwrap() < both.find("| it | 1.00 ms").unwrap(), "{both}");
        assert!(
            both.starts_with("Before.\n") && both.ends_with("After.\n") && !both.contains("old"),
            "{both}"
        );
        assert_eq!(write(&both, "logs", 3.0), both.replace("1.00 ms", "3.00 ms"));
    }

    #[test]
    fn the_page_has_a_place_for_every_part() {
        let page = std::fs::read_to_string(root().join("docs/performance.md")).unwrap();
        for (part, _) in PARTS {
            write_up(&page, part, &[], "m").unwrap();
        }
    }
}
