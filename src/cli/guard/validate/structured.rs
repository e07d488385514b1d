//! One JSON report for everything, written while the rules are evaluated.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::sync::Arc;

use crate::cli::guard::exit;
use crate::cli::guard::fault::Fault;
use crate::cli::guard::ordered::{self, Frame};
use crate::cli::guard::report::{Paint, Tail, write_failures, write_head, write_tail};
use crate::cli::guard::trace::{Detail, Event, Pool, Status, What};

use super::shelf::Rules;
use super::{Document, Ending, Streams, Work};

/// Writes the report.
pub(super) fn run(work: &Work<'_>, to: &mut Streams<'_>) -> Result<u8, Fault> {
    // Without rules there is still a report about each document.
    let files = work.shelf.len().max(1);
    let mut frame = Whole {
        files,
        documents: work.documents,
        paint: work.paint,
        open: false,
        status: Status::Skip,
        tail: Tail::default(),
        failed: false,
        ending: Ending::default(),
    };
    if work.documents.is_empty() {
        write!(to.out, "[]")?;
        frame.complain(work, to)?;
        return Ok(frame.ending.0);
    }
    let jobs = files * work.documents.len();
    let mut frame = ordered::run(jobs, work.size(), frame, to, |job, part| {
        let rules = work.shelf.get(job % files);
        let (Some(file), Some(document)) = (rules.file(), work.documents.get(job / files)) else {
            return Ok(Done { rules: Some(rules), ..Done::default() });
        };
        let pool = Pool::default();
        let (mut done, mut others, mut written) = (Done::default(), false, Ok(()));
        let told = document.tell_each(file, &pool, Detail::Failures, &mut |rule| {
            done.note(rule);
            if written.is_ok() {
                written = write_failures(part, rule, others).map(|any| others = any);
            }
            rule.forget();
        });
        written?;
        let stopped = super::stopped(file, document, &told);
        Ok(Done { status: told.status, stopped, ..done })
    })?;
    write!(to.out, "\n]")?;
    if frame.failed {
        frame.ending.with(exit::FAILED);
    }
    Ok(frame.ending.0)
}

/// What is known about a rule file and a document.
#[derive(Default)]
struct Done {
    /// The rule file, where there are no rules in it.
    rules: Option<Arc<Rules>>,
    status: Status,
    passed: BTreeSet<String>,
    skipped: BTreeMap<String, Option<String>>,
    stopped: Vec<String>,
}

impl Done {
    /// Notes what came of a rule.
    fn note(&mut self, rule: &Event<'_>) {
        let What::Rule { name, status, .. } = rule.what else { return };
        match status {
            Status::Pass => {
                self.passed.insert(name.to_owned());
            }
            Status::Skip => {
                let known = self.skipped.entry(name.to_owned()).or_default();
                *known = rule.skip_reason().or(known.take());
            }
            Status::Fail => {}
        }
    }
}

/// The report: documents one behind the other, in each the rule files.
struct Whole<'w> {
    files: usize,
    documents: &'w [Document<'w>],
    paint: Paint,
    /// Whether the document's failures have begun.
    open: bool,
    status: Status,
    tail: Tail,
    failed: bool,
    ending: Ending,
}

impl Whole<'_> {
    /// Begins the part about a document.
    fn begin(&self, document: usize, status: Status, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(if document == 0 { b"[\n" } else { b",\n" })?;
        let name = self.documents.get(document).map_or("", |document| document.name);
        write_head(out, name, status)
    }

    fn complain(&mut self, work: &Work<'_>, to: &mut Streams<'_>) -> Result<(), Fault> {
        for number in 0..work.shelf.len() {
            if let Some(code) = work.shelf.get(number).complain(to, self.paint)? {
                self.ending.with(code);
            }
        }
        Ok(())
    }
}

impl Frame for Whole<'_> {
    type Done = Done;

    fn open(&mut self, job: usize, out: &mut dyn Write) -> io::Result<()> {
        if self.open {
            return out.write_all(b",");
        }
        self.open = true;
        self.begin(job / self.files, Status::Fail, out)
    }

    fn close(&mut self, job: usize, done: Done, to: &mut Streams<'_>) -> Result<(), Fault> {
        if let Some(rules) = done.rules.filter(|_| job < self.files)
            && let Some(code) = rules.complain(to, self.paint)?
        {
            self.ending.with(code);
        }
        for stopped in &done.stopped {
            writeln!(to.err, "{stopped}")?;
            self.ending.with(exit::ABORTED);
        }
        self.status = self.status.and(done.status);
        self.tail.passed.extend(done.passed);
        for (name, reason) in done.skipped {
            if let Some(reason) = reason {
                self.tail.reasons.insert(name.clone(), reason);
            }
            self.tail.skipped.insert(name);
        }
        if !(job + 1).is_multiple_of(self.files) {
            return Ok(());
        }
        if !self.open {
            self.begin(job / self.files, self.status, to.out)?;
        }
        write_tail(to.out, &self.tail, self.open)?;
        self.failed |= self.status == Status::Fail;
        (self.open, self.status, self.tail) = (false, Status::Skip, Tail::default());
        Ok(())
    }
}
