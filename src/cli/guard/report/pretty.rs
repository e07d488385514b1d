//! JSON over several lines, as `serde_json` writes it, from any depth.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;

const BLANKS: &[u8] = &[b' '; 128];

/// Where the writer is.
struct Pretty {
    depth: usize,
    /// Whether the list or map has something in it.
    full: bool,
}

/// Writes data as what stands so deep in a document.
pub(super) fn write<W: Write + ?Sized>(out: &mut W, depth: usize, data: &impl Serialize) -> io::Result<()> {
    let mut to = serde_json::Serializer::with_formatter(out, Pretty { depth, full: false });
    data.serialize(&mut to).map_err(io::Error::from)
}

impl Pretty {
    fn open<W: Write + ?Sized>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.full = false;
        out.write_all(bracket)
    }

    fn close<W: Write + ?Sized>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth = self.depth.saturating_sub(1);
        if self.full {
            self.line(out, true)?;
        }
        out.write_all(bracket)
    }

    fn line<W: Write + ?Sized>(&self, out: &mut W, first: bool) -> io::Result<()> {
        out.write_all(if first { b"\n" } else { b",\n" })?;
        let mut rest = 2 * self.depth;
        while rest > 0 {
            let some = rest.min(BLANKS.len());
            out.write_all(BLANKS.get(..some).unwrap_or(BLANKS))?;
            rest -= some;
        }
        Ok(())
    }
}

impl Formatter for Pretty {
    fn begin_array<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"[")
    }

    fn end_array<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"]")
    }

    fn begin_array_value<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.line(out, first)
    }

    fn end_array_value<W: Write + ?Sized>(&mut self, _out: &mut W) -> io::Result<()> {
        self.full = true;
        Ok(())
    }

    fn begin_object<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"{")
    }

    fn end_object<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"}")
    }

    fn begin_object_key<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.line(out, first)
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn end_object_value<W: Write + ?Sized>(&mut self, _out: &mut W) -> io::Result<()> {
        self.full = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_look_as_serde_json_writes_them() {
        let data = serde_json::json!({"a": [], "b": {}, "c": [1, [2, {"d": "x\n"}], []], "e": {"f": null}});
        let (mut ours, mut within) = (Vec::new(), Vec::new());
        write(&mut ours, 0, &data).unwrap();
        assert_eq!(String::from_utf8(ours).unwrap(), serde_json::to_string_pretty(&data).unwrap());
        write(&mut within, 1, &data).unwrap();
        let whole = serde_json::to_string_pretty(&serde_json::json!([data])).unwrap();
        assert_eq!(format!("[\n  {}\n]", String::from_utf8(within).unwrap()), whole);
    }
}
