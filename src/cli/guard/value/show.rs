//! How the peer prints values: alone, with their path and place, for its debugging messages, and as JSON.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};

use crate::rules::literal::Bounds;

use super::{Kind, Position, Val};

/// The value alone.
pub(in crate::cli::guard) struct Only<'w>(pub(in crate::cli::guard) Val<'w>);
/// `Path=/a/b[L:1,C:2] Value=…`.
pub(in crate::cli::guard) struct Full<'w>(pub(in crate::cli::guard) Val<'w>);
/// As the peer's debugging messages write it.
pub(in crate::cli::guard) struct Debug<'w>(pub(in crate::cli::guard) Val<'w>);
/// As JSON.
pub(in crate::cli::guard) struct Json<'w>(pub(in crate::cli::guard) Val<'w>);

impl Display for Position {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "L:{},C:{}", self.line, self.column)
    }
}

/// A range without the `r` that rule files put before it.
struct Range<'b, T>(&'b Bounds<T>);

impl<T: Display> Display for Range<'_, T> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let open = if self.0.low_inside { '[' } else { '(' };
        let close = if self.0.high_inside { ']' } else { ')' };
        write!(out, "{open}{},{}{close}", self.0.low, self.0.high)
    }
}

impl Display for Only<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self.0.kind() {
            Kind::Null => out.write_str("\"NULL\""),
            Kind::Bool(value) => value.fmt(out),
            Kind::Int(value) => value.fmt(out),
            Kind::Float(value) => value.fmt(out),
            Kind::String(text) => quoted(out, text),
            Kind::Char(value) => write!(out, "'{value}'"),
            Kind::Regex(pattern) => write!(out, "\"/{}/\"", pattern.text()),
            Kind::IntRange(bounds) => Range(bounds).fmt(out),
            Kind::FloatRange(bounds) => Range(bounds).fmt(out),
            Kind::CharRange(bounds) => Range(bounds).fmt(out),
            Kind::List(_) => {
                out.write_str("[")?;
                for (index, element) in self.0.list().into_iter().flatten().enumerate() {
                    if index > 0 {
                        out.write_str(",")?;
                    }
                    Display::fmt(&Self(element), out)?;
                }
                out.write_str("]")
            }
            Kind::Map(_) => {
                out.write_str("{")?;
                for (index, (key, value)) in self.0.map().into_iter().flatten().enumerate() {
                    if index > 0 {
                        out.write_str(",")?;
                    }
                    quoted(out, key.string().unwrap_or(""))?;
                    out.write_str(":")?;
                    Display::fmt(&Self(value), out)?;
                }
                out.write_str("}")
            }
        }
    }
}

fn quoted(out: &mut Formatter<'_>, text: &str) -> fmt::Result {
    out.write_str("\"")?;
    out.write_str(text)?;
    out.write_str("\"")
}

impl fmt::Debug for Only<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, out)
    }
}

impl Display for Full<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_str("Path=")?;
        self.0.write_path(out)?;
        write!(out, "[{}] Value=", self.0.position())?;
        Display::fmt(&Only(self.0), out)
    }
}

impl Display for Debug<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let value = self.0;
        let Position { line, column } = value.position();
        let path = format!("Path({:?}, Location {{ line: {line}, col: {column} }})", value.path());
        match value.kind() {
            Kind::Null => write!(out, "Null({path})"),
            Kind::Bool(inner) => write!(out, "Bool(({path}, {inner:?}))"),
            Kind::Int(inner) => write!(out, "Int(({path}, {inner:?}))"),
            Kind::Float(inner) => write!(out, "Float(({path}, {inner:?}))"),
            Kind::String(inner) => write!(out, "String(({path}, {inner:?}))"),
            Kind::Char(inner) => write!(out, "Char(({path}, {inner:?}))"),
            Kind::Regex(pattern) => write!(out, "Regex(({path}, {:?}))", pattern.text()),
            Kind::IntRange(bounds) => debug_range(out, "RangeInt", &path, bounds),
            Kind::FloatRange(bounds) => debug_range(out, "RangeFloat", &path, bounds),
            Kind::CharRange(bounds) => debug_range(out, "RangeChar", &path, bounds),
            Kind::List(_) => {
                write!(out, "List(({path}, [")?;
                debug_all(out, value.list().into_iter().flatten())?;
                out.write_str("]))")
            }
            Kind::Map(_) => {
                write!(out, "Map(({path}, MapValue {{ keys: [")?;
                debug_all(out, value.map().into_iter().flatten().map(|(key, _)| key))?;
                out.write_str("], values: {")?;
                for (index, (key, value)) in value.map().into_iter().flatten().enumerate() {
                    let comma = if index > 0 { ", " } else { "" };
                    write!(out, "{comma}{:?}: {}", key.string().unwrap_or(""), Self(value))?;
                }
                out.write_str("} }))")
            }
        }
    }
}

/// Values behind one another, as the peer's debugging messages write them.
pub(in crate::cli::guard) fn debug_all<'w>(
    out: &mut Formatter<'_>,
    values: impl Iterator<Item = Val<'w>>,
) -> fmt::Result {
    for (index, value) in values.enumerate() {
        write!(out, "{}{}", if index > 0 { ", " } else { "" }, Debug(value))?;
    }
    Ok(())
}

fn debug_range<T: fmt::Debug>(
    out: &mut Formatter<'_>,
    name: &str,
    path: &str,
    bounds: &Bounds<T>,
) -> fmt::Result {
    let inside = u8::from(bounds.low_inside) | u8::from(bounds.high_inside) << 1;
    write!(
        out,
        "{name}(({path}, RangeType {{ upper: {:?}, lower: {:?}, inclusive: {inside} }}))",
        bounds.high, bounds.low
    )
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0.kind() {
            Kind::Null => to.serialize_unit(),
            Kind::Bool(value) => to.serialize_bool(*value),
            Kind::Int(value) => to.serialize_i64(*value),
            // What JSON has no number for is written as text.
            Kind::Float(value) if !value.is_finite() => to.collect_str(value),
            Kind::Float(value) => to.serialize_f64(*value),
            Kind::String(text) => to.serialize_str(text),
            Kind::Char(value) => to.collect_str(value),
            Kind::Regex(pattern) => to.collect_str(&format_args!("/{}/", pattern.text())),
            Kind::IntRange(bounds) => to.collect_str(&Range(bounds)),
            Kind::FloatRange(bounds) => to.collect_str(&Range(bounds)),
            Kind::CharRange(bounds) => to.collect_str(&Range(bounds)),
            Kind::List(ids) => {
                let mut list = to.serialize_seq(Some(ids.len()))?;
                for element in self.0.list().into_iter().flatten() {
                    list.serialize_element(&Self(element))?;
                }
                list.end()
            }
            Kind::Map(_) => {
                let entries = self.0.map().into_iter().flatten();
                let mut map = to.serialize_map(None)?;
                for (key, value) in entries {
                    map.serialize_entry(key.string().unwrap_or(""), &Self(value))?;
                }
                map.end()
            }
        }
    }
}
