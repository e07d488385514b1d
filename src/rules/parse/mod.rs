//! From text to [`ast`](super::ast). The only module that knows the parser.

mod clauses;
mod expected;
mod lower;
mod nesting;
mod scan;
mod slips;
mod values;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use pest::Parser as _;
use pest::error::{ErrorVariant, InputLocation};

use crate::document::{Code, Diagnostic, FileId, Location, Source, Span};

use super::ast::File;

mod grammar {
    #[derive(pest_derive::Parser)]
    #[grammar = "grammar/rules.pest"]
    pub(super) struct Grammar;
}
use grammar::{Grammar, Rule};

type Pair<'i> = pest::iterators::Pair<'i, Rule>;

/// What is in a pair, without the comments that stand in it.
struct Parts<'i>(pest::iterators::Pairs<'i, Rule>);

fn inside(pair: Pair<'_>) -> Parts<'_> {
    Parts(pair.into_inner())
}

impl<'i> Parts<'i> {
    /// The next one, which stays where it is.
    fn peek(&self) -> Option<Pair<'i>> {
        Self(self.0.clone()).next()
    }
}

impl<'i> Iterator for Parts<'i> {
    type Item = Pair<'i>;

    fn next(&mut self) -> Option<Pair<'i>> {
        self.0.find(|pair| pair.as_rule() != Rule::comment)
    }
}

/// Reads a rule file.
pub fn parse(source: &Arc<Source>) -> Result<File, Box<Diagnostic>> {
    let text = source.text();
    if let Some(deep) = nesting::too_deep(text) {
        let made = Diagnostic::new(Code::RuleSyntax, "brackets are nested too deeply");
        let place = Location::at(Arc::clone(source), deep);
        return Err(Box::new(made.at(place).help(format!("at most {} levels are read", nesting::LIMIT))));
    }
    allow_calls(text.len());
    let mut pairs = Grammar::parse(Rule::file, text).map_err(|error| Box::new(syntax(source, &error)))?;
    let mut lower = lower::Lower { source, error: None, asks: Vec::new() };
    let file = pairs.next().map(|file| lower.file(file));
    match (file, lower.error) {
        (_, Some(error)) => Err(error),
        (Some(file), None) => Ok(file),
        (None, None) => Err(Box::new(Diagnostic::new(Code::Internal, "the grammar has no file"))),
    }
}

/// Steps that the parser may take for a text, at least.
const CALLS: usize = 20_000_000;
/// Steps that it may take for each byte.
const CALLS_FOR_A_BYTE: usize = 1_000;

/// Where a bracket can be read in two ways, brackets in brackets can be read in thousands. The parser's limit holds for all that
/// is read after it is set, so it only grows.
fn allow_calls(bytes: usize) {
    static ALLOWED: AtomicUsize = AtomicUsize::new(0);
    let wanted = CALLS.max(bytes.saturating_mul(CALLS_FOR_A_BYTE));
    if ALLOWED.fetch_max(wanted, Ordering::Relaxed) < wanted {
        pest::set_call_limit(NonZeroUsize::new(ALLOWED.load(Ordering::Relaxed)));
    }
}

/// A syntax error, in the language's words.
fn syntax(source: &Arc<Source>, error: &pest::error::Error<Rule>) -> Diagnostic {
    let offset = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    };
    let wrong = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => expected::message(source.text(), offset, positives),
        // The limit of steps was reached; there is no other error of this kind.
        ErrorVariant::CustomError { .. } => expected::Wrong {
            message: "filters and conditions are nested too deeply to be read".to_owned(),
            help: Some("give the inner ones names: `let NAME = QUERY`".to_owned()),
            at: offset,
            length: 1,
        },
    };
    let narrow = |at| u32::try_from(at).unwrap_or(u32::MAX);
    let span = Span::new(FileId(0), narrow(wrong.at), narrow(wrong.at.saturating_add(wrong.length)));
    let place = Location::new(Arc::clone(source), span);
    let made = Diagnostic::new(Code::RuleSyntax, wrong.message).at(place);
    match wrong.help {
        Some(help) => made.help(help),
        None => made,
    }
}
