//! Fixes that clauses declare.

use crate::document::Code;

use crate::rules::ast;
use crate::rules::fix::{DeclaredFix, DeclaredValue, FixValue, KINDS};

use super::Compiler;

impl Compiler<'_> {
    /// `@fix(safe, replace, "…")`. A defect is reported, and the clause has no fix then.
    pub(super) fn fix(&mut self, fix: &ast::Attribute) -> Option<DeclaredFix> {
        let mut arguments = fix.arguments.iter().zip(fix.words.iter().copied());
        let safe = match arguments.next().map(|(argument, _)| &*argument.text) {
            Some("safe") => true,
            Some("unsafe") => false,
            _ => {
                let message = "a fix begins with `safe` or `unsafe`".to_owned();
                self.report(Code::RuleName, fix.name.range, message, None);
                return None;
            }
        };
        let words = || KINDS.iter().map(|(word, ..)| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        let Some((word, _)) = arguments.next() else {
            let help = format!("it does one of {}", words());
            self.report(Code::RuleName, fix.name.range, "the fix does nothing".to_owned(), Some(help));
            return None;
        };
        let Some((_, kind, least)) = KINDS.iter().find(|(known, ..)| *known == &*word.text) else {
            let message = format!("there is no fix `{}`", word.text);
            self.report(Code::RuleName, word.range, message, Some(format!("it does one of {}", words())));
            return None;
        };
        let arguments: Box<[DeclaredValue]> = arguments
            .map(|(argument, is_word)| match is_word {
                true => DeclaredValue::Word(FixValue::word(&argument.text)),
                false => DeclaredValue::Text(self.message(argument)),
            })
            .collect();
        if arguments.len() < *least || *least == 0 && arguments.len() > 1 {
            let wanted = if *least == 1 { "1 argument".to_owned() } else { format!("{least} arguments") };
            let message = format!("`{}` takes {wanted}", word.text);
            self.report(Code::RuleName, word.range, message, None);
            return None;
        }
        Some(DeclaredFix { safe, kind: *kind, arguments })
    }
}
