//! Colours, where the terminal takes them.

use crate::cli::guard::trace::Status;

/// Whether colours are written.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli::guard) struct Paint(pub(in crate::cli::guard) bool);

impl Paint {
    fn with(self, code: &str, text: &str) -> String {
        if self.0 { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    pub(super) fn resource(self, text: &str) -> String {
        self.with("1;33", text)
    }

    pub(super) fn rule(self, text: &str) -> String {
        self.with("95", text)
    }

    pub(super) fn code(self, text: &str) -> String {
        self.with("92", text)
    }

    pub(in crate::cli::guard) fn underline(self, text: &str) -> String {
        self.with("4", text)
    }

    pub(super) fn status(self, status: Status) -> String {
        let code = match status {
            Status::Pass => "32",
            Status::Fail => "1;31",
            Status::Skip => "1;33",
        };
        self.with(code, status.as_str())
    }
}
