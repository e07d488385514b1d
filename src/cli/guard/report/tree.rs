//! What happened as a tree of lines.

use std::io::{self, Write};

use crate::cli::guard::trace::Event;

/// Writes a step and those in it.
pub(in crate::cli::guard) fn write(out: &mut dyn Write, event: &Event<'_>) -> io::Result<()> {
    branch(out, event, &mut String::new(), true)
}

fn branch(out: &mut dyn Write, event: &Event<'_>, indent: &mut String, last: bool) -> io::Result<()> {
    writeln!(out, "{indent}{}{event}", if last { "`- " } else { "|- " })?;
    let before = indent.len();
    indent.push_str(if last { "   " } else { "|  " });
    for (index, inner) in event.inner.iter().enumerate() {
        branch(out, inner, indent, index + 1 == event.inner.len())?;
    }
    indent.truncate(before);
    Ok(())
}
