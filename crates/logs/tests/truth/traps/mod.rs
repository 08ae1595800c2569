//! What has made readers of such logs count wrong, one after another.

mod claude_code;
mod databases;
mod kimi_cli;
mod kimi_code;
mod opencode;

use crate::home::Home;

type Trap = (&'static str, fn(&mut Home));

/// Each trap with its name.
pub(crate) const TRAPS: &[Trap] = &[
    ("step.end repeats a record", kimi_code::step_end),
    ("both scopes count", kimi_code::scopes),
    ("forks copy their parents", kimi_code::forks),
    ("the parent of a fork is gone", kimi_code::orphan),
    ("a fork with more requests than are kept", kimi_code::long_fork),
    ("a record stands twice", kimi_code::twice),
    ("aliases and prefixes", kimi_code::aliases),
    ("stand-ins for models", kimi_code::stand_ins),
    ("a second model that no configuration names", kimi_code::second_model_of_no_configuration),
    ("models of other providers", kimi_code::third_party),
    ("models of other providers behind names that say nothing", kimi_code::third_party_behind),
    ("usage of nothing", kimi_code::nothing),
    ("numbers in other clothes", kimi_code::clothes),
    ("keys in another order", kimi_code::order),
    ("records without a time", kimi_code::untimed),
    ("lines of many megabytes", kimi_code::giants),
    ("letters that are none", kimi_code::letters),
    ("a last line without its end", kimi_code::open_end),
    ("a half-written last line", kimi_code::half),
    ("lines that are no JSON", kimi_code::garbage),
    ("carriage returns and blank lines", kimi_code::returns),
    ("subagents in logs of their own", kimi_code::subagents),
    ("the layout without agents", kimi_code::flat),
    ("further homes and the desktop's", kimi_code::homes),
    ("a project that no index names", kimi_code::unnamed),
    ("links out of the root", kimi_code::links),
    ("records behind torn ones", kimi_code::torn),
    ("records behind torn ones with many brackets", kimi_code::torn_deep),
    ("requests behind torn lines", kimi_code::torn_requests),
    ("records behind many megabytes of damage", kimi_code::torn_giants),
    ("times without a zone", kimi_code::zoneless),
    ("a repaired log and what was kept of it", kimi_code::repaired),
    ("two agents with equal counters", kimi_code::agents_alike),
    ("times in seconds", kimi_code::seconds),
    ("a clock set wrong", kimi_code::clock),
    ("the older command line", kimi_cli::older),
    ("messages numbered alike in two sessions", kimi_cli::numbered_alike),
    ("two sessions of one name, and copies of one", kimi_cli::named_alike),
    ("subagents of the older command line", kimi_cli::older_subagents),
    ("lines of many megabytes in the older command line", kimi_cli::older_giants),
    ("a message that is reported twice", kimi_cli::reported_twice),
    ("a message's number that comes again for others", kimi_cli::numbered_again),
    ("the older command line's records behind torn ones", kimi_cli::torn),
    ("Claude Code repeats an answer", claude_code::claude),
    ("Claude Code with other models", claude_code::claude_others),
    ("one number for every message", claude_code::one_number),
    (
        "one number for answers that only their times or outputs tell apart",
        claude_code::one_number_without_prompts,
    ),
    ("one number in several sessions and their copies", claude_code::one_number_in_sessions),
    ("one number for answers that come at once", claude_code::one_number_at_once),
    ("figures of a prompt that come late", claude_code::late_prompt),
    ("parts of an answer minutes apart", claude_code::long_thought),
    ("a request that comes again after many others", claude_code::request_again),
    ("folders that are encoded the same", claude_code::folders_alike),
    ("writes to the cache for an hour", claude_code::long_cache),
    ("Claude Code's records behind torn ones", claude_code::torn),
    ("OpenCode at Kimi's services and at others'", opencode::whose),
    ("a message of several calls", opencode::several_calls),
    ("forks of a session in a database", opencode::forks),
    ("messages in files, in a database and in another", opencode::files_and_databases),
    ("calls that have no end", opencode::under_way),
    ("a database that is being written to", opencode::written_ahead),
    ("Crush keeps a session's last call", databases::crush),
    ("Goose's sums", databases::goose_sums),
    ("Goose's calls beside its sums", databases::goose_calls),
    ("Zed's threads", databases::zed),
];
