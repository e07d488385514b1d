//! One report for each rule file and data file.

use std::io::{self, Write};
use std::sync::Arc;

use crate::cli::guard::exit;
use crate::cli::guard::fault::Fault;
use crate::cli::guard::ordered::{self, Frame, Part};
use crate::cli::guard::report::{Console, Format, Paint, console, write_data, write_tree};
use crate::cli::guard::trace::{Detail, Pool, RuleFile, Status, Told};

use super::shelf::Rules;
use super::{Document, Ending, Streams, Work};

/// Writes the reports.
pub(super) fn run(work: &Work<'_>, to: &mut Streams<'_>) -> Result<u8, Fault> {
    // Without a document, rule files are read all the same.
    let documents = work.documents.len().max(1);
    let frame = Reports { documents, paint: work.paint, failed: false, ending: Ending::default() };
    let jobs = work.shelf.len() * documents;
    let frame = ordered::run(jobs, work.size(), frame, to, |job, part| {
        let rules = work.shelf.get(job / documents);
        let (Some(file), Some(document)) = (rules.file(), work.documents.get(job % documents)) else {
            return Ok(Done { rules: Some(rules), ..Done::default() });
        };
        work.report(file, document, part)
    })?;
    Ok(frame.ending.0)
}

/// What a report leaves to be said.
#[derive(Default)]
struct Done {
    /// The rule file, where there are no rules in it.
    rules: Option<Arc<Rules>>,
    failed: bool,
    notices: Vec<String>,
    stopped: Vec<String>,
}

impl Work<'_> {
    fn report(&self, file: &RuleFile, document: &Document<'_>, part: &mut Part<'_>) -> io::Result<Done> {
        let every = self.args.verbose || self.args.print_json;
        let detail = match self.format {
            _ if every => Detail::All,
            Format::Lines => Detail::Checks,
            _ => Detail::Failures,
        };
        let pool = Pool::default();
        let told = document.tell(file, &pool, detail);
        self.write(file, document, &told, part)?;
        Ok(Done {
            rules: None,
            failed: told.status == Status::Fail,
            stopped: super::stopped(file, document, &told),
            notices: told.notices.into_iter().collect(),
        })
    }

    fn write(
        &self,
        file: &RuleFile,
        document: &Document<'_>,
        told: &Told<'_>,
        part: &mut Part<'_>,
    ) -> io::Result<()> {
        let about = Console {
            data: document.name,
            lines: &document.lines,
            rules: &file.name,
            root: document.values.root(),
            told,
        };
        console(part, self.paint, self.shown, self.format, &about)?;
        if self.args.verbose {
            write_tree(part, &told.event)?;
        }
        if self.args.print_json {
            write_data(part, Format::Json, &told.event)?;
            writeln!(part)?;
        }
        Ok(())
    }
}

/// The reports, one behind the other.
struct Reports {
    documents: usize,
    paint: Paint,
    /// Whether a rule of the rule file failed.
    failed: bool,
    ending: Ending,
}

impl Frame for Reports {
    type Done = Done;

    fn open(&mut self, _job: usize, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn close(&mut self, job: usize, done: Done, to: &mut Streams<'_>) -> Result<(), Fault> {
        let (first, last) = (job.is_multiple_of(self.documents), (job + 1).is_multiple_of(self.documents));
        if let Some(rules) = done.rules.filter(|_| first)
            && let Some(code) = rules.complain(to, self.paint)?
        {
            self.ending.with(code);
        }
        for notice in &done.notices {
            writeln!(to.err, "{notice}")?;
        }
        for stopped in &done.stopped {
            writeln!(to.err, "{stopped}")?;
            self.ending.with(exit::ABORTED);
        }
        self.failed |= done.failed;
        if last && std::mem::take(&mut self.failed) {
            self.ending.with(exit::FAILED);
        }
        Ok(())
    }
}
