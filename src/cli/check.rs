//! `rolecall check`.

use std::io::{self, Write};
use std::path::Path;

use crate::check::config::{self, Config};
use crate::check::{self, Baseline, Request, Run, Severity};
use crate::document::{Code, Diagnostic};
use crate::ingest;
use crate::report::{self, Format, Look};

use super::args::CheckArgs;
use super::progress::Bar;
use super::{Exit, World, options};

/// Fixes of larger files are not tried for a report; `rolecall fix` tries them all.
const VERIFIED: usize = 128 << 10;

/// Runs the command.
pub(super) fn run(
    args: &CheckArgs,
    look: Look,
    world: &World,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Exit> {
    let request = match request(args) {
        Ok(request) => request,
        Err(diagnostic) => {
            report::diagnostics(&[*diagnostic], Look::default(), err)?;
            return Ok(Exit::Unusable);
        }
    };
    let threshold = args.fail_on.or(request.config.fail_on).unwrap_or(Severity::Medium);
    let unknowns = args.unknown.or(request.config.unknown).unwrap_or_default();
    let gate = args.gate.or(request.config.gate).unwrap_or_default();
    // Programs apply fixes without asking.
    let applies = |format: &Format| matches!(format, Format::Json | Format::Jsonl | Format::Sarif);
    let request = if args.format.iter().any(|(format, _)| applies(format)) {
        Request { verify_fixes: VERIFIED, ..request }
    } else {
        Request { fixes_from: Some(args.show), ..request }
    };
    let bar = Bar::new(world.progress);
    let mut run = check::check(&request, &bar);
    bar.finish();
    if unknowns == check::Unknowns::Ignore {
        run.findings.retain(|finding| finding.status != check::FindingStatus::Unknown);
    }
    let mut exit = Exit::from(run.outcome(threshold, unknowns, gate));
    let formats = if args.format.is_empty() { vec![(Format::Human, None)] } else { args.format.clone() };
    let look = Look { show: args.show, ..look };
    for (format, file) in &formats {
        match file {
            None => report::render(&run, *format, look, out)?,
            Some(path) => {
                let look = Look { show: args.show, ..Look::default() };
                if let Err(error) = to_file(&run, *format, look, path) {
                    let message = format!("the report cannot be written: {error}");
                    let made = Diagnostic::new(Code::Flag, message).in_file(&*path.to_string_lossy());
                    report::diagnostics(&[made], Look::default(), err)?;
                    exit = exit.max(Exit::Unusable);
                }
            }
        }
    }
    // A report in a file, or for machines, does not tell a person why the run is not clean.
    let told = formats.iter().any(|(format, file)| {
        file.is_none() && matches!(format, Format::Human | Format::Concise | Format::Github | Format::Html)
    });
    if !told {
        report::diagnostics(&run.diagnostics, Look::default(), err)?;
    }
    // The process ends: nobody waits for what it holds.
    rayon::spawn(move || drop(run));
    Ok(exit)
}

/// What the flags and the configuration mean together; a flag wins.
pub(super) fn request(args: &CheckArgs) -> Result<Request, Box<Diagnostic>> {
    let mut config = match &args.config {
        Some(path) => config::read(path)?,
        None => match std::env::current_dir().ok().and_then(|folder| config::find(&folder)) {
            Some(path) => config::read(&path)?,
            None => Config::default(),
        },
    };
    let mut rules = std::mem::take(&mut config.rules);
    rules.extend(args.rules.iter().cloned());
    let given = options(&args.input)?;
    let mut parameters = config.parameters.clone();
    parameters.extend(given.parameters);
    let options = ingest::Options {
        parameters,
        region: given.region.or_else(|| config.region.clone()),
        account: given.account.or_else(|| config.account.clone()),
        partition: given.partition.or_else(|| config.partition.clone()),
        // The built-in packs ask for the inventory alone; a rule of the user's own may ask for anything.
        facts_only: rules.is_empty(),
        ..given
    };
    let baseline = args.baseline.as_deref().map(Baseline::read).transpose()?;
    Ok(Request {
        paths: args.paths.clone(),
        rules,
        builtin: !args.no_builtin && config.builtin.unwrap_or(true),
        packs: if args.pack.is_empty() { config.packs.clone() } else { args.pack.clone() },
        options,
        config,
        baseline,
        earlier: args.baseline_template.clone(),
        explain: false,
        at_a_time: 0,
        verify_fixes: 0,
        fixes_from: None,
    })
}

fn to_file(run: &Run, format: Format, look: Look, path: &Path) -> io::Result<()> {
    let mut file = io::BufWriter::new(std::fs::File::create(path)?);
    report::render(run, format, look, &mut file)?;
    file.flush()
}
