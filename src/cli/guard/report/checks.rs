//! The checks of one resource, nested as the rules nest them, with the lines of the file that they are about.

use std::io::{self, Write};

use crate::cli::guard::trace::{Check, Context, Found, Missing, Operator, Pathed};
use crate::cli::guard::value::{Only, Val};
use crate::rules::ast::Op;

use super::failures::{Failure, Messages, absent, clause};
use super::paint::Paint;
use super::source_lines::SourceLines;

/// Lines after the first that are shown.
const AFTER: usize = 5;

/// Writes checks.
pub(super) struct Printer<'p> {
    pub(super) paint: Paint,
    /// The text to show lines of; plans are not shown.
    pub(super) code: Option<&'p SourceLines<'p>>,
    /// The positions of what a group of failures shows for the resource.
    pub(super) shown: &'p dyn Fn(&Failure<'_, '_>) -> Vec<usize>,
}

/// The width of `PropertyPath` with blanks.
const WIDTH: usize = 16;

impl Printer<'_> {
    pub(super) fn write(
        &self,
        out: &mut dyn Write,
        failure: &Failure<'_, '_>,
        indent: &str,
    ) -> io::Result<()> {
        let deeper = format!("{indent}  ");
        match failure {
            Failure::Rule { name, custom, checks } => {
                writeln!(out, "{indent}Rule = {} {{", self.paint.rule(name))?;
                messages(out, &deeper, custom.unwrap_or(""), "", 0)?;
                writeln!(out, "{deeper}ALL {{")?;
                self.inner(out, failure, checks, &format!("{deeper}  "))?;
                writeln!(out, "{deeper}}}\n{indent}}}")
            }
            Failure::Any(checks) => {
                writeln!(out, "{indent}ANY {{")?;
                self.inner(out, failure, checks, &deeper)?;
                writeln!(out, "{indent}}}")
            }
            Failure::Block { .. } => Ok(()),
            Failure::Absent { context, missing } => self.block(out, context, missing, indent),
            Failure::Clause { context, check } => self.check(out, context, check, indent),
        }
    }

    fn inner(
        &self,
        out: &mut dyn Write,
        group: &Failure<'_, '_>,
        checks: &[Failure<'_, '_>],
        indent: &str,
    ) -> io::Result<()> {
        for check in (self.shown)(group).into_iter().filter_map(|position| checks.get(position)) {
            self.write(out, check, indent)?;
        }
        Ok(())
    }

    fn block(
        &self,
        out: &mut dyn Write,
        context: &Context<'_>,
        missing: &Missing<'_>,
        indent: &str,
    ) -> io::Result<()> {
        let deepest = format!("{indent}    ");
        writeln!(out, "{indent}Check = {context} {{\n{indent}  RequiredPropertyError {{")?;
        let path = missing.at.path();
        let width = if path.is_empty() { 11 } else { 19 };
        if !path.is_empty() {
            writeln!(out, "{deepest}{:<width$}= {path}", "PropertyPath")?;
            writeln!(out, "{deepest}{:<width$}= {}", "MissingProperty", missing.remaining())?;
        }
        let Messages { custom, error, .. } = absent(missing);
        messages(out, &deepest, &custom.unwrap_or_default(), &error.unwrap_or_default(), width)?;
        self.lines(out, missing.at, &deepest)?;
        writeln!(out, "\n{indent}  }}\n{indent}}}")
    }

    fn check(
        &self,
        out: &mut dyn Write,
        context: &Context<'_>,
        check: &Check<'_>,
        indent: &str,
    ) -> io::Result<()> {
        let Messages { custom, error, .. } = clause(context, check);
        let (custom, error) = (custom.unwrap_or_default(), error.unwrap_or_default());
        let deepest = format!("{indent}    ");
        match check {
            Check::Unary { from: Found::Missing(missing), .. }
            | Check::Binary { from: Found::Missing(missing), .. }
            | Check::Binary { to: Some(Found::Missing(missing)), .. } => {
                return self.retrieval(out, context, missing, &custom, indent);
            }
            Check::Unary { .. } | Check::Binary { .. } | Check::In { .. } => {}
            _ => return Ok(()),
        }
        writeln!(out, "{indent}Check = {context} {{\n{indent}  ComparisonError {{")?;
        messages(out, &deepest, &custom, &error, WIDTH)?;
        match check {
            Check::Unary { op, from, .. } => {
                self.unary(out, *op, from.place(), &deepest)?;
                writeln!(out)?;
            }
            Check::Binary { op, from, to, .. } => {
                let to = to.as_ref().map_or(from.place(), Found::place);
                self.pair(out, *op, (from.place(), to), &deepest)?;
                writeln!(out)?;
            }
            Check::In { op, from, to, .. } => {
                let to = to.iter().filter(|one| matches!(one, Found::Value(_))).map(Found::place).collect();
                // The peer closes the bracket first here.
                writeln!(out, "{indent}  }}")?;
                self.within(out, *op, from.place(), to, &deepest)?;
                return writeln!(out, "\n{indent}}}");
            }
            _ => {}
        }
        writeln!(out, "{indent}  }}\n{indent}}}")
    }

    fn retrieval(
        &self,
        out: &mut dyn Write,
        context: &Context<'_>,
        missing: &Missing<'_>,
        custom: &str,
        indent: &str,
    ) -> io::Result<()> {
        let (deeper, deepest) = (format!("{indent}  "), format!("{indent}    "));
        writeln!(out, "{indent}Check = {context} {{")?;
        messages(out, &deeper, custom, "", 0)?;
        writeln!(out, "{deeper}RequiredPropertyError {{")?;
        writeln!(out, "{deepest}PropertyPath = {}", Pathed(missing.at))?;
        writeln!(out, "{deepest}MissingProperty = {}", missing.remaining())?;
        writeln!(out, "{deepest}Reason = {}", missing.reason())?;
        self.lines(out, missing.at, &deepest)?;
        writeln!(out, "{deeper}}}\n{indent}}}")
    }

    /// The path as the report shows it: of a plan, the attribute's.
    fn path(&self, value: Val<'_>) -> String {
        if self.code.is_some() {
            return Pathed(value).to_string();
        }
        let path = value.path();
        let attribute = path.split_once("change/after/").map(|(_, attribute)| attribute.to_owned());
        attribute.unwrap_or(path).replace('/', ".")
    }

    fn unary(&self, out: &mut dyn Write, op: Operator, value: Val<'_>, indent: &str) -> io::Result<()> {
        let path = if self.code.is_some() {
            self.path(value)
        } else {
            // The peer looks for a misspelt word.
            let path = value.path();
            path.find("changes/after/").and_then(|at| path.get(at..)).unwrap_or("").replace('/', ".")
        };
        writeln!(out, "{indent}{:<WIDTH$}= {path}", "PropertyPath")?;
        writeln!(out, "{indent}{:<WIDTH$}= {}", "Operator", words(op))?;
        self.lines(out, value, indent)
    }

    fn pair(
        &self,
        out: &mut dyn Write,
        op: Operator,
        (from, to): (Val<'_>, Val<'_>),
        indent: &str,
    ) -> io::Result<()> {
        let of_plan = self.code.is_none() && !from.path().starts_with("/resource_changes");
        let path = self.path(if of_plan { to } else { from });
        writeln!(out, "{indent}{:<WIDTH$}= {path}", "PropertyPath")?;
        writeln!(out, "{indent}{:<WIDTH$}= {}", "Operator", words(op))?;
        writeln!(out, "{indent}{:<WIDTH$}= {}", "Value", Only(from))?;
        writeln!(out, "{indent}{:<WIDTH$}= {}", "ComparedWith", Only(to))?;
        self.lines(out, from, indent)
    }

    fn within(
        &self,
        out: &mut dyn Write,
        op: Operator,
        from: Val<'_>,
        to: Vec<Val<'_>>,
        indent: &str,
    ) -> io::Result<()> {
        let total = to.len();
        let some: Vec<Only<'_>> = to.into_iter().take(5).map(Only).collect();
        writeln!(out, "{indent}{:<WIDTH$}= {}", "PropertyPath", self.path(from))?;
        writeln!(out, "{indent}{:<WIDTH$}= {}", "Operator", words(op))?;
        if total > some.len() {
            writeln!(out, "{indent}{:<WIDTH$}= {total}", "Total")?;
        }
        writeln!(out, "{indent}{:<WIDTH$}= {}", "Value", Only(from))?;
        writeln!(out, "{indent}{:<WIDTH$}= {some:?}", "ComparedWith")?;
        self.lines(out, from, indent)
    }

    /// The lines around a value.
    fn lines(&self, out: &mut dyn Write, value: Val<'_>, indent: &str) -> io::Result<()> {
        let Some(code) = self.code else { return Ok(()) };
        writeln!(out, "{indent}Code:")?;
        let first = value.position().line.saturating_sub(2).max(1);
        for (index, line) in code.from(first - 1, AFTER + 1) {
            let number = index + 1;
            writeln!(out, "{indent}  {}", self.paint.code(&format!("{number:>5}.{line}")))?;
        }
        Ok(())
    }
}

/// Messages, one line each.
fn messages(out: &mut dyn Write, indent: &str, custom: &str, error: &str, width: usize) -> io::Result<()> {
    let separator = if custom.contains(';') { ';' } else { '\n' };
    let parts: Vec<&str> = custom.split(separator).map(str::trim).filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [] => {}
        [one] => writeln!(out, "{indent}{:<width$} = {one}", "Message")?,
        several => {
            writeln!(out, "{indent}{:<width$} {{", "Message")?;
            for part in several {
                writeln!(out, "{indent}  {part}")?;
            }
            writeln!(out, "{indent}}}")?;
        }
    }
    if !error.is_empty() {
        writeln!(out, "{indent}{:<width$} = {error}", "Error")?;
    }
    Ok(())
}

/// The peer's words for an operator here, misspelled as there.
fn words((op, negated): Operator) -> &'static str {
    let (plain, negative) = match op {
        Op::Exists => ("EXISTS", "NOT EXISTS"),
        Op::Empty => ("EMPTY", "NOT EMPTY"),
        Op::IsList => ("IS LIST", "NOT LIST"),
        Op::IsStruct => ("IS STRUCT", "NOT STRUCT"),
        Op::IsString => ("IS STRING", "NOT STRING"),
        Op::IsFloat => ("IS FLOAT", "NOT FLOAT"),
        Op::IsNull => ("IS NULL", "NOT NULL"),
        Op::IsBool => ("IS BOOl", "NOT BOOL"),
        Op::IsInt => ("IS INT", "NOT INT"),
        Op::Eq => ("EQUAL", "NOT EQUAL"),
        Op::Le => ("LESS THAN EQUAL", "NOT LESS THAN EQUAL"),
        Op::Lt => ("LESS THAN", "NOT LESS THAN"),
        Op::Ge => ("GREATER THAN EQUAL", "NOT GREATER THAN EQUAL"),
        Op::Gt => ("GREATER THAN", "NOT GREATER THAN"),
        Op::In => ("IN", "NOT IN"),
    };
    if negated { negative } else { plain }
}
