//! No two files import each other, directly or by way of others: in no crate, and not in the window's code.
//!
//! What a file imports is read from its tokens: `use` and every path that begins at `crate`, `super`, `self`, a
//! child module or a name that a `use` brought. A name that a module hands on (`pub use`) counts for the file
//! that defines it, so a parent may declare its children and hand on what they define. Tests may import what
//! they like.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Fails where files import each other in a circle.
pub(crate) fn check(root: &Path) -> Result<()> {
    let graph = graph(root)?;
    let circles = circles(&graph);
    for circle in &circles {
        eprintln!("a circle of files: {}", show(circle, &graph));
    }
    if !circles.is_empty() {
        bail!("{} circles of files", circles.len());
    }
    Ok(())
}

/// Files by their path from the root, each with the files that it imports and the words that do so.
type Graph = BTreeMap<String, BTreeMap<String, String>>;

fn graph(root: &Path) -> Result<Graph> {
    let mut graph = Graph::new();
    let mut sources = vec![root.join("src-tauri/src"), root.join("xtask/src")];
    for folder in fs::read_dir(root.join("crates")).context("cannot read crates")? {
        sources.push(folder?.path().join("src"));
    }
    for source in sources {
        for main in mains(&source)? {
            Crate::read(&main)?.edges(root, &mut graph);
        }
    }
    window(root, &root.join("ui/src"), &mut graph)?;
    Ok(graph)
}

/// Every file in a source folder that a crate begins with.
fn mains(source: &Path) -> Result<Vec<PathBuf>> {
    let mut mains = vec![source.join("lib.rs"), source.join("main.rs")];
    let programs = source.join("bin");
    if programs.is_dir() {
        for program in fs::read_dir(&programs)? {
            let program = program?.path();
            mains.push(if program.is_dir() { program.join("main.rs") } else { program });
        }
    }
    mains.retain(|main| main.is_file());
    Ok(mains)
}

/// A crate: its modules by their path, of which some share a file.
#[derive(Default)]
struct Crate {
    modules: HashMap<Vec<String>, Module>,
}

/// A module: a file's own, or one that stands inside a file.
#[derive(Default)]
struct Module {
    file: PathBuf,
    /// What it defines under a name.
    items: HashSet<String>,
    /// What a `use` brings under a name.
    names: HashMap<String, Vec<String>>,
    /// What a `use` brings as a whole.
    globs: Vec<Vec<String>>,
    /// Those of them that it does not hand on.
    whole: Vec<Vec<String>>,
    /// Paths that it mentions, those of `use` among them.
    paths: BTreeSet<Vec<String>>,
    /// Names that it hands on; they are its imports only where it uses them itself.
    exports: BTreeMap<String, Vec<String>>,
    /// Names that it mentions.
    words: HashSet<String>,
}

impl Crate {
    fn read(main: &Path) -> Result<Self> {
        let mut all = Self::default();
        let folder = main.parent().context("a file without a folder")?;
        all.file(main, folder, &[])?;
        Ok(all)
    }

    /// Reads the file of a module, whose children's files are in `folder`.
    fn file(&mut self, file: &Path, folder: &Path, at: &[String]) -> Result<()> {
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let tokens: TokenStream = match text.parse() {
            Ok(tokens) => tokens,
            Err(error) => bail!("{}: {error}", file.display()),
        };
        self.modules.insert(at.to_vec(), Module { file: file.to_owned(), ..Module::default() });
        self.tokens(tokens, file, folder, at)
    }

    fn tokens(&mut self, tokens: TokenStream, file: &Path, folder: &Path, at: &[String]) -> Result<()> {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut place = 0;
        while let Some(token) = tokens.get(place) {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    place += 1;
                    if is_punct(tokens.get(place), '!') {
                        place += 1;
                    }
                    let Some(TokenTree::Group(attribute)) = tokens.get(place) else { continue };
                    place += 1;
                    if is_for_tests(&attribute.stream()) {
                        place = after_item(&tokens, place);
                    } else {
                        self.tokens(attribute.stream(), file, folder, at)?;
                    }
                }
                TokenTree::Group(group) => {
                    self.tokens(group.stream(), file, folder, at)?;
                    place += 1;
                }
                // Attributes of serde name functions in texts.
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    if let Some(text) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'))
                        && text.contains("::")
                        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | ':'))
                        && let Ok(path) = text.parse()
                    {
                        self.tokens(path, file, folder, at)?;
                    }
                    place += 1;
                }
                TokenTree::Ident(word) if word == "use" => {
                    let end = (place..tokens.len()).find(|&end| is_punct(tokens.get(end), ';'));
                    let end = end.unwrap_or(tokens.len());
                    let tree = &tokens[place + 1..end];
                    // `use<'a>` is none.
                    if !is_punct(tree.first(), '<') {
                        self.imports(tree, &[], at, is_public(&tokens[..place]));
                    }
                    place = end + 1;
                }
                TokenTree::Ident(word) if word == "mod" => {
                    let Some(TokenTree::Ident(name)) = tokens.get(place + 1) else {
                        place += 1;
                        continue;
                    };
                    let name = name.to_string();
                    let inner = [at, std::slice::from_ref(&name)].concat();
                    match tokens.get(place + 2) {
                        Some(TokenTree::Group(body)) => {
                            let module = Module { file: file.to_owned(), ..Module::default() };
                            self.modules.insert(inner.clone(), module);
                            self.tokens(body.stream(), file, &folder.join(&name), &inner)?;
                        }
                        _ => self.child(file, folder, &name, &inner)?,
                    }
                    place += 3;
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) => {
                    let (path, next) = path(&tokens, place);
                    if let Some(first) = path.first().cloned() {
                        self.here(at).words.insert(first);
                    }
                    if path.len() > 1 {
                        self.here(at).paths.insert(path);
                    } else if let Some(name) = defined(&tokens, place) {
                        self.here(at).items.insert(name);
                    }
                    place = next;
                }
            }
        }
        Ok(())
    }

    /// The module whose tokens are read.
    fn here(&mut self, at: &[String]) -> &mut Module {
        self.modules.entry(at.to_vec()).or_default()
    }

    /// Reads the file of a child, if it is there on this system.
    fn child(&mut self, file: &Path, folder: &Path, name: &str, at: &[String]) -> Result<()> {
        let stem = file.file_stem().unwrap_or_default();
        let folder = if at.len() == 1 || stem == "mod" || file.parent() != Some(folder) {
            folder.to_owned()
        } else {
            folder.join(stem)
        };
        let inner = folder.join(name);
        [folder.join(format!("{name}.rs")), inner.join("mod.rs")]
            .iter()
            .find(|file| file.is_file())
            .map_or(Ok(()), |file| self.file(file, &inner, at))
    }

    /// Enters what a tree of `use` brings.
    fn imports(&mut self, tree: &[TokenTree], before: &[String], at: &[String], public: bool) {
        for branch in tree.split(|token| is_punct(Some(token), ',')) {
            let mut path = before.to_vec();
            let mut alias = None;
            let mut words = branch.iter();
            while let Some(token) = words.next() {
                match token {
                    TokenTree::Ident(word) if word == "as" => {
                        alias = words.next().map(ToString::to_string);
                    }
                    TokenTree::Ident(word) if word == "self" && !path.is_empty() => {}
                    TokenTree::Ident(word) => path.push(word.to_string()),
                    TokenTree::Group(group) => {
                        let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                        self.imports(&inner, &path, at, public);
                        path.clear();
                        break;
                    }
                    TokenTree::Punct(punct) if punct.as_char() == '*' => {
                        let path = std::mem::take(&mut path);
                        let module = self.here(at);
                        module.globs.push(path.clone());
                        if !public {
                            module.whole.push(path);
                        }
                        break;
                    }
                    _ => {}
                }
            }
            let Some(last) = path.last().cloned() else { continue };
            let module = self.here(at);
            let name = alias.unwrap_or(last);
            module.names.insert(name.clone(), path.clone());
            if public {
                module.exports.insert(name, path);
            } else {
                module.paths.insert(path);
            }
        }
    }

    /// Enters which file imports which.
    fn edges(&self, root: &Path, graph: &mut Graph) {
        let name = |file: &Path| file.strip_prefix(root).unwrap_or(file).to_string_lossy().replace('\\', "/");
        for (at, module) in &self.modules {
            let imports = graph.entry(name(&module.file)).or_default();
            let mut add = |file: &Path, path: &[String]| {
                if file != module.file {
                    imports.entry(name(file)).or_insert_with(|| path.join("::"));
                }
            };
            let used = module.exports.iter().filter(|(name, _)| module.words.contains(*name));
            for path in module.paths.iter().chain(used.map(|(_, path)| path)) {
                if let Some(file) = self.defines(at, path, 0) {
                    add(file, path);
                }
            }
            for glob in &module.whole {
                if let Some((found, [])) = self.walk(at, glob, 0) {
                    add(&self.modules[&found].file, glob);
                }
            }
        }
    }

    /// The file that defines what a path names, seen from a module; `None` where that is another crate's, or a
    /// module itself.
    fn defines(&self, at: &[String], path: &[String], depth: usize) -> Option<&Path> {
        let (module, rest) = self.walk(at, path, depth)?;
        let name = rest.first()?;
        self.item(&module, name, depth)
    }

    /// The file that defines what a module calls so.
    fn item(&self, at: &[String], name: &str, depth: usize) -> Option<&Path> {
        let module = self.modules.get(at)?;
        if depth > 12 {
            return None;
        }
        if module.items.contains(name) {
            return Some(&module.file);
        }
        if let Some(path) = module.names.get(name) {
            return self.defines(at, path, depth + 1);
        }
        module.globs.iter().find_map(|glob| {
            let (found, rest) = self.walk(at, glob, depth + 1)?;
            (rest.is_empty() && found != at).then(|| self.item(&found, name, depth + 1)).flatten()
        })
    }

    /// Follows a path as far as it leads through modules of this crate.
    fn walk<'p>(
        &self,
        at: &[String],
        path: &'p [String],
        depth: usize,
    ) -> Option<(Vec<String>, &'p [String])> {
        if depth > 12 {
            return None;
        }
        let mut rest = path;
        let mut module = match rest.first()?.as_str() {
            "crate" => {
                rest = &rest[1..];
                Vec::new()
            }
            "self" => {
                rest = &rest[1..];
                at.to_vec()
            }
            "super" => at.to_vec(),
            first => {
                let child = [at, &[first.to_owned()]].concat();
                let own = self.modules.get(at)?;
                if self.modules.contains_key(&child) || own.items.contains(first) {
                    at.to_vec()
                } else {
                    // A name that a `use` brought; or another crate's.
                    let target = own.names.get(first).filter(|target| target[..] != path[..1])?;
                    let (found, left) = self.walk(at, target, depth + 1)?;
                    if !left.is_empty() {
                        return None; // an item's own: the `use` counts
                    }
                    rest = &rest[1..];
                    found
                }
            }
        };
        while rest.first().is_some_and(|word| word == "super") {
            module.pop()?;
            rest = &rest[1..];
        }
        while let Some(word) = rest.first() {
            let child = [&module[..], std::slice::from_ref(word)].concat();
            if self.modules.contains_key(&child) {
                module = child;
            } else {
                // Or a module by another name.
                let target = self.modules.get(&module).and_then(|module| module.names.get(word));
                match target.and_then(|target| self.walk(&module, target, depth + 1)) {
                    Some((found, [])) => module = found,
                    _ => break,
                }
            }
            rest = &rest[1..];
        }
        self.modules.contains_key(&module).then_some((module, rest))
    }
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

/// Whether what comes next is public, to whomever.
fn is_public(before: &[TokenTree]) -> bool {
    let is_pub = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Ident(word)) if word == "pub");
    match before {
        [.., pub_word, TokenTree::Group(_)] if is_pub(Some(pub_word)) => true,
        before => is_pub(before.last()),
    }
}

/// Whether an attribute leaves what follows to tests.
fn is_for_tests(attribute: &TokenStream) -> bool {
    let text: String = attribute.to_string().split_whitespace().collect();
    text == "test" || text.starts_with("cfg(test") || text.starts_with("cfg(all(test")
}

/// The place behind an item: behind its body, or its semicolon.
fn after_item(tokens: &[TokenTree], from: usize) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        token => is_punct(Some(token), ';'),
    };
    tokens[from..].iter().position(ends).map_or(tokens.len(), |length| from + length + 1)
}

/// A path of names and what comes behind it. One that begins with `::` is another crate's, and empty.
fn path(tokens: &[TokenTree], from: usize) -> (Vec<String>, usize) {
    let separates = |place: usize| is_punct(tokens.get(place), ':') && is_punct(tokens.get(place + 1), ':');
    let mut path = Vec::new();
    let mut place = from;
    let elsewhere = separates(from);
    if elsewhere {
        place += 2;
    }
    while let Some(TokenTree::Ident(word)) = tokens.get(place) {
        path.push(word.to_string());
        place += 1;
        if !separates(place) {
            break;
        }
        place += 2;
    }
    if elsewhere {
        path.clear();
    }
    (path, place.max(from + 1))
}

/// The name that an item defines, if one begins here.
fn defined(tokens: &[TokenTree], place: usize) -> Option<String> {
    let TokenTree::Ident(kind) = tokens.get(place)? else { return None };
    let at = match kind.to_string().as_str() {
        "struct" | "enum" | "union" | "trait" | "type" | "fn" | "const" | "static" => place + 1,
        "macro_rules" => place + 2,
        _ => return None,
    };
    match tokens.get(at)? {
        TokenTree::Ident(name) if name != "fn" && name != "mut" => Some(name.to_string()),
        TokenTree::Ident(_) => match tokens.get(at + 1)? {
            TokenTree::Ident(name) => Some(name.to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// Enters which file of the window's code imports which. Tests are left out.
fn window(root: &Path, folder: &Path, graph: &mut Graph) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let file = entry?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if file.is_dir() {
            if name != "test" {
                window(root, &file, graph)?;
            }
            continue;
        }
        if !is_code(&file) || name.contains(".test.") {
            continue;
        }
        let shown =
            |file: &Path| file.strip_prefix(root).unwrap_or(file).to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(&file)?;
        let imports = graph.entry(shown(&file)).or_default();
        for target in modules(&text) {
            if let Some(found) = resolve(folder, target) {
                imports.insert(shown(&found), target.to_owned());
            }
        }
    }
    Ok(())
}

/// The relative modules that a source imports: `from "…"`, `import "…"`, `import("…")`.
fn modules(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for line in text.lines() {
        let line = line.trim_start();
        if line.starts_with("//") || line.starts_with('*') || line.starts_with("/*") {
            continue;
        }
        for word in ["from", "import"] {
            for (place, _) in line.match_indices(word) {
                let before = line[..place].chars().next_back();
                let rest = line[place + word.len()..].trim_start().trim_start_matches('(').trim_start();
                let quoted = ['"', '\''].into_iter().find_map(|quote| {
                    let inner = rest.strip_prefix(quote)?;
                    inner.split_once(quote).map(|(target, _)| target)
                });
                if let Some(target) = quoted
                    && target.starts_with('.')
                    && before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '.')
                {
                    found.push(target);
                }
            }
        }
    }
    found
}

/// The file that a relative module names; `None` where it is none of the code's.
fn resolve(folder: &Path, target: &str) -> Option<PathBuf> {
    let mut path = folder.to_owned();
    for part in target.split('/') {
        match part {
            "." => {}
            ".." => {
                path.pop();
            }
            part => path.push(part),
        }
    }
    let with = |end: &str| PathBuf::from(format!("{}{end}", path.display()));
    let all = [with(".ts"), with(".svelte"), path.join("index.ts"), path.clone()];
    all.into_iter().find(|file| file.is_file() && is_code(file))
}

fn is_code(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "ts" || extension == "svelte")
}

/// Every set of files of which each imports each other, directly or by way of others.
fn circles(graph: &Graph) -> Vec<BTreeSet<String>> {
    let reached: HashMap<&str, BTreeSet<&str>> =
        graph.keys().map(|file| (file.as_str(), reached(graph, file))).collect();
    let mut circles: Vec<BTreeSet<String>> = graph
        .keys()
        .filter(|file| reached[file.as_str()].contains(file.as_str()))
        .map(|file| {
            let together = reached[file.as_str()]
                .iter()
                .filter(|other| reached.get(**other).is_some_and(|back| back.contains(file.as_str())));
            together.map(|other| (*other).to_owned()).collect()
        })
        .collect();
    circles.sort();
    circles.dedup();
    circles
}

/// Every file that one imports, directly or by way of others.
fn reached<'g>(graph: &'g Graph, file: &str) -> BTreeSet<&'g str> {
    let mut reached = BTreeSet::new();
    let mut open: VecDeque<&str> = graph[file].keys().map(String::as_str).collect();
    while let Some(next) = open.pop_front() {
        if reached.insert(next) {
            open.extend(graph.get(next).into_iter().flat_map(|imports| imports.keys().map(String::as_str)));
        }
    }
    reached
}

/// A circle in words: its files, and which import which by what.
fn show(circle: &BTreeSet<String>, graph: &Graph) -> String {
    let mut text = format!("{} files", circle.len());
    for file in circle {
        for (other, by) in &graph[file] {
            if circle.contains(other) {
                let _ = write!(text, "\n    {file} -> {other} (by {by})");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crate_of(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for part in ["src-tauri/src", "xtask/src", "crates/one/src", "ui/src"] {
            fs::create_dir_all(root.join(part)).unwrap();
        }
        for (file, text) in files {
            let file = root.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        circles(&graph(root).unwrap()).into_iter().map(|circle| circle.into_iter().collect()).collect()
    }

    const LIB: &str = "crates/one/src/lib.rs";
    const A: &str = "crates/one/src/a.rs";
    const B: &str = "crates/one/src/b.rs";
    const INNER: &str = "crates/one/src/a/inner.rs";

    #[test]
    fn two_files_that_import_each_other_are_found() {
        let found = crate_of(&[
            (LIB, "mod a; mod b;"),
            (A, "use crate::b::{self, Two}; pub struct One(Two);"),
            (B, "pub struct Two; fn f() -> super::a::One { loop {} }"),
        ]);
        assert_eq!(found, [[A, B]]);
    }

    #[test]
    fn a_parent_may_declare_a_child_and_hand_on_what_it_defines() {
        let parent = "mod inner; pub use inner::Part; pub struct Whole;";
        let uses = "use crate::a::Part; pub struct Two(Part);";
        let inner = "use super::Whole; pub struct Part(Whole);";
        assert!(crate_of(&[(LIB, "mod a; mod b;"), (A, parent), (INNER, inner), (B, uses)]).is_empty());
        // But not use it itself.
        for import in ["use inner::Part;", "pub(crate) use inner::Part;"] {
            let parent = format!("mod inner; {import} pub struct Whole; fn f(_: Part) {{}}");
            let files = [(LIB, "mod a; mod b;"), (A, &*parent), (INNER, inner), (B, uses)];
            assert_eq!(crate_of(&files), [[A, INNER]]);
        }
    }

    #[test]
    fn what_is_imported_by_way_of_another_file_counts_for_the_one_that_defines_it() {
        let found = crate_of(&[
            (LIB, "mod a; mod b; mod c;"),
            (A, "pub use crate::b::Two;"),
            (B, "pub struct Two; pub fn f() { crate::c::g() }"),
            ("crates/one/src/c.rs", "use crate::a::Two; pub fn g() -> Two { Two }"),
        ]);
        assert_eq!(found, [[B, "crates/one/src/c.rs"]]);
    }

    #[test]
    fn tests_comments_texts_and_other_crates_are_no_imports() {
        let found = crate_of(&[
            (LIB, "mod a; mod b;"),
            (
                A,
                "pub struct One; #[cfg(test)] mod tests { use crate::b::Two; } #[cfg(test)] use crate::b::f;",
            ),
            (
                B,
                "pub struct Two; // crate::a::One\n pub fn f() -> ::a::One { let _ = \"see crate::a::One\"; crate::a::One }",
            ),
        ]);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn functions_that_serde_is_told_of_are_imports() {
        let found = crate_of(&[
            (LIB, "mod a; mod b;"),
            (
                A,
                "pub struct One { #[serde(with = \"crate::b\")] x: u8, #[serde(default = \"crate::b::two\")] y: u8 }",
            ),
            (B, "pub fn two() -> u8 { crate::a::One::new().y }"),
        ]);
        assert_eq!(found, [[A, B]]);
    }

    #[test]
    fn the_windows_code_is_read_too() {
        let found = crate_of(&[
            (LIB, ""),
            (
                "ui/src/App.svelte",
                "<script lang=\"ts\">\n  import { go } from './state/route.svelte';\n</script>",
            ),
            (
                "ui/src/state/route.svelte.ts",
                "import type {\n  Page,\n} from '../page';\nexport function go() {}",
            ),
            ("ui/src/page.ts", "export type Page = 1; const later = () => import('./state/route.svelte');"),
            ("ui/src/test/page.ts", "import { Page } from '../page';"),
        ]);
        assert_eq!(found, [["ui/src/page.ts", "ui/src/state/route.svelte.ts"]]);
    }
}
