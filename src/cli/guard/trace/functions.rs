//! Functions over all results of their arguments.

use std::borrow::Cow;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::cli::guard::value::{Arena, Base, Kind, Val};
use crate::rules::ast::Function;
use crate::rules::functions::{self, Argument, Failure, FunctionName};
use crate::rules::limits;
use crate::rules::literal::Literal;

use super::found::{Found, Pathed};
use super::scope::Env;
use super::{Stop, Teller};

fn argument(value: Val<'_>) -> Argument<'_> {
    match value.kind() {
        Kind::String(text) => Argument::String(text),
        Kind::Int(value) => Argument::Int(*value),
        Kind::Float(value) => Argument::Float(*value),
        Kind::Bool(value) => Argument::Bool(*value),
        Kind::Char(value) => Argument::Char(*value),
        _ => Argument::Other,
    }
}

fn undecidable(message: impl Into<String>) -> Stop {
    Stop::Undecidable(message.into())
}

fn call_error(message: &str) -> Stop {
    Stop::Abort(format!("Parser Error when parsing `{message}`"))
}

impl<'w> Teller<'w> {
    /// The results of a function.
    pub(super) fn function(&self, function: &'w Function, env: &Env<'_, 'w>) -> Result<Vec<Found<'w>>, Stop> {
        let name = &*function.name.text;
        let Some(which) = FunctionName::from_name(name) else {
            return Err(call_error(&format!("no function with name `{name}` exists")));
        };
        let mut arguments = Vec::with_capacity(function.arguments.len());
        for one in &function.arguments {
            arguments.push(self.right(Some(one), env)?);
        }
        let first = arguments.first().map_or(&[][..], Vec::as_slice);
        let later = |position: usize, word: &str| {
            let found = arguments.get(position).and_then(|found| found.first());
            found.and_then(Found::value).ok_or_else(|| {
                call_error(&format!("{name} function requires the {word} argument to have a value"))
            })
        };
        match which {
            FunctionName::Now => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
                let now = i64::try_from(now).unwrap_or(i64::MAX);
                Ok(vec![self.made(Kind::Int(now), Base::default())])
            }
            FunctionName::Count => {
                let count = first.iter().filter(|found| found.value().is_some()).count();
                let base = first.first().map(|found| base(found.place())).unwrap_or_default();
                Ok(vec![self.made(Kind::Int(i64::try_from(count).unwrap_or(i64::MAX)), base)])
            }
            FunctionName::Join => {
                let separator = match later(1, "second")?.kind() {
                    Kind::String(text) => text.to_string(),
                    Kind::Char(value) => value.to_string(),
                    _ => {
                        return Err(call_error(
                            "join function requires the second argument to be either a char or string",
                        ));
                    }
                };
                Ok(vec![self.joined(first, &separator)?])
            }
            FunctionName::Substring => {
                let from = offset(later(1, "second")?, "second")?;
                let to = offset(later(2, "third")?, "third")?;
                self.each(first, |value| {
                    Ok(value.string().and_then(|text| functions::substring(text, from, to)))
                })
            }
            FunctionName::RegexReplace => {
                let text = |value: Val<'w>, word: &str| {
                    value.string().ok_or_else(|| {
                        call_error(&format!(
                            "regex_replace function requires the {word} argument to be a string"
                        ))
                    })
                };
                let (pattern, with) =
                    (text(later(1, "second")?, "second")?, text(later(2, "third")?, "third")?);
                self.each(first, |value| match value.string() {
                    Some(text) => functions::regex_replace(text, pattern, with)
                        .map_err(|failure| failed(which, value, failure)),
                    None => Ok(None),
                })
            }
            _ => self.each(first, |value| {
                functions::convert(which, argument(value)).map_err(|failure| failed(which, value, failure))
            }),
        }
    }

    fn each(
        &self,
        found: &[Found<'w>],
        function: impl Fn(Val<'w>) -> Result<Option<Literal>, Stop>,
    ) -> Result<Vec<Found<'w>>, Stop> {
        let mut out = Vec::with_capacity(found.len());
        for value in found.iter().filter_map(Found::value) {
            if let Some(literal) = function(value)? {
                let made = Arena::of_literal(&literal).based(base(value));
                out.push(Found::Value(self.pool.keep(made)));
            }
        }
        Ok(out)
    }

    fn made(&self, kind: Kind<'static>, base: Base) -> Found<'w> {
        Found::Value(self.pool.keep(Arena::made(kind, base)))
    }

    fn joined(&self, found: &[Found<'w>], separator: &str) -> Result<Found<'w>, Stop> {
        let mut texts = Vec::with_capacity(found.len());
        for one in found {
            match one {
                Found::Missing(missing) => {
                    return Err(undecidable(format!(
                        "Joining unresolved values is not allowed {}, unsatisfied part {}",
                        crate::cli::guard::value::Full(missing.at),
                        missing.remaining()
                    )));
                }
                Found::Value(value) | Found::Literal(value) => match value.string() {
                    Some(text) => texts.push(text),
                    None => {
                        return Err(undecidable(format!(
                            "Joining non string values {}",
                            crate::cli::guard::value::Full(*value)
                        )));
                    }
                },
            }
        }
        let base = found.first().map(|found| base(found.place())).unwrap_or_default();
        let length: usize = texts.iter().map(|text| text.len() + separator.len()).sum();
        limits::text(length).map_err(Stop::Abort)?;
        Ok(self.made(Kind::String(Cow::Owned(texts.join(separator))), base))
    }
}

fn base(value: Val<'_>) -> Base {
    Base { path: value.path(), position: value.position() }
}

fn offset(value: Val<'_>, word: &str) -> Result<usize, Stop> {
    functions::offset(argument(value), word).map_err(|failure| match failure {
        Failure::Value(message) | Failure::Call(message) => call_error(&message),
    })
}

/// Why a function has no result, in the peer's words where it has any.
fn failed(function: FunctionName, value: Val<'_>, failure: Failure) -> Stop {
    let message = match failure {
        Failure::Call(message) => return call_error(&message),
        Failure::Value(message) => message,
    };
    let (kind, text) = match value.kind() {
        Kind::Int(value) => ("an int", value.to_string()),
        Kind::Char(value) => ("a character", value.to_string()),
        Kind::String(text) if function == FunctionName::ParseChar => ("an string", text.to_string()),
        Kind::String(text) => ("a string", text.to_string()),
        _ => return undecidable(message),
    };
    let into = match function {
        FunctionName::ParseInt => "an integer",
        FunctionName::ParseFloat => "a float",
        FunctionName::ParseBoolean => "a boolean",
        FunctionName::ParseChar => "a char",
        FunctionName::ParseEpoch => {
            return undecidable(format!("Failed to parse datetime: {text} at {}: {message}", Pathed(value)));
        }
        _ => return undecidable(message),
    };
    undecidable(format!("failed to convert {kind}: {text} into {into} at {}", Pathed(value)))
}
