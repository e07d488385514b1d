//! Blocks for all resources of a type.

use crate::rules::ast::TypeBlock;

use super::clauses::{Role, ended};
use super::event::{Context, Level, Status, What};
use super::found::Found;
use super::scope::Env;
use super::{Edition, Stop, Teller};

impl<'w> Teller<'w> {
    pub(super) fn type_block(&self, block: &'w TypeBlock, env: &Env<'_, 'w>) -> Result<Status, Stop> {
        let name = &*block.name.text;
        self.start(Context::Type(block));
        let done =
            |status, message: Option<String>| self.end(What::Type { name, ended: ended(status, message) });
        let values = match self.file.type_query(name).map(|query| self.query(query, env)) {
            Some(Ok(values)) => values,
            Some(Err(stop)) => {
                done(Status::Fail, None);
                return Err(stop);
            }
            None => Vec::new(),
        };
        if values.is_empty() {
            let message = format!("no {name} in the input, so the type block had nothing to check");
            done(Status::Skip, Some(message));
            return Ok(Status::Skip);
        }
        let classic = self.file.edition == Edition::Guard31;
        if classic && let Some(status) = self.classic_when(block, env, &done)? {
            return Ok(status);
        }
        let mut count = TypeCount::default();
        for (index, found) in values.iter().enumerate() {
            if classic && found.value().is_none() {
                done(Status::Fail, None);
                return Err(Stop::Abort("there are no resources for a type block".to_owned()));
            }
            self.start(Context::TypeValue(block, index));
            let Some(value) = found.value() else {
                if let Found::Missing(missing) = found {
                    count.unresolved.get_or_insert_with(|| missing.reason());
                }
                self.end(What::TypeValue(Status::Skip));
                continue;
            };
            count.selected += 1;
            if let Err((stop, message)) = self.type_value(block, index, &env.at(value), &mut count) {
                self.end(What::TypeValue(Status::Fail));
                done(Status::Fail, message);
                return Err(stop);
            }
        }
        let status = match count {
            TypeCount { failed: true, .. } => Status::Fail,
            TypeCount { passed: true, .. } => Status::Pass,
            _ => Status::Skip,
        };
        done(status, (status == Status::Skip).then(|| count.why_skipped(name, block.when.is_some())));
        Ok(status)
    }

    /// Guard 3.1 asks the condition of a type block once, of the document. The status is that of the block, if it is not entered.
    fn classic_when(
        &self,
        block: &'w TypeBlock,
        env: &Env<'_, 'w>,
        done: &impl Fn(Status, Option<String>),
    ) -> Result<Option<Status>, Stop> {
        let Some(when) = &block.when else { return Ok(None) };
        self.start(Context::TypeWhen(block, 0));
        let answer = self.conditions(when, &env.at_document());
        self.end(What::TypeWhen(*answer.as_ref().unwrap_or(&Status::Fail)));
        match answer {
            Ok(Status::Pass) => Ok(None),
            Ok(_) => {
                done(Status::Skip, None);
                Ok(Some(Status::Skip))
            }
            Err(stop) => {
                done(Status::Fail, None);
                Err(stop)
            }
        }
    }

    /// One resource; ends its step unless there is an error.
    fn type_value(
        &self,
        block: &'w TypeBlock,
        index: usize,
        env: &Env<'_, 'w>,
        count: &mut TypeCount,
    ) -> Result<(), (Stop, Option<String>)> {
        if let Some(when) = block.when.as_ref().filter(|_| self.file.edition == Edition::Guard32) {
            self.start(Context::TypeWhen(block, index));
            let answer = self.conditions(when, env);
            self.end(What::TypeWhen(*answer.as_ref().unwrap_or(&Status::Fail)));
            match answer {
                Ok(Status::Pass) => {}
                Ok(_) => {
                    count.exempted += 1;
                    self.end(What::TypeValue(Status::Skip));
                    return Ok(());
                }
                Err(Stop::Undecidable(_)) if env.role == Role::Assertion => {
                    count.failed = true;
                    self.end(What::TypeValue(Status::Fail));
                    return Ok(());
                }
                Err(stop @ Stop::Undecidable(_)) => return Err((stop, None)),
                Err(stop) => {
                    let message = format!("Error {stop} during type condition evaluation, bailing");
                    return Err((stop, Some(message)));
                }
            }
        }
        match self.body(&block.body, Level::Body, env) {
            Ok(status) => {
                count.passed |= status == Status::Pass;
                count.failed |= status == Status::Fail;
                self.end(What::TypeValue(status));
                Ok(())
            }
            Err(stop) => {
                let message = format!("Error {stop} during type block evaluation, bailing");
                Err((stop, Some(message)))
            }
        }
    }
}

/// What became of the resources of a type block.
#[derive(Default)]
struct TypeCount {
    selected: usize,
    exempted: usize,
    passed: bool,
    failed: bool,
    unresolved: Option<String>,
}

impl TypeCount {
    fn why_skipped(&self, name: &str, has_when: bool) -> String {
        if self.selected == 0 {
            return match &self.unresolved {
                Some(reason) => format!("no {name} could be selected from the input: {reason}"),
                None => format!(
                    "no {name} could be selected from the input, so the type block had nothing to check"
                ),
            };
        }
        if self.exempted == self.selected {
            return format!(
                "every {name} in the input was exempted by the type block's `when` condition, so none was checked"
            );
        }
        if has_when {
            return format!(
                "no {name} in the input was checked: every one was either exempted by the type block's `when` condition or \
                 had no clause that applied to it"
            );
        }
        format!("no {name} in the input was checked: no clause in the type block applied to any of them")
    }
}
