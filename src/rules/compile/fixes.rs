//! What is said behind a clause: what to do when it fails, and how much that matters.

use crate::document::Code;

use crate::rules::ast;
use crate::rules::fix::{AND, DeclaredFix, DeclaredStep, DeclaredValue, FixValue, KINDS};
use crate::rules::metadata::Severity;

use super::Compiler;

impl Compiler<'_> {
    /// The attributes behind a clause.
    pub(super) fn clause_attributes(
        &mut self,
        attributes: &[ast::Attribute],
    ) -> (Box<[DeclaredFix]>, Option<Severity>) {
        let (mut fixes, mut severity) = (Vec::new(), None);
        for attribute in attributes {
            match &*attribute.name.text {
                "fix" => fixes.extend(self.fix(attribute)),
                "severity" => {
                    severity = match &*attribute.arguments {
                        [one] => Severity::from_name(&one.text),
                        _ => None,
                    };
                    if severity.is_none() {
                        let known: Vec<_> =
                            Severity::ALL.iter().map(|one| format!("`{}`", one.as_str())).collect();
                        let message = "`@severity` takes a severity".to_owned();
                        let help = format!("one of {}", known.join(", "));
                        self.report(Code::RuleName, attribute.name.range, message, Some(help));
                    }
                }
                other => {
                    let message = format!("there is no attribute `@{other}` of a clause");
                    let help = "a clause has `@fix` and `@severity`; others stand before `rule`".to_owned();
                    self.report(Code::RuleName, attribute.name.range, message, Some(help));
                }
            }
        }
        (fixes.into(), severity)
    }

    /// `@fix(safe, replace, "…")`. A defect is reported, and the clause has no fix then.
    pub(super) fn fix(&mut self, fix: &ast::Attribute) -> Option<DeclaredFix> {
        let mut arguments: Vec<(&ast::Name, bool)> =
            fix.arguments.iter().zip(fix.words.iter().copied()).collect();
        let first = if arguments.is_empty() { None } else { Some(arguments.remove(0)) };
        let safe = match first.map(|(argument, _)| &*argument.text) {
            Some("safe") => true,
            Some("unsafe") => false,
            _ => {
                let message = "a fix begins with `safe` or `unsafe`".to_owned();
                self.report(Code::RuleName, fix.name.range, message, None);
                return None;
            }
        };
        let steps = arguments.split(|(argument, is_word)| *is_word && &*argument.text == AND);
        let steps: Option<_> = steps.map(|step| self.step(fix, step)).collect();
        Some(DeclaredFix { safe, steps: steps? })
    }

    /// `replace, "…"`: one thing that a fix does.
    fn step(&mut self, fix: &ast::Attribute, step: &[(&ast::Name, bool)]) -> Option<DeclaredStep> {
        let words = || KINDS.iter().map(|(word, ..)| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        let Some(((word, _), arguments)) = step.split_first() else {
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
            .iter()
            .map(|(argument, is_word)| {
                if *is_word {
                    DeclaredValue::Word(FixValue::word(&argument.text))
                } else {
                    DeclaredValue::Text(self.message(argument))
                }
            })
            .collect();
        if arguments.len() < *least || *least == 0 && arguments.len() > 1 {
            let wanted = if *least == 1 { "1 argument".to_owned() } else { format!("{least} arguments") };
            let message = format!("`{}` takes {wanted}", word.text);
            self.report(Code::RuleName, word.range, message, None);
            return None;
        }
        Some(DeclaredStep { kind: *kind, arguments })
    }
}

#[cfg(test)]
mod tests {
    use crate::document::Source;
    use crate::rules::FixKind;
    use crate::rules::Program;

    fn load(text: &str) -> (Program, Vec<String>) {
        let import = |_: &str| Err("none".to_owned());
        let (program, found) = Program::load(&[Source::from_text("t.guard", text)], &import);
        (program, found.into_iter().map(|one| one.message).collect())
    }

    #[test]
    fn attributes_stand_behind_clauses() {
        let (program, found) = load(
            "rule a { %roles { boundary exists <<no boundary>> @severity(low) @fix(unsafe, set, a, \"b\")\n\
             path exists @fix(safe, remove) } }\nResources exists\n@severity(high)\nrule b { Resources exists }",
        );
        assert!(found.is_empty(), "{found:?}");
        let rule = program.rules().iter().find(|rule| rule.name() == "a").unwrap();
        assert_eq!(rule.fixes(), [(false, FixKind::Set), (true, FixKind::Remove)]);
        let other = program.rules().iter().find(|rule| rule.name() == "b").unwrap();
        assert_eq!(
            other.metadata().severity,
            Some(crate::rules::Severity::High),
            "the rule's, not the clause's"
        );
    }

    #[test]
    fn defects_of_attributes_are_said() {
        for (attribute, message) in [
            ("@fix(replace, a)", "a fix begins with `safe` or `unsafe`"),
            ("@fix(safe)", "the fix does nothing"),
            ("@fix(safe, replce, a)", "there is no fix `replce`"),
            ("@fix(safe, replace)", "`replace` takes 1 argument"),
            ("@severity(grave)", "`@severity` takes a severity"),
            ("@title(a)", "there is no attribute `@title` of a clause"),
        ] {
            let (_, found) = load(&format!("rule a {{ Resources exists {attribute} }}"));
            assert_eq!(found, [message]);
        }
    }
}
