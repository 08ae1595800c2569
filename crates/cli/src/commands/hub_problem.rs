//! What is said where a hub did not do what was asked.

use tidemark_hub::{Problem, ProblemKind};

use crate::exit::{CommandError, Exit};
use crate::i18n::{Catalog, Language};

/// What is said where a hub did not do what was asked.
pub(super) fn problem(problem: Problem) -> CommandError {
    let exit = match problem.kind {
        ProblemKind::Unreachable | ProblemKind::TimeOut | ProblemKind::NotSecret | ProblemKind::Full => {
            Exit::Service
        }
        ProblemKind::Refused | ProblemKind::InvitationUsed => Exit::Refused,
        _ => Exit::Failed,
    };
    let words = Catalog::new(Language::English);
    let kind = problem.kind.as_str();
    let title = words.failure_title(kind, None).map_or_else(|| kind.to_owned(), |(title, _)| title);
    let said = problem.said.unwrap_or_default();
    let message = if said.is_empty() { title } else { format!("{title}: {said}") };
    CommandError::new(exit, kind, message).quoting(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_has_its_words_and_advice_in_both_languages() {
        for language in [Language::English, Language::Chinese] {
            let words = Catalog::new(language);
            for kind in ProblemKind::ALL {
                let (title, advice) =
                    words.failure_title(kind.as_str(), None).unwrap_or_else(|| panic!("{kind:?}"));
                assert!(!title.is_empty() && advice.is_some(), "{kind:?}");
            }
            for role in tidemark_hub::Role::ALL {
                assert!(words.maybe(&format!("cli-hub-role-{role}")).is_some(), "{role}");
            }
        }
    }

    #[test]
    fn a_problem_ends_with_its_status() {
        for (kind, status) in [
            (ProblemKind::Unreachable, 5),
            (ProblemKind::TimeOut, 5),
            (ProblemKind::Full, 5),
            (ProblemKind::Refused, 3),
            (ProblemKind::InvitationUsed, 3),
            (ProblemKind::NotAllowed, 1),
            (ProblemKind::Newer, 1),
        ] {
            assert_eq!(problem(Problem::new(kind)).exit as u8, status, "{kind:?}");
        }
        let error = problem(Problem::saying(ProblemKind::Refused, "password authentication failed"));
        assert!(error.message.ends_with(": password authentication failed"), "{}", error.message);
    }
}
