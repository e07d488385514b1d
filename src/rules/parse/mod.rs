//! From text to [`ast`](super::ast). The only module that knows the parser.

mod clauses;
mod expected;
mod lower;
mod nesting;
mod pairs;
mod pieces;
mod scan;
mod slips;
mod values;

use std::sync::Arc;

use pest::error::{ErrorVariant, InputLocation};

use crate::document::{Code, Diagnostic, FileId, Location, Source, Span};

use super::ast::File;

mod grammar {
    #[derive(pest_derive::Parser)]
    #[grammar = "grammar/rules.pest"]
    pub(super) struct Grammar;
}
use grammar::{Grammar, Rule};

use pairs::{Pair, Parts, inside};

/// Reads a rule file.
pub fn parse(source: &Arc<Source>) -> Result<File, Box<Diagnostic>> {
    let text = source.text();
    if let Some(deep) = nesting::too_deep(text) {
        let made = Diagnostic::new(Code::RuleSyntax, "brackets are nested too deeply");
        let place = Location::at(Arc::clone(source), deep);
        return Err(Box::new(made.at(place).help(format!("at most {} levels are read", nesting::LIMIT))));
    }
    let mut lower = lower::Lower::new(source);
    pieces::each(text, |item| lower.item(item))
        .map_err(|stop| Box::new(syntax(source, stop.start, &stop.error)))?;
    lower.finish()
}

/// A syntax error in what was read from `start` on, in the language's words.
fn syntax(source: &Arc<Source>, start: usize, error: &pest::error::Error<Rule>) -> Diagnostic {
    let offset = start
        + match error.location {
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
