//! Functions of texts. Those that only put texts together keep holes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::document::Piece;

use super::super::eval::Evaluator;
use super::super::value::Content;
use super::super::value::Value;
use super::collections::index_of;

impl Evaluator<'_> {
    pub(super) fn text_function(&mut self, name: &str, values: &[Value]) -> Option<Value> {
        let tree = &self.assembly.tree;
        let known = |index: usize| values.get(index).and_then(|value| value.known(tree));
        match (name, values) {
            ("join", [separator, lists @ ..]) => self.join(separator, lists),
            ("format", [format, arguments @ ..]) => self.format(&format.known(tree)?, arguments),
            ("formatlist", [format, arguments @ ..]) => self.format_list(&format.known(tree)?, arguments),
            ("tostring", [value]) => Some(Content::Text(value.pieces(tree)?).into()),
            ("lower", [_]) => self.mapped(values, str::to_lowercase),
            ("upper", [_]) => self.mapped(values, str::to_uppercase),
            ("title", [_]) => Some(Value::text(&titled(&known(0)?))),
            ("trimspace", [_]) => Some(Value::text(known(0)?.trim())),
            ("chomp", [_]) => Some(Value::text(known(0)?.trim_end_matches(['\n', '\r']))),
            ("trimprefix", [..]) => {
                let (text, prefix) = (known(0)?, known(1)?);
                Some(Value::text(text.strip_prefix(&prefix).unwrap_or(&text)))
            }
            ("trimsuffix", [..]) => {
                let (text, suffix) = (known(0)?, known(1)?);
                Some(Value::text(text.strip_suffix(&suffix).unwrap_or(&text)))
            }
            ("trim", [..]) => {
                let (text, cut) = (known(0)?, known(1)?);
                Some(Value::text(text.trim_matches(|c: char| cut.contains(c))))
            }
            ("replace", [_, _, _]) => self.replace(values),
            ("split", [_, _]) => {
                let (separator, text) = (known(0)?, known(1)?);
                Some(Value::list(text.split(&separator).map(Value::text).collect()))
            }
            ("startswith", [..]) => Some(Content::Bool(known(0)?.starts_with(&known(1)?)).into()),
            ("endswith", [..]) => Some(Content::Bool(known(0)?.ends_with(&known(1)?)).into()),
            ("strcontains", [..]) => Some(Content::Bool(known(0)?.contains(&known(1)?)).into()),
            ("substr", [_, from, length]) => {
                let text = known(0)?;
                let from = index_of(from.as_number(tree)?)?;
                let length = length.as_number(tree)?;
                let all = text.chars().skip(from);
                let cut: String =
                    if length < 0.0 { all.collect() } else { all.take(index_of(length)?).collect() };
                Some(Value::text(&cut))
            }
            ("indent", [count, _]) => {
                let blanks = format!("\n{}", " ".repeat(index_of(count.as_number(tree)?)?.min(64)));
                let pieces = values.get(1)?.pieces(tree)?;
                Some(Content::Text(literals(pieces, |text| text.replace('\n', &blanks))).into())
            }
            ("base64encode", [_]) => Some(Value::text(&STANDARD.encode(known(0)?))),
            ("base64decode", [_]) => {
                Some(Value::text(&String::from_utf8(STANDARD.decode(known(0)?).ok()?).ok()?))
            }
            ("regex", [_, _]) => {
                let (pattern, text) = (known(0)?, known(1)?);
                let found = regex::Regex::new(&pattern).ok()?;
                let captures = found.captures(&text)?;
                if captures.len() == 1 {
                    return Some(Value::text(captures.get(0)?.as_str()));
                }
                let groups = captures.iter().skip(1);
                Some(Value::list(
                    groups.map(|group| Value::text(group.map_or("", |one| one.as_str()))).collect(),
                ))
            }
            ("basename", [_]) => {
                Some(Value::text(known(0)?.trim_end_matches('/').rsplit('/').next().unwrap_or("")))
            }
            ("dirname", [_]) => {
                Some(Value::text(known(0)?.rsplit_once('/').map_or(".", |(folder, _)| folder)))
            }
            _ => None,
        }
    }

    /// A change to letters, which holes can bear: their language is not about case.
    fn mapped(&self, values: &[Value], change: impl Fn(&str) -> String) -> Option<Value> {
        let text = values.first()?.known(&self.assembly.tree)?;
        Some(Value::text(&change(&text)))
    }

    fn join(&mut self, separator: &Value, lists: &[Value]) -> Option<Value> {
        let separator = separator.known(&self.assembly.tree)?;
        let mut out = Vec::new();
        let mut first = true;
        for list in lists {
            let Content::List(elements) = &list.content else { return None };
            for element in elements {
                if !std::mem::take(&mut first) {
                    out.push(Piece::Literal(separator.as_str().into()));
                }
                out.extend(element.pieces(&self.assembly.tree)?);
            }
        }
        Some(Content::Text(out).into())
    }

    /// Replaces in the known parts of a text; a pattern between slashes is a regular expression and needs all of it.
    fn replace(&self, values: &[Value]) -> Option<Value> {
        let tree = &self.assembly.tree;
        let [text, from, to] = values else { return None };
        let (from, to) = (from.known(tree)?, to.known(tree)?);
        if from.len() > 1 && from.starts_with('/') && from.ends_with('/') {
            let pattern = regex::Regex::new(from.get(1..from.len() - 1)?).ok()?;
            return Some(Value::text(&pattern.replace_all(&text.known(tree)?, to.as_str())));
        }
        let pieces = text.pieces(tree)?;
        Some(Content::Text(literals(pieces, |text| text.replace(&from, &to))).into())
    }

    fn format_list(&mut self, format: &str, arguments: &[Value]) -> Option<Value> {
        let count = arguments.iter().filter_map(|value| match &value.content {
            Content::List(list) => Some(list.len()),
            _ => None,
        });
        let count = count.max()?;
        let mut out = Vec::with_capacity(count);
        for index in 0..count {
            let row: Option<Vec<Value>> = arguments
                .iter()
                .map(|value| match &value.content {
                    Content::List(list) => list.get(index).cloned(),
                    _ => Some(value.clone()),
                })
                .collect();
            out.push(self.format(format, &row?)?);
        }
        Some(Value::list(out))
    }

    /// `%s`, `%d`, `%v`, `%q` and `%%`; widths of numbers. Other verbs are not evaluated.
    fn format(&mut self, format: &str, arguments: &[Value]) -> Option<Value> {
        let mut out: Vec<Piece> = Vec::new();
        let mut next = arguments.iter();
        let mut rest = format;
        while let Some((before, verb)) = rest.split_once('%') {
            out.push(Piece::Literal(before.into()));
            let end = verb.find(|c: char| c.is_ascii_alphabetic() || c == '%')?;
            let (flags, kind) = (verb.get(..end)?, verb.get(end..=end)?);
            rest = verb.get(end + 1..)?;
            match (flags, kind) {
                ("", "%") => out.push(Piece::Literal("%".into())),
                ("", "s" | "v" | "d") => out.extend(next.next()?.pieces(&self.assembly.tree)?),
                ("", "q") => {
                    let text = next.next()?.known(&self.assembly.tree)?;
                    out.push(Piece::Literal(serde_json::Value::from(text).to_string().into()));
                }
                (flags, "d") => {
                    let number = next.next()?.as_number(&self.assembly.tree)?;
                    let width: usize = flags.trim_start_matches('0').parse().ok().filter(|w| *w < 64)?;
                    let text = if flags.starts_with('0') {
                        format!("{number:0width$}")
                    } else {
                        format!("{number:width$}")
                    };
                    out.push(Piece::Literal(text.into()));
                }
                _ => return None,
            }
        }
        out.push(Piece::Literal(rest.into()));
        Some(Content::Text(out).into())
    }
}

fn literals(pieces: Vec<Piece>, change: impl Fn(&str) -> String) -> Vec<Piece> {
    pieces
        .into_iter()
        .map(|piece| match piece {
            Piece::Literal(text) => Piece::Literal(change(&text).into()),
            hole @ Piece::Hole(_) => hole,
        })
        .collect()
}

fn titled(text: &str) -> String {
    let mut start = true;
    text.chars()
        .map(|c| {
            let made = if start { c.to_ascii_uppercase() } else { c };
            start = !c.is_alphanumeric();
            made
        })
        .collect()
}
