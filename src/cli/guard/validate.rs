//! `validate`.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::Value;

use crate::rules::Status;

use super::console::{self, Shown};
use super::data::Data;
use super::files::{self, Order};
use super::judge::{self, RuleSet, Verdict, overall};
use super::junit::{self, Case, CaseOutcome, Suite};
use super::{Failure, Output, Streams, Summary, ValidateArgs, report, sarif};

/// The peer's exit codes.
const FAILED: u8 = 19;
const BROKEN: u8 = 5;

/// Rules and data, as text with names.
struct Texts {
    rules: Vec<(String, String)>,
    data: Vec<(String, String)>,
    parameters: Vec<(String, String)>,
}

pub(super) fn run(args: &ValidateArgs, streams: &mut Streams<'_>) -> Result<u8, Failure> {
    let shown = Shown::new(&args.show_summary);
    check_flags(args, shown)?;
    let texts = if args.payload { payload(args)? } else { texts(args, streams)? };
    let mut data = Vec::with_capacity(texts.data.len());
    for (name, text) in &texts.data {
        let plain_payload = args.payload && !args.structured;
        let parameters = if plain_payload { &[][..] } else { &texts.parameters };
        data.push(Data::read_with(name, text, parameters)?);
    }
    if args.structured {
        structured(args, &texts, &data, streams)
    } else {
        plain(args, shown, &texts, &data, streams)
    }
}

fn check_flags(args: &ValidateArgs, shown: Shown) -> Result<(), Failure> {
    let none = args.show_summary.contains(&Summary::None) || shown.is_nothing();
    let message = if args.structured && !none {
        "Cannot provide a summary-type other than `none` when the `structured` flag is present"
    } else if args.structured && args.output_format == Output::SingleLineSummary {
        "single-line-summary is not able to be used when the `structured` flag is present"
    } else if !args.structured && args.output_format == Output::Junit {
        "the structured flag must be set when output is set to junit"
    } else if !args.structured && args.output_format == Output::Sarif {
        "the structured flag must be set when output is set to sarif"
    } else {
        return Ok(());
    };
    Err(Failure::Abort(message.to_owned()))
}

fn texts(args: &ValidateArgs, streams: &mut Streams<'_>) -> Result<Texts, Failure> {
    let order = if args.last_modified { Order::LastModified } else { Order::Name };
    let mut data = Vec::new();
    for path in &args.data {
        files::must_exist(path)?;
        for file in files::walk(path, order) {
            let name = file.canonicalize().unwrap_or_else(|_| file.clone());
            if files::has_ending(&name, files::DATA) {
                data.push((name.to_string_lossy().into_owned(), files::read(&file)?));
            }
        }
    }
    if args.data.is_empty() {
        data.push(("STDIN".to_owned(), files::stdin()?));
    }
    let mut rules = Vec::new();
    for path in &args.rules {
        files::must_exist(path)?;
        let found: Vec<PathBuf> = if path.is_dir() {
            files::walk(path, order)
                .into_iter()
                .filter(|file| files::has_ending(file, files::RULES))
                .collect()
        } else {
            vec![path.clone()]
        };
        for file in found {
            match files::read(&file) {
                Ok(text) => rules.push((rule_name(&file), text)),
                // The others are evaluated all the same, and the exit code tells.
                Err(Failure::Abort(error)) => {
                    writeln!(streams.err, "Unable read content from file {error}")?;
                    return Err(Failure::Abort(error));
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(Texts { rules, data, parameters: parameters(args, order)? })
}

fn rule_name(file: &Path) -> String {
    files::name(file)
}

fn parameters(args: &ValidateArgs, order: Order) -> Result<Vec<(String, String)>, Failure> {
    let mut out = Vec::new();
    for path in &args.input_params {
        files::must_exist(path)?;
        for file in files::walk(path, order) {
            if files::has_ending(&file, files::DATA) {
                out.push((files::name(&file), files::read(&file)?));
            }
        }
    }
    Ok(out)
}

/// `{"rules": […], "data": […]}` on standard input.
fn payload(args: &ValidateArgs) -> Result<Texts, Failure> {
    #[derive(serde::Deserialize)]
    struct Payload {
        rules: Vec<String>,
        data: Vec<String>,
    }
    let text = files::stdin()?;
    let payload: Payload = serde_json::from_str(&text)
        .map_err(|error| Failure::Abort(format!("the payload is not valid: {error}")))?;
    let named = |texts: Vec<String>, name: &str| -> Vec<(String, String)> {
        texts.into_iter().enumerate().map(|(index, text)| (format!("{name}[{}]", index + 1), text)).collect()
    };
    let order = if args.last_modified { Order::LastModified } else { Order::Name };
    Ok(Texts {
        rules: named(payload.rules, "RULES_STDIN"),
        data: named(payload.data, "DATA_STDIN"),
        parameters: parameters(args, order)?,
    })
}

/// The rule files that can be read, compiled together; the names of the others.
fn rule_set(texts: &Texts) -> (RuleSet, Vec<(usize, String)>) {
    let parsed: Vec<_> = texts.rules.par_iter().map(|(name, text)| judge::parse(name, text)).collect();
    let (mut files, mut broken) = (Vec::new(), Vec::new());
    for (position, result) in parsed.into_iter().enumerate() {
        match result {
            Ok(file) => files.push(file),
            Err(error) => broken.push((position, error)),
        }
    }
    (RuleSet::new(&files), broken)
}

/// One document for all data files.
fn structured(
    args: &ValidateArgs,
    texts: &Texts,
    data: &[Data],
    streams: &mut Streams<'_>,
) -> Result<u8, Failure> {
    let (rules, broken) = rule_set(texts);
    for (position, error) in &broken {
        let name = texts.rules.get(*position).map_or("", |(name, _)| name);
        judge::complain(name, error, streams)?;
    }
    let code = if broken.is_empty() { 0 } else { BROKEN };
    let judged: Vec<(&Data, Vec<Vec<Verdict>>)> = data
        .par_iter()
        .map(|data| Ok((data, rules.judge(data).into_iter().collect::<Result<_, Failure>>()?)))
        .collect::<Result<_, Failure>>()?;
    let failed = judged.iter().any(|(_, files)| files.iter().any(|file| overall(file) == Status::Fail));
    if args.output_format == Output::Junit {
        write!(streams.out, "{}", junit(&rules, &judged))?;
        return Ok(if code == 0 && failed { FAILED } else { code });
    }
    let reports: Vec<(&str, Vec<&Verdict>)> =
        judged.iter().map(|(data, files)| (&*data.name, files.iter().flatten().collect())).collect();
    if args.output_format == Output::Sarif {
        write_value(args.output_format, &sarif::report(&reports), streams)?;
    } else {
        let values: Vec<Value> =
            reports.par_iter().map(|(name, verdicts)| report::file(name, verdicts)).collect();
        write_value(args.output_format, &Value::Array(values), streams)?;
    }
    Ok(if failed { FAILED } else { code })
}

fn write_value(output: Output, value: &Value, streams: &mut Streams<'_>) -> Result<(), Failure> {
    let text = match output {
        Output::Yaml => serde_yaml::to_string(value).map_err(|error| Failure::Abort(error.to_string()))?,
        _ => {
            return serde_json::to_writer_pretty(&mut *streams.out, value)
                .map_err(|error| Failure::Write(error.into()));
        }
    };
    Ok(streams.out.write_all(text.as_bytes())?)
}

fn junit(rules: &RuleSet, judged: &[(&Data, Vec<Vec<Verdict>>)]) -> String {
    let suites: Vec<Suite> = judged
        .iter()
        .map(|(data, files)| Suite {
            name: data.name.clone(),
            cases: rules
                .names()
                .iter()
                .zip(files)
                .map(|(rules, verdicts)| junit_case(rules, verdicts))
                .collect(),
        })
        .collect();
    junit::report("cfn-guard validate report", &suites)
}

fn junit_case(rules: &str, verdicts: &[Verdict]) -> Case {
    let outcome = match overall(verdicts) {
        Status::Fail => {
            let failed: Vec<&Verdict> =
                verdicts.iter().filter(|verdict| verdict.status == Status::Fail).collect();
            let name = failed.last().map(|verdict| {
                verdict.name.split_once(".guard/").map_or(&*verdict.name, |(_, name)| name).to_owned()
            });
            let text = failed
                .iter()
                .flat_map(|verdict| report::messages(&verdict.checks))
                .fold(String::new(), |text, message| text + message.custom + message.error);
            CaseOutcome::Fail { name, text }
        }
        Status::Skip => CaseOutcome::Skip,
        _ => CaseOutcome::Pass,
    };
    Case { id: None, name: rules.to_owned(), outcome }
}

/// A report for each rule file and data file.
fn plain(
    args: &ValidateArgs,
    shown: Shown,
    texts: &Texts,
    data: &[Data],
    streams: &mut Streams<'_>,
) -> Result<u8, Failure> {
    let (rules, broken) = rule_set(texts);
    // Rule files are the outer loop of the report, data files that of the evaluation.
    let mut judged: Vec<Vec<Option<judge::Verdicts>>> =
        data.par_iter().map(|data| rules.judge(data).into_iter().map(Some).collect()).collect();
    let mut code = 0;
    let mut readable = 0;
    for (position, (name, _)) in texts.rules.iter().enumerate() {
        if let Some((_, error)) = broken.iter().find(|(broken, _)| *broken == position) {
            judge::complain(name, error, streams)?;
            code = BROKEN;
            continue;
        }
        for (data, files) in data.iter().zip(&mut judged) {
            let verdicts =
                files.get_mut(readable).and_then(Option::take).unwrap_or_else(|| Ok(Vec::new()))?;
            if verdicts.is_empty() {
                continue;
            }
            if overall(&verdicts) == Status::Fail {
                code = FAILED;
            }
            let names = (&**name, &*data.name);
            console::table(streams.out, shown, names, &verdicts)?;
            match args.output_format {
                Output::SingleLineSummary => console::lines(streams.out, shown, names, &verdicts)?,
                output => {
                    let all: Vec<&Verdict> = verdicts.iter().collect();
                    write_value(output, &report::file(&data.name, &all), streams)?;
                }
            }
        }
        readable += 1;
    }
    Ok(code)
}
