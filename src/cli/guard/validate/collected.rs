//! One report for everything in a format that is written when all is known.

use std::time::Instant;

use rayon::prelude::*;

use crate::cli::guard::exit;
use crate::cli::guard::fault::Fault;
use crate::cli::guard::report::{FileReport, Format, Log, junit, write_data};
use crate::cli::guard::trace::{Detail, Pool, RuleFile, Status, Told};

use super::{Ending, Streams, Work};

/// Writes the report.
pub(super) fn run(work: &Work<'_>, to: &mut Streams<'_>) -> Result<u8, Fault> {
    let mut ending = Ending::default();
    let all: Vec<_> = (0..work.shelf.len()).into_par_iter().map(|number| work.shelf.get(number)).collect();
    for rules in &all {
        if let Some(code) = rules.complain(to, work.paint)? {
            ending.with(code);
        }
    }
    let files: Vec<(&RuleFile, Pool)> =
        all.iter().filter_map(|rules| rules.file()).map(|file| (file, Pool::default())).collect();
    let start = Instant::now();
    let told: Vec<Vec<(Told<'_>, u128)>> = work
        .documents
        .par_iter()
        .map(|document| {
            let files = files.par_iter();
            files
                .map(|(file, pool)| {
                    let start = Instant::now();
                    let told = document.tell(file, pool, Detail::Failures);
                    (told, start.elapsed().as_millis())
                })
                .collect()
        })
        .collect();
    write(work, &files, &told, start, to)?;
    let failed = told.iter().flatten().any(|(told, _)| told.status == Status::Fail);
    if failed && !(work.format == Format::Junit && ending.0 == exit::UNREADABLE) {
        ending.with(exit::FAILED);
    }
    for (document, told) in work.documents.iter().zip(&told) {
        for ((file, _), (told, _)) in files.iter().zip(told) {
            for stopped in super::stopped(file, document, told) {
                writeln!(to.err, "{stopped}")?;
                ending.with(exit::ABORTED);
            }
        }
    }
    Ok(ending.0)
}

fn write(
    work: &Work<'_>,
    files: &[(&RuleFile, Pool)],
    told: &[Vec<(Told<'_>, u128)>],
    start: Instant,
    to: &mut Streams<'_>,
) -> Result<(), Fault> {
    let both = work.documents.iter().zip(told);
    if work.format == Format::Junit {
        let suites: Vec<_> = both.map(|(document, told)| suite(document.name, files, told, start)).collect();
        let time = start.elapsed().as_millis();
        let text = junit::document("cfn-guard validate report", &suites, time);
        to.out.write_all(text.as_bytes())?;
        return Ok(());
    }
    let reports: Vec<FileReport<'_, '_>> = both
        .map(|(document, told)| FileReport::new(document.name, told.iter().map(|(told, _)| told)))
        .collect();
    if work.format == Format::Sarif {
        write_data(to.out, Format::Json, &Log::new(&reports))?;
    } else {
        write_data(to.out, work.format, &reports)?;
    }
    Ok(())
}

fn suite(name: &str, files: &[(&RuleFile, Pool)], told: &[(Told<'_>, u128)], start: Instant) -> junit::Suite {
    let cases: Vec<junit::Case> = files
        .iter()
        .zip(told)
        .map(|((file, _), (told, time))| junit::case(&file.name, &FileReport::new(name, [told]), *time))
        .collect();
    let failures = cases.iter().filter(|case| matches!(case.outcome, junit::Outcome::Fail { .. })).count();
    junit::Suite { name: name.to_owned(), cases, time: start.elapsed().as_millis(), errors: 0, failures }
}
