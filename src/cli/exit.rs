//! The one table of exit codes.

use std::process::ExitCode;

use crate::check::Outcome;

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// 0: nothing at or over the threshold.
    Clean,
    /// 1: findings at or over the threshold.
    Findings,
    /// 2: the run itself is wrong: flags, configuration, rules, no input.
    Unusable,
    /// 3: some input could not be read or judged; the findings of the rest were reported.
    Incomplete,
    /// The peer's own codes, for its own command line.
    Peer(u8),
}

impl From<Outcome> for Exit {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Clean => Self::Clean,
            Outcome::Findings => Self::Findings,
            Outcome::Unusable => Self::Unusable,
            Outcome::Incomplete => Self::Incomplete,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Unusable => 2,
            Exit::Incomplete => 3,
            Exit::Peer(code) => code,
        })
    }
}
