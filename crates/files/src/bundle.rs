//! An application of macOS is a folder. This one's has the window's program, and in it another application, the agent's.
//!
//! ```text
//! Tidemark.app/Contents/MacOS/tidemark-desktop
//! Tidemark.app/Contents/Helpers/Tidemark Agent.app/Contents/MacOS/tidemark
//! ```
//!
//! The system distinguishes running programs by their applications. An agent in the window's own would count as the open
//! window: it would have an icon in the Dock, and opening the application would bring the agent to the front.

use std::path::{Path, PathBuf};

/// How the agent's application is identified.
pub const AGENT_ID: &str = "dev.tidemark.Tidemark.agent";

/// The agent's program, below `Contents` of the window's application.
const AGENT: &str = "Helpers/Tidemark Agent.app/Contents/MacOS/tidemark";

/// The application that a program is in; `None` where it is in none.
#[must_use]
pub fn of(program: &Path) -> Option<&Path> {
    let folder = program.parent()?;
    let contents = folder.parent()?;
    let app = contents.parent()?;
    (folder.ends_with("MacOS") && contents.ends_with("Contents") && is_app(app)).then_some(app)
}

/// The agent's program in the application that the window's program is in.
#[must_use]
pub fn agent_of(window: &Path) -> Option<PathBuf> {
    Some(agent_in(of(window)?))
}

/// The agent's program in the window's application.
#[must_use]
pub fn agent_in(application: &Path) -> PathBuf {
    application.join("Contents").join(AGENT)
}

/// The window's application, in which the agent's program is.
#[must_use]
pub fn around(agent: &Path) -> Option<&Path> {
    let contents = of(agent)?.parent()?.parent()?;
    let app = contents.parent()?;
    (contents.ends_with("Contents") && is_app(app)).then_some(app)
}

fn is_app(folder: &Path) -> bool {
    folder.extension().is_some_and(|extension| extension == "app")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_and_agent_find_each_other() {
        let app = Path::new("/Applications/Tidemark.app");
        let window = app.join("Contents/MacOS/tidemark-desktop");
        let agent = agent_of(&window).unwrap();
        assert_eq!(
            agent,
            Path::new(
                "/Applications/Tidemark.app/Contents/Helpers/Tidemark Agent.app/Contents/MacOS/tidemark"
            )
        );
        assert_eq!(of(&window), Some(app));
        assert_eq!(around(&agent), Some(app));
        assert_eq!(around(&window), None);
    }

    #[test]
    fn a_program_elsewhere_is_in_no_application() {
        for program in
            ["/usr/local/bin/tidemark", "/tidemark", "tidemark", "/a.app/tidemark", "/a/Contents/MacOS/t"]
        {
            let program = Path::new(program);
            assert_eq!((of(program), agent_of(program), around(program)), (None, None, None), "{program:?}");
        }
        // In an application of its own, but in no other.
        assert_eq!(around(Path::new("/Tidemark Agent.app/Contents/MacOS/tidemark")), None);
    }
}
