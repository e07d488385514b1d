//! The rule files of a run: each is parsed by the first job that asks for it, and dropped behind the last one.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::document::{Diagnostic, Source};

use crate::cli::guard::exit;
use crate::cli::guard::fault::{self, Fault};
use crate::cli::guard::imports;
use crate::cli::guard::input;
use crate::cli::guard::report::Paint;
use crate::cli::guard::trace::{Edition, RuleFile};

use super::Streams;

/// A rule file.
pub(super) enum Rules {
    /// Its name, its text, which is not parsed yet, and where it stands.
    Text(String, String, Option<PathBuf>),
    File(Box<RuleFile>),
    /// There is nothing in it.
    Empty,
    Unreadable(PathBuf, Fault),
    Broken(String, Box<Diagnostic>),
}

/// A place for a rule file, with how many jobs will still ask for it.
pub(super) struct Slot(Mutex<(Option<Arc<Rules>>, usize)>);

impl Slot {
    fn with(rules: Rules) -> Self {
        Self(Mutex::new((Some(Arc::new(rules)), 0)))
    }

    /// A rule file that comes from nowhere.
    pub(super) fn new(name: String, text: String) -> Self {
        Self::with(Rules::Text(name, text, None))
    }

    /// The rule file at a path.
    pub(super) fn of(path: &Path) -> Self {
        match input::text(path) {
            Ok(text) => Self::with(Rules::Text(input::file_name(path), text, Some(path.to_owned()))),
            Err(fault) => Self::with(Rules::Unreadable(path.to_owned(), fault)),
        }
    }
}

/// The rule files of a run.
pub(super) struct Shelf {
    slots: Vec<Slot>,
    edition: Edition,
}

impl Shelf {
    /// Rule files, each of which is asked for so many times.
    pub(super) fn new(mut slots: Vec<Slot>, times: usize, edition: Edition) -> Self {
        for Slot(slot) in &mut slots {
            slot.get_mut().unwrap_or_else(PoisonError::into_inner).1 = times;
        }
        Self { slots, edition }
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Takes out why a rule file cannot be read, if there is one that cannot.
    pub(super) fn unreadable(&mut self) -> Option<Fault> {
        self.slots.iter_mut().find_map(|Slot(slot)| {
            let (place, _) = slot.get_mut().unwrap_or_else(PoisonError::into_inner);
            let rules = place.take_if(|rules| matches!(**rules, Rules::Unreadable(..)))?;
            match Arc::into_inner(rules)? {
                Rules::Unreadable(_, fault) => Some(fault),
                _ => None,
            }
        })
    }

    /// A rule file.
    pub(super) fn get(&self, number: usize) -> Arc<Rules> {
        let Some(Slot(slot)) = self.slots.get(number) else { return Arc::new(Rules::Empty) };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let (place, left) = &mut *slot;
        *left = left.saturating_sub(1);
        let rules = match place.take().map(Arc::try_unwrap) {
            Some(Ok(Rules::Text(name, text, path))) => {
                Arc::new(parse(name, text, path.as_deref(), self.edition))
            }
            Some(Ok(known)) => Arc::new(known),
            Some(Err(shared)) => shared,
            None => Arc::new(Rules::Empty),
        };
        if *left > 0 {
            *place = Some(Arc::clone(&rules));
        }
        rules
    }
}

fn parse(name: String, text: String, path: Option<&Path>, edition: Edition) -> Rules {
    let source = Source::from_text(name.as_str(), text);
    match imports::read(&source, path) {
        Ok(ast) => {
            let file = RuleFile::new(name, ast, edition);
            if file.is_empty() { Rules::Empty } else { Rules::File(Box::new(file)) }
        }
        Err(diagnostic) => Rules::Broken(name, diagnostic),
    }
}

impl Rules {
    pub(super) fn file(&self) -> Option<&RuleFile> {
        match self {
            Self::File(file) => Some(file),
            _ => None,
        }
    }

    /// Says why there are no rules, where that is no choice of the author; the answer is the exit code for it.
    pub(super) fn complain(&self, to: &mut Streams<'_>, paint: Paint) -> Result<Option<u8>, Fault> {
        match self {
            Self::File(_) | Self::Empty | Self::Text(..) => return Ok(None),
            // The peer goes on as if there had been no such file.
            Self::Unreadable(path, fault) => {
                writeln!(to.err, "Unable read content from file {fault} ({})", path.display())?;
            }
            Self::Broken(name, diagnostic) => {
                let error = fault::syntax(name, diagnostic);
                let name = paint.underline(name);
                writeln!(to.err, "Parsing error handling rule file = {name}, Error = {error}\n---")?;
                to.diagnostic(diagnostic)?;
            }
        }
        Ok(Some(exit::UNREADABLE))
    }
}
