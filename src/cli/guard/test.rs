//! `test`: rules against the answers that test files expect.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;

use crate::document::Source;
use crate::rules;

use super::agree;
use super::args::{OutputFormat, Test};
use super::exit;
use super::fault::{self, Fault};
use super::imports;
use super::input::{self, Order};
use super::report::{Format, junit, write_data, write_tree};
use super::spec::{self, Spec};
use super::trace::{Detail, Edition, Pool, RuleFile, Status, Told, tell};
use super::validate::Streams;
use super::value::{self, Dialect, Text};

/// Runs the command.
pub(super) fn run(args: &Test, to: &mut Streams<'_>) -> Result<u8, Fault> {
    let format = match args.output_format {
        OutputFormat::SingleLineSummary => Format::Lines,
        OutputFormat::Json => Format::Json,
        OutputFormat::Yaml => Format::Yaml,
        OutputFormat::Junit => Format::Junit,
        OutputFormat::Sarif => Format::Sarif,
    };
    if format != Format::Lines && args.verbose {
        return Err(Fault::Said(
            "Cannot provide an output_type of JSON, YAML, or JUnit while the verbose flag is set".to_owned(),
        ));
    }
    if format == Format::Sarif {
        return Err(Fault::Said(
            "Cannot provide an output_type of SARIF, SARIF reporter is unsupported.".to_owned(),
        ));
    }
    let edition = args.guard_compat.edition();
    let mut work = Work { format, edition, verbose: args.verbose, notices: BTreeSet::new(), to };
    if let Some(folder) = &args.dir {
        input::exists(folder)?;
        let pairs = spec::pairs(folder);
        return if format == Format::Lines { work.folder(&pairs) } else { work.structured_folder(&pairs) };
    }
    let (Some(rules), Some(tests)) = (&args.rules, &args.tests) else {
        let what = "error: `--rules-file` and `--test-data` are needed together, or `--dir` alone";
        writeln!(work.to.err, "{what}\n\nFor more information, try '--help'.")?;
        return Ok(exit::USAGE);
    };
    input::exists(rules)?;
    input::exists(tests)?;
    if !rules.is_file() {
        return Err(Fault::reading(&"the rule file is a folder"));
    }
    let order = if args.last_modified { Order::Modified } else { Order::Name };
    let tests = spec::files(tests, order);
    if format == Format::Lines { work.single(rules, &tests) } else { work.structured_single(rules, &tests) }
}

/// A rule of a case, and what it was expected to answer.
#[derive(Debug)]
struct Answer<'w> {
    name: &'w str,
    expected: Option<Status>,
    evaluated: Vec<Status>,
    met: bool,
}

/// The rules of a case, up to one whose expectation is no status.
struct Answers<'w> {
    known: Vec<Answer<'w>>,
    no_status: Option<String>,
}

impl<'w> Answers<'w> {
    fn all(self) -> Result<Vec<Answer<'w>>, Fault> {
        match self.no_status {
            None => Ok(self.known),
            Some(word) => Err(Fault::Said(format!(
                "Types or variable assignments are incompatible `Status code is incorrect {word}`"
            ))),
        }
    }
}

struct Work<'w, 'o> {
    format: Format,
    edition: Edition,
    verbose: bool,
    /// What is said on standard error when all is done.
    notices: BTreeSet<String>,
    to: &'w mut Streams<'o>,
}

/// A rule file that cannot be tested: what is wrong, and with which code that ends where nothing is structured.
enum Broken {
    Unreadable(String),
    Syntax(Box<crate::document::Diagnostic>),
}

impl Broken {
    fn text(&self) -> String {
        match self {
            Self::Unreadable(text) => text.clone(),
            Self::Syntax(diagnostic) => {
                let name = diagnostic.file.as_deref().unwrap_or("");
                fault::syntax(name, diagnostic)
            }
        }
    }
}

fn rule_file(path: &Path, name: &str, edition: Edition) -> Result<Option<RuleFile>, Broken> {
    let text = input::text(path).map_err(|fault| Broken::Unreadable(fault.to_string()))?;
    let source = Source::from_text(path.display().to_string(), text);
    let ast = imports::read(&source, Some(path)).map_err(Broken::Syntax)?;
    let file = RuleFile::new(name, ast, edition);
    Ok((!file.is_empty()).then_some(file))
}

impl Work<'_, '_> {
    fn folder(&mut self, pairs: &[spec::Pair]) -> Result<u8, Fault> {
        let mut code = 0;
        for pair in pairs {
            let shown = pair.rules.display();
            if pair.tests.is_empty() {
                writeln!(
                    self.to.out,
                    "Guard File {shown} did not have any tests associated, skipping.\n---"
                )?;
                continue;
            }
            writeln!(self.to.out, "Testing Guard File {shown}")?;
            match rule_file(&pair.rules, &pair.prefix, self.edition) {
                Err(Broken::Unreadable(text)) => return Err(Fault::Said(text)),
                Err(Broken::Syntax(diagnostic)) => {
                    self.syntax(&diagnostic)?;
                    code = exit::TEST_FAILED;
                }
                Ok(Some(file)) => {
                    let ended = self.cases(&file, &pair.tests)?;
                    if code == 0 {
                        code = ended;
                    }
                }
                Ok(None) => {}
            }
            writeln!(self.to.out, "---")?;
        }
        Ok(code)
    }

    fn single(&mut self, rules: &Path, tests: &[PathBuf]) -> Result<u8, Fault> {
        match rule_file(rules, &rules.display().to_string(), self.edition) {
            Err(Broken::Unreadable(text)) => {
                write!(self.to.out, "Unable to read rule file content {text}")?;
                Ok(exit::TEST_ERROR)
            }
            Err(Broken::Syntax(diagnostic)) => {
                self.syntax(&diagnostic)?;
                Ok(exit::TEST_ERROR)
            }
            Ok(Some(file)) => self.cases(&file, tests),
            Ok(None) => Ok(0),
        }
    }

    fn syntax(&mut self, diagnostic: &crate::document::Diagnostic) -> Result<(), Fault> {
        let name = diagnostic.file.as_deref().unwrap_or("");
        writeln!(self.to.out, "Parse Error on ruleset file {}", fault::syntax(name, diagnostic))?;
        self.to.diagnostic(diagnostic)
    }

    /// The cases of some test files, told as text.
    fn cases(&mut self, file: &RuleFile, tests: &[PathBuf]) -> Result<u8, Fault> {
        let mut code = 0;
        let mut number = 1;
        for test in tests {
            let specs = match spec::read(test, ",") {
                Ok(specs) => specs,
                Err(fault) => {
                    writeln!(self.to.out, "Error processing {fault}")?;
                    code = exit::TEST_ERROR;
                    continue;
                }
            };
            for spec in &specs.all {
                writeln!(self.to.out, "Test Case #{number}")?;
                if let Some(name) = &spec.name {
                    writeln!(self.to.out, "Name: {name}")?;
                }
                if !self.case(file, &specs, spec)? {
                    code = exit::TEST_FAILED;
                }
                number += 1;
            }
        }
        for notice in std::mem::take(&mut self.notices) {
            writeln!(self.to.err, "{notice}")?;
        }
        Ok(code)
    }

    /// One case, told as text; says whether all expectations are met.
    fn case(&mut self, file: &RuleFile, specs: &spec::Specs, spec: &Spec) -> Result<bool, Fault> {
        let pool = Pool::default();
        let text = Text::new("");
        let values = value::read(&specs.tree, spec.input, &text, Dialect::Test).map_err(Fault::Said)?;
        let detail = if self.verbose { Detail::All } else { Detail::Failures };
        let told = tell(file, values.root(), "", &pool, detail);
        stopped(&told)?;
        self.agree(file, specs, spec, &told);
        let answers = self.answers(&told, spec);
        let mut lines: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for answer in &answers.known {
            let Some(expected) = answer.expected else {
                writeln!(self.to.out, "  No Test expectation was set for Rule {}", answer.name)?;
                continue;
            };
            let name = answer.name;
            if answer.met {
                lines.entry("PASS").or_default().push(format!("{name}: Expected = {expected}"));
            } else {
                let evaluated: Vec<&str> = answer.evaluated.iter().map(|one| one.as_str()).collect();
                let evaluated = evaluated.join(", ");
                let line = format!("{name}: Expected = {expected}, Evaluated = [{evaluated}]");
                lines.entry("FAIL").or_default().push(line);
            }
        }
        let answers = answers.all()?;
        if self.verbose {
            write_tree(self.to.out, &told.event)?;
        }
        for (title, lines) in &lines {
            writeln!(self.to.out, "  {title} Rules:")?;
            for line in lines {
                writeln!(self.to.out, "    {line}")?;
            }
        }
        writeln!(self.to.out)?;
        Ok(answers.iter().all(|answer| answer.met || answer.expected.is_none()))
    }

    /// Mentions answers that the engine does not give; only where this build looks for them.
    fn agree(&mut self, file: &RuleFile, specs: &spec::Specs, spec: &Spec, told: &Told<'_>) {
        if cfg!(debug_assertions) {
            let found = agree::differences(file, (&specs.tree, spec.input), rules::Dialect::Test, told);
            self.notices.extend(found);
        }
    }

    /// The rules by name, each with what was expected of it.
    fn answers<'w>(&mut self, told: &Told<'w>, spec: &Spec) -> Answers<'w> {
        self.notices.extend(told.notices.iter().cloned());
        let mut by_name: BTreeMap<&'w str, Vec<Status>> = BTreeMap::new();
        for (_, name, status) in told.event.rules() {
            by_name.entry(name).or_default().push(status);
        }
        for name in spec.expectations.keys().filter(|name| !by_name.contains_key(name.as_str())) {
            self.notices
                .insert(format!("No rule named {name} is in this file, so its expectation was not checked"));
        }
        let mut known = Vec::new();
        for (name, evaluated) in by_name {
            let expected = match spec.expectations.get(name) {
                None => None,
                Some(word) => match Status::from_name(word) {
                    Some(status) => Some(status),
                    None => return Answers { known, no_status: Some(word.clone()) },
                },
            };
            let met = match expected {
                None => false,
                Some(Status::Skip) => evaluated.iter().all(|one| *one == Status::Skip),
                Some(expected) => evaluated.contains(&expected),
            };
            known.push(Answer { name, expected, evaluated, met });
        }
        Answers { known, no_status: None }
    }

    fn structured_folder(&mut self, pairs: &[spec::Pair]) -> Result<u8, Fault> {
        let mut code = 0;
        let mut results = Vec::new();
        for pair in pairs.iter().filter(|pair| !pair.tests.is_empty()) {
            let name = pair.rules.display().to_string();
            let start = Instant::now();
            match rule_file(&pair.rules, &pair.prefix, self.edition) {
                Err(broken) => {
                    code = exit::TEST_ERROR;
                    results.push(Outcome::error(name, broken.text(), start));
                }
                Ok(Some(file)) => {
                    let result = self.result(&file, name, &pair.tests)?;
                    let ended = result.code();
                    code = match code {
                        0 => ended,
                        exit::TEST_FAILED if ended == exit::TEST_ERROR => ended,
                        other => other,
                    };
                    results.push(result);
                }
                Ok(None) => {}
            }
        }
        self.write(&results, None)?;
        Ok(code)
    }

    fn structured_single(&mut self, rules: &Path, tests: &[PathBuf]) -> Result<u8, Fault> {
        let name = rules.display().to_string();
        let start = Instant::now();
        // A rule file that cannot be read ends with 0 in the peer; here with the code of all other modes.
        let (result, code) = match rule_file(rules, &name, self.edition) {
            Err(broken) => (Outcome::error(name, broken.text(), start), exit::TEST_ERROR),
            Ok(None) => return Ok(0),
            Ok(Some(file)) => {
                let result = self.result(&file, name, tests)?;
                let code = result.code();
                (result, code)
            }
        };
        self.write(&[], Some(&result))?;
        Ok(code)
    }

    fn write(&mut self, many: &[Outcome], one: Option<&Outcome>) -> Result<(), Fault> {
        for notice in std::mem::take(&mut self.notices) {
            writeln!(self.to.err, "{notice}")?;
        }
        if self.format == Format::Junit {
            let suites: Vec<junit::Suite> = many.iter().chain(one).map(Outcome::suite).collect();
            let time = suites.iter().map(|suite| suite.time).sum();
            let text = junit::document("cfn-guard test report", &suites, time);
            self.to.out.write_all(text.as_bytes())?;
            return Ok(());
        }
        match one {
            Some(one) => write_data(self.to.out, self.format, one)?,
            None => write_data(self.to.out, self.format, &many)?,
        }
        Ok(())
    }

    /// All cases of a rule file.
    fn result(&mut self, file: &RuleFile, name: String, tests: &[PathBuf]) -> Result<Outcome, Fault> {
        let start = Instant::now();
        let mut cases = Vec::new();
        let notices = self.notices.clone();
        for test in tests {
            let specs = match spec::read(test, "") {
                Ok(specs) => specs,
                Err(fault) => {
                    self.notices = notices;
                    return Ok(Outcome::error(name, fault.to_string(), start));
                }
            };
            for spec in &specs.all {
                let start = Instant::now();
                let pool = Pool::default();
                let text = Text::new("");
                let values =
                    value::read(&specs.tree, spec.input, &text, Dialect::Test).map_err(Fault::Said)?;
                let told = tell(file, values.root(), "", &pool, Detail::Failures);
                stopped(&told)?;
                self.agree(file, &specs, spec, &told);
                match self.answers(&told, spec).all() {
                    Ok(answers) => cases.push(Case::new(spec, &answers, start.elapsed().as_millis())),
                    Err(fault) => {
                        self.notices = notices;
                        return Ok(Outcome::error(name, fault.to_string(), start));
                    }
                }
            }
        }
        Ok(Outcome::Tested { rule_file: name, test_cases: cases })
    }
}

/// A rule that could not be evaluated ends the run: nothing it was expected to answer is met.
fn stopped(told: &Told<'_>) -> Result<(), Fault> {
    match told.stopped.first() {
        Some((rule, stop)) => Err(Fault::Said(format!("{stop} (rule {rule})"))),
        None => Ok(()),
    }
}

/// What came of a rule file, as the peer writes it.
#[derive(Serialize)]
#[serde(untagged)]
enum Outcome {
    Tested {
        rule_file: String,
        test_cases: Vec<Case>,
    },
    Error {
        rule_file: String,
        error: String,
        #[serde(skip)]
        time: u128,
    },
}

#[derive(Serialize)]
struct Case {
    name: String,
    passed_rules: Vec<Passed>,
    failed_rules: Vec<Failed>,
    skipped_rules: Vec<Skipped>,
    #[serde(skip)]
    time: u128,
}

#[derive(Serialize)]
struct Passed {
    name: String,
    evaluated: &'static str,
}

#[derive(Serialize)]
struct Failed {
    name: String,
    expected: &'static str,
    evaluated: Vec<&'static str>,
}

#[derive(Serialize)]
struct Skipped {
    name: String,
}

impl Case {
    fn new(spec: &Spec, answers: &[Answer<'_>], time: u128) -> Self {
        let name = spec.name.clone().unwrap_or_default();
        let mut out = Self {
            name,
            passed_rules: Vec::new(),
            failed_rules: Vec::new(),
            skipped_rules: Vec::new(),
            time,
        };
        for answer in answers {
            let name = answer.name.to_owned();
            match answer.expected {
                None => out.skipped_rules.push(Skipped { name }),
                Some(expected) if answer.met => {
                    out.passed_rules.push(Passed { name, evaluated: expected.as_str() });
                }
                Some(expected) => out.failed_rules.push(Failed {
                    name,
                    expected: expected.as_str(),
                    evaluated: answer.evaluated.iter().map(|one| one.as_str()).collect(),
                }),
            }
        }
        out
    }

    fn junit(&self) -> impl Iterator<Item = junit::Case> {
        let case = |name: &str, outcome| junit::Case {
            id: Some(self.name.clone()),
            name: name.to_owned(),
            time: self.time,
            outcome,
        };
        let passed = self.passed_rules.iter().map(move |one| case(&one.name, junit::Outcome::Pass));
        let failed = self.failed_rules.iter().map(move |one| {
            let evaluated = one.evaluated.join(", ");
            let text = format!("Expected = {}, Evaluated = [{evaluated}]", one.expected);
            case(&one.name, junit::Outcome::Fail { rule: None, texts: vec![text] })
        });
        passed.chain(failed)
    }
}

impl Outcome {
    fn error(rule_file: String, error: String, start: Instant) -> Self {
        Self::Error { rule_file, error, time: start.elapsed().as_millis() }
    }

    fn code(&self) -> u8 {
        match self {
            Self::Error { .. } => exit::TEST_ERROR,
            Self::Tested { test_cases, .. } => {
                let failed = test_cases.iter().any(|case| !case.failed_rules.is_empty());
                if failed { exit::TEST_FAILED } else { 0 }
            }
        }
    }

    fn suite(&self) -> junit::Suite {
        match self {
            Self::Error { rule_file, error, time } => junit::Suite {
                name: rule_file.clone(),
                cases: vec![junit::Case {
                    id: None,
                    name: rule_file.clone(),
                    time: *time,
                    outcome: junit::Outcome::Error(error.clone()),
                }],
                time: *time,
                errors: 1,
                failures: 0,
            },
            Self::Tested { rule_file, test_cases } => junit::Suite {
                name: rule_file.clone(),
                cases: test_cases.iter().flat_map(Case::junit).collect(),
                time: test_cases.iter().map(|case| case.time).sum(),
                errors: 0,
                failures: test_cases.iter().map(|case| case.failed_rules.len()).sum(),
            },
        }
    }
}
