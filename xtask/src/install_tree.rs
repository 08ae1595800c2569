//! What an installation on Linux holds and where: one list for packages, the archive and the AUR.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::product::{DESKTOP_ENTRY, ICON, Product};
use crate::step::{command, output, root, run};
use crate::{changelog, template};

/// The sizes of the icons in `icons`.
const ICON_SIZES: [u32; 8] = [16, 24, 32, 48, 64, 128, 256, 512];

/// Where most systems look for zsh's completions, and where Debian does.
const ZSH: &str = "share/zsh/site-functions/_tidemark";
const ZSH_ON_DEBIAN: &str = "share/zsh/vendor-completions/_tidemark";

/// A file of an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Installed {
    /// Where it goes, below `/usr`.
    pub to: String,
    /// Where it is now.
    pub from: PathBuf,
}

/// Every file of an installation. Programs come from `built`; what is made by them or from templates is put into
/// `made`, which is emptied before.
pub(crate) fn files(built: &Path, made: &Path) -> Result<Vec<Installed>> {
    if made.exists() {
        std::fs::remove_dir_all(made)?;
    }
    std::fs::create_dir_all(made)?;
    let product = Product::read()?;
    let mut files = Vec::new();
    let mut add = |to: &str, from: PathBuf| files.push(Installed { to: to.to_owned(), from });
    for program in ["tidemark", "tidemark-desktop"] {
        add(&format!("bin/{program}"), built.join(program));
    }
    let write = |name: &str, text: &[u8]| -> Result<PathBuf> {
        let path = made.join(name);
        std::fs::write(&path, text).with_context(|| path.display().to_string())?;
        Ok(path)
    };

    add(
        &format!("share/applications/{DESKTOP_ENTRY}"),
        write(DESKTOP_ENTRY, desktop_entry(&product)?.as_bytes())?,
    );
    for size in ICON_SIZES {
        let icon = root().join(format!("icons/{size}x{size}.png"));
        add(&format!("share/icons/hicolor/{size}x{size}/apps/{ICON}.png"), icon);
    }
    let about = format!("{}.metainfo.xml", product.identifier);
    add(&format!("share/metainfo/{about}"), write(&about, metainfo(&product)?.as_bytes())?);
    add("lib/systemd/user/tidemark.service", root().join("packaging/linux/tidemark.service"));

    let program = built.join("tidemark");
    for (language, folder) in [("en", "man/man1"), ("zh-CN", "man/zh_CN/man1")] {
        let pages = made.join(folder);
        run(command(&program).args(["--lang", language, "man-pages"]).arg(&pages))?;
        for page in sorted(&pages)? {
            let name = page.file_name().context("a page's name")?.to_string_lossy().into_owned();
            let packed = write(&format!("{language}-{name}.gz"), &gzip(&std::fs::read(&page)?)?)?;
            add(&format!("share/{folder}/{name}.gz"), packed);
        }
    }
    let help = output(command(built.join("tidemark-desktop")).arg("--help"))?;
    let page = gzip(window_page(&product, &help).as_bytes())?;
    add("share/man/man1/tidemark-desktop.1.gz", write("tidemark-desktop.1.gz", &page)?);
    for (shell, to) in [
        ("bash", "share/bash-completion/completions/tidemark"),
        ("zsh", ZSH),
        ("fish", "share/fish/vendor_completions.d/tidemark.fish"),
    ] {
        let script = output(command(&program).args(["--lang", "en", "completions", shell]))?;
        add(to, write(&format!("completions.{shell}"), script.as_bytes())?);
    }

    for license in ["LICENSE-MIT", "LICENSE-APACHE"] {
        add(&format!("share/doc/tidemark/{license}"), root().join(license));
    }
    let copyright = template::fill(&read("packaging/linux/copyright.in")?, &values(&product))?;
    add("share/doc/tidemark/copyright", write("copyright", copyright.as_bytes())?);
    add(
        "share/doc/tidemark/CHANGELOG.md.gz",
        write("CHANGELOG.md.gz", &gzip(changelog::read()?.as_bytes())?)?,
    );
    Ok(files)
}

/// What Tauri's bundler does not put into a `.deb` or `.rpm` by itself, by its place there.
pub(crate) fn besides_the_bundlers(
    files: &[Installed],
    kind: &str,
) -> serde_json::Map<String, serde_json::Value> {
    let bundled = |to: &str| {
        to == "bin/tidemark-desktop"
            || to.starts_with("share/applications/")
            || to.starts_with("share/icons/")
    };
    files
        .iter()
        .filter(|file| !bundled(&file.to))
        .map(|file| {
            let to = if kind == "deb" && file.to == ZSH { ZSH_ON_DEBIAN } else { file.to.as_str() };
            (format!("/usr/{to}"), file.from.display().to_string().into())
        })
        .collect()
}

/// Copies every file to its place below `folder`, which is emptied before.
pub(crate) fn lay(files: &[Installed], folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    for file in files {
        let to = folder.join(&file.to);
        let parent = to.parent().context("a file's folder")?;
        std::fs::create_dir_all(parent)?;
        let mode = if file.to.starts_with("bin/") { "-m755" } else { "-m644" };
        run(command("install").arg(mode).arg(&file.from).arg(&to))?;
    }
    Ok(())
}

/// The desktop entry, as Tauri's bundler fills the same template.
pub(crate) fn desktop_entry(product: &Product) -> Result<String> {
    let mut entry = read("src-tauri/linux/tidemark.desktop")?;
    for (gap, value) in
        [("name", product.name.as_str()), ("comment", &product.summary), ("exec", ICON), ("icon", ICON)]
    {
        entry = entry.replace(&format!("{{{{{gap}}}}}"), value);
    }
    ensure!(!entry.contains("{{"), "src-tauri/linux/tidemark.desktop has a gap that nothing fills:\n{entry}");
    Ok(entry)
}

/// What software centres show.
pub(crate) fn metainfo(product: &Product) -> Result<String> {
    let mut made = changelog::releases(&changelog::read()?);
    let mut kind = "";
    if !made.iter().any(|release| release.version == product.version) {
        let date = output(command("git").args(["log", "-1", "--format=%cs"])).unwrap_or_default();
        let date = if date.trim().is_empty() { "1970-01-01" } else { date.trim() };
        made.insert(0, changelog::Made { version: product.version.clone(), date: date.to_owned() });
        kind = " type=\"development\"";
    }
    let mut releases = String::new();
    for changelog::Made { version, date } in made {
        let _ = writeln!(releases, "    <release version=\"{version}\" date=\"{date}\"{kind}/>"); // cannot fail
        kind = "";
    }
    let mut values = values(product);
    for value in values.values_mut() {
        *value = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    }
    values.insert("RELEASES", releases);
    template::fill(&read("packaging/linux/metainfo.xml.in")?, &values)
}

/// The manual page of the window's program, which has a few options and no grammar to make it from: its help as it is.
fn window_page(product: &Product, help: &str) -> String {
    let help = help.replace('\\', "\\e").replace('-', "\\-");
    // A line that begins with a full stop or an apostrophe would be a command.
    let help: Vec<String> = help.trim_end().lines().map(|line| format!("\\&{line}")).collect();
    format!(
        ".TH tidemark\\-desktop 1 \"\" \"{} {}\"\n.SH NAME\ntidemark\\-desktop \\- {}\n.SH DESCRIPTION\n.nf\n{}\n.fi\n.SH SEE ALSO\n.BR tidemark (1)\n",
        product.name,
        product.version,
        product.summary,
        help.join("\n")
    )
}

/// What every template may name of the product.
pub(crate) fn values(product: &Product) -> template::Values {
    template::Values::from([
        ("NAME", product.name.clone()),
        ("VERSION", product.version.clone()),
        ("ID", product.identifier.clone()),
        ("SUMMARY", product.summary.clone()),
        ("DESCRIPTION", product.description.clone()),
        ("PUBLISHER", product.publisher.clone()),
        ("LICENSE", product.license.clone()),
        ("REPOSITORY", product.repository.clone()),
        ("RELEASE_URL", product.release_url()),
        ("DESKTOP_ID", DESKTOP_ENTRY.to_owned()),
        ("ICON", ICON.to_owned()),
        ("MACOS", product.macos.clone()),
    ])
}

fn read(path: &str) -> Result<String> {
    std::fs::read_to_string(root().join(path)).with_context(|| path.to_owned())
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Packed as Debian asks for it: as small as it gets, and without a time, so that two builds are the same.
fn gzip(text: &[u8]) -> Result<Vec<u8>> {
    use std::io::Write as _;
    let mut gzip = Command::new("gzip");
    gzip.args(["-9", "--no-name", "--stdout"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = gzip.spawn().context("cannot start gzip")?;
    let mut stdin = child.stdin.take().context("gzip's standard input")?;
    // Written from another thread: a pipe holds less than a page of the manual may have.
    let text = text.to_vec();
    let writing = std::thread::spawn(move || stdin.write_all(&text));
    let out = child.wait_with_output()?;
    writing.join().map_err(|_| anyhow::anyhow!("writing to gzip"))??;
    ensure!(out.status.success(), "gzip failed ({})", out.status);
    Ok(out.stdout)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product::tests::example;

    #[test]
    fn the_desktop_entry_has_no_gap() {
        let entry = desktop_entry(&example()).unwrap();
        assert!(entry.contains("\nName=Tidemark\n"), "{entry}");
        assert!(entry.contains("\nExec=tidemark-desktop\n"), "{entry}");
    }

    #[test]
    fn the_metainfo_names_this_version_and_is_escaped() {
        let text = metainfo(&example()).unwrap();
        assert!(text.contains("<release version=\"1.2.3\""), "{text}");
        assert!(text.contains("<summary>Usage &amp; quotas</summary>"), "{text}");
        assert!(text.contains("Tidemark.desktop</launchable>"), "{text}");
    }

    #[test]
    fn debian_looks_elsewhere_for_zsh_and_the_bundler_brings_entry_and_icons() {
        let file = |to: &str| Installed { to: to.to_owned(), from: PathBuf::from("/from") };
        let files = [
            file(ZSH),
            file("bin/tidemark"),
            file("bin/tidemark-desktop"),
            file("share/applications/Tidemark.desktop"),
            file("share/icons/hicolor/16x16/apps/tidemark-desktop.png"),
        ];
        let places = |kind| besides_the_bundlers(&files, kind).keys().cloned().collect::<Vec<_>>();
        assert_eq!(places("deb"), ["/usr/bin/tidemark", &format!("/usr/{ZSH_ON_DEBIAN}")]);
        assert_eq!(places("rpm"), ["/usr/bin/tidemark", &format!("/usr/{ZSH}")]);
    }

    #[test]
    fn the_window_s_page_shows_its_help_as_it_is() {
        let page = window_page(&example(), "Usage: a\n\n  --b  C:\\d\n.e\n");
        assert!(page.contains("\n\\&Usage: a\n\\&\n\\&  \\-\\-b  C:\\ed\n\\&.e\n.fi\n"), "{page}");
    }

    #[test]
    #[cfg(unix)]
    fn packing_twice_gives_the_same() {
        let text = "page ".repeat(100_000);
        let packed = gzip(text.as_bytes()).unwrap();
        assert_eq!(packed, gzip(text.as_bytes()).unwrap());
        assert_eq!(packed[..2], [0x1f, 0x8b]);
    }
}
