//! Templates: texts with expressions in them.

use hcl_edit::expr::Expression;
use hcl_edit::template::Directive;
use hcl_edit::template::Element;
use hcl_edit::template::HeredocTemplate;
use hcl_edit::template::Strip;

use crate::document::Piece;

use super::eval::Evaluator;
use super::eval::Scope;
use super::value::Content;
use super::value::Value;

/// A text in the making.
#[derive(Default)]
struct Text {
    pieces: Vec<Piece>,
    sensitive: bool,
    /// The next literal loses its leading blanks: a `~}` stands before it.
    strip: bool,
}

impl Text {
    fn literal(&mut self, text: &str) {
        let text = if std::mem::take(&mut self.strip) { text.trim_start() } else { text };
        self.pieces.push(Piece::Literal(text.into()));
    }

    /// What a marker with `~` takes away before it, and will take away behind it.
    fn marker(&mut self, strip: Strip) {
        if matches!(strip, Strip::Start | Strip::Both)
            && let Some(Piece::Literal(before)) = self.pieces.last_mut()
        {
            *before = before.trim_end().into();
        }
        self.strip = matches!(strip, Strip::End | Strip::Both);
    }
}

impl Evaluator<'_> {
    /// A template; one that is nothing but an expression is that expression's value.
    pub(super) fn template<'t>(
        &mut self,
        elements: impl Iterator<Item = &'t Element>,
        scope: &Scope<'_>,
    ) -> Value {
        let elements: Vec<&Element> = elements.collect();
        if let [Element::Interpolation(only)] = elements.as_slice() {
            return self.eval(&only.expr, scope);
        }
        let mut text = Text::default();
        match self.elements(&elements, scope, &mut text) {
            Ok(()) => Value { content: Content::Text(text.pieces), at: None, sensitive: text.sensitive },
            Err(blocker) => Value::unknown(&blocker),
        }
    }

    pub(super) fn heredoc(&mut self, heredoc: &HeredocTemplate, scope: &Scope<'_>) -> Value {
        let mut text = Text::default();
        let elements: Vec<&Element> = heredoc.template.iter().collect();
        match self.elements(&elements, scope, &mut text) {
            Ok(()) => Value { content: Content::Text(text.pieces), at: None, sensitive: text.sensitive },
            Err(blocker) => Value::unknown(&blocker),
        }
    }

    fn elements(&mut self, elements: &[&Element], scope: &Scope<'_>, out: &mut Text) -> Result<(), Box<str>> {
        for element in elements {
            match element {
                Element::Literal(literal) => out.literal(literal.value()),
                Element::Interpolation(inner) => {
                    out.marker(inner.strip);
                    self.interpolation(&inner.expr, scope, out)?;
                }
                Element::Directive(directive) => self.directive(directive, scope, out)?,
            }
        }
        Ok(())
    }

    fn interpolation(
        &mut self,
        expression: &Expression,
        scope: &Scope<'_>,
        out: &mut Text,
    ) -> Result<(), Box<str>> {
        let value = self.eval(expression, scope);
        let value = match value.content {
            Content::Instance(_) | Content::Module(_) => return Err("a resource in a text".into()),
            _ => value,
        };
        out.sensitive |= value.sensitive;
        out.pieces.extend(value.pieces(&self.assembly.tree).ok_or("a value that is no text")?);
        Ok(())
    }

    fn directive(
        &mut self,
        directive: &Directive,
        scope: &Scope<'_>,
        out: &mut Text,
    ) -> Result<(), Box<str>> {
        match directive {
            Directive::If(choice) => {
                let condition = self.eval(&choice.if_expr.cond_expr, scope);
                let holds = condition.as_bool(&self.assembly.tree);
                let holds = holds.ok_or_else(|| Box::from(condition.blocker().unwrap_or("a condition")))?;
                out.marker(choice.if_expr.strip);
                if holds {
                    let inner: Vec<&Element> = choice.if_expr.template.iter().collect();
                    self.elements(&inner, scope, out)?;
                }
                if let Some(otherwise) = &choice.else_expr {
                    out.marker(otherwise.strip);
                    if !holds {
                        let inner: Vec<&Element> = otherwise.template.iter().collect();
                        self.elements(&inner, scope, out)?;
                    }
                }
                out.marker(choice.endif_expr.strip);
            }
            Directive::For(each) => {
                let collection = self.eval(&each.for_expr.collection_expr, scope);
                let pairs = self.pairs(collection)?;
                let inner: Vec<&Element> = each.for_expr.template.iter().collect();
                for (key, value) in pairs {
                    let mut bound = scope.bind(each.for_expr.value_var.as_str(), value);
                    if let Some(name) = &each.for_expr.key_var {
                        bound = bound.bind(name.as_str(), key);
                    }
                    out.marker(each.for_expr.strip);
                    self.elements(&inner, &bound, out)?;
                    out.marker(each.endfor_expr.strip);
                }
            }
        }
        Ok(())
    }
}
