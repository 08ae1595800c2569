//! Projects whose names are not written into what leaves this machine. Their numbers are.

/// What stands in the place of a hidden project's name. Programs read it: it is the same in every language.
pub const HIDDEN: &str = "hidden";

/// Which projects are hidden: those in whose folder one of some words stands, anywhere and in letters of any
/// case; `*` in a word is any text. Rather one too many: a name that is hidden must stand nowhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HiddenProjects {
    /// The words in lower case, cut at `*`.
    words: Vec<Vec<String>>,
}

impl HiddenProjects {
    /// Hides by these words. Empty ones hide nothing.
    #[must_use]
    pub fn by<S: AsRef<str>>(words: &[S]) -> Self {
        let words = words.iter().map(|word| word.as_ref().trim()).filter(|word| !word.is_empty());
        Self { words: words.map(|word| lower(word).split('*').map(str::to_owned).collect()).collect() }
    }

    /// Whether a project is hidden.
    #[must_use]
    pub fn hide(&self, project: &str) -> bool {
        if self.words.is_empty() {
            return false;
        }
        let project = lower(project);
        self.words.iter().any(|parts| {
            let mut rest = project.as_str();
            parts.iter().all(|part| match rest.find(part) {
                Some(at) => {
                    rest = &rest[at + part.len()..];
                    true
                }
                None => false,
            })
        })
    }

    /// The project as it may be written.
    #[must_use]
    pub fn written<'p>(&self, project: &'p str) -> &'p str {
        if self.hide(project) { HIDDEN } else { project }
    }
}

/// In lower case, letter by letter, so that what a letter becomes does not hang on those around it.
fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_stand_anywhere_in_a_folder() {
        for (word, project, hidden) in [
            ("boat", "/home/lin/boat", true),
            ("boat", "/home/lin/boat/engine", true),
            ("Boat", "C:\\Users\\lin\\BOAT", true),
            ("boat", "-home-lin-boat", true),
            ("boat", "/home/lin/lifeboats", true),
            ("boat", "/home/lin/ship", false),
            ("/lin/boat", "/home/lin/boat", true),
            ("/lin/boat", "/home/kim/boat", false),
            ("client-*", "/work/client-north", true),
            ("client-*-api", "/work/client-north-api", true),
            ("client-*-api", "/work/client-north-web", false),
            ("b*t*b", "/tub", false),
            ("浮标", "/src/浮标", true),
            ("*", "/anything", true),
            ("  ", "/anything", false),
            ("", "/anything", false),
        ] {
            assert_eq!(HiddenProjects::by(&[word]).hide(project), hidden, "{word} in {project}");
        }
        let two = HiddenProjects::by(&["boat", "ship"]);
        assert_eq!((two.written("/a/ship"), two.written("/a/car")), (HIDDEN, "/a/car"));
        assert!(!HiddenProjects::default().hide("/a/ship"));
    }

    proptest! {
        /// Whatever else stands there: where the word is, the project is hidden.
        #[test]
        fn no_project_with_the_word_is_written(
            before in "[ -~äÄİß界]{0,12}", word in "[a-zA-Z0-9äß界 ._-]{1,8}", after in "[ -~äÄß]{0,12}",
        ) {
            prop_assume!(!word.trim().is_empty());
            let project = format!("{before}{word}{after}");
            prop_assert_eq!(HiddenProjects::by(&[&word]).written(&project), HIDDEN);
        }
    }
}
