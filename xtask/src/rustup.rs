//! What rustup's compiler can build for beside this machine.

use std::path::Path;

use anyhow::{Result, bail};

use crate::packages;
use crate::step::{command, exists, output, run};

/// Whether the compiler of this program has the standard library for a target.
pub(crate) fn has(target: &str) -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let library = output(command(rustc).args(["--print", "target-libdir", "--target", target]));
    library.is_ok_and(|folder| Path::new(folder.trim()).is_dir())
}

/// Makes sure that it has the standard library for a target: asks unless `yes`, and fetches it.
///
/// # Errors
/// There is no rustup, the answer is no, or it cannot be fetched.
pub(crate) fn ensure(target: &str, yes: bool) -> Result<()> {
    if has(target) {
        return Ok(());
    }
    if !exists("rustup", "--version") {
        bail!("the compiler has no standard library for {target}, and no rustup to fetch it");
    }
    let question = format!("Fetch Rust's standard library for {target} with rustup, about 30 MB?");
    packages::agree(&question, yes)?;
    run(command("rustup").args(["target", "add", target]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiler_has_its_own_system_and_no_other_by_chance() {
        let host = output(command("rustc").arg("-vV")).unwrap();
        let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        assert!(has(host));
        assert!(!has("x86_64-unknown-nothing"));
    }
}
