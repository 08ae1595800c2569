//! The window's built code as part of a program: a page that is served needs no files beside the program, and is of the
//! same version as what it asks.

/// Each file of `ui/dist`: its path, and its contents compressed with gzip. Empty if the window's code had not been
/// built when this was compiled.
pub const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_whole_or_not_there() {
        if FILES.is_empty() {
            return;
        }
        for (path, gzip) in FILES {
            assert!(gzip.starts_with(&[0x1f, 0x8b]), "{path} is not compressed");
        }
        assert!(FILES.iter().any(|(path, _)| *path == "index.html"));
        assert!(FILES.iter().any(|(path, _)| path.starts_with("assets/")));
    }
}
