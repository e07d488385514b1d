//! Positions counted in characters to positions counted in bytes.
//!
//! The parser counts characters. Its positions grow, with short steps back, so a cursor that walks between them makes
//! the conversion linear in the length of the text, and free where the text is ASCII. Lines that were shown to the parser
//! with more indentation than they have are accounted for.

use std::borrow::Cow;

/// The indentation that [`indent`] adds; more than any line of a real document has.
const ADDED: &str = "                                                                                                                                ";

pub(super) struct Offsets<'t> {
    text: &'t str,
    /// Starts of the lines that were indented, in the text as it was.
    indented: &'t [usize],
    ascii: bool,
    chars: usize,
    byte: usize,
}

/// The text with the lines that start at these offsets (in order) indented.
pub(super) fn indent(text: &str, lines: &[usize]) -> String {
    let mut out = String::with_capacity(text.len() + lines.len() * ADDED.len());
    let mut from = 0;
    for &line in lines {
        out.push_str(text.get(from..line).unwrap_or(""));
        out.push_str(ADDED);
        from = line;
    }
    out.push_str(text.get(from..).unwrap_or(""));
    out
}

/// Puts spaces for the tabs that end at `at`; false if there are none.
pub(super) fn space_out(text: &mut Cow<'_, str>, at: usize) -> bool {
    let before = text.get(..at).unwrap_or("");
    let from = before.trim_end_matches([' ', '\t']).len();
    if !before.get(from..).is_some_and(|blanks| blanks.contains('\t')) {
        return false;
    }
    text.to_mut().replace_range(from..at, &" ".repeat(at - from));
    true
}

/// Puts spaces, as many as it has bytes, for the comment that starts at `at`; false if there is none.
pub(super) fn take_comment(text: &mut Cow<'_, str>, at: usize) -> bool {
    let line = text.get(at..).and_then(|rest| rest.split(['\n', '\r']).next()).unwrap_or("");
    let Some(from) = line.find('#') else { return false };
    let blanks = " ".repeat(line.len() - from);
    let range = at + from..at + line.len();
    text.to_mut().replace_range(range, &blanks);
    true
}

/// The start of the line that starts with a tab, and goes on with what a bracket has opened: the line before ends with
/// the bracket or a comma, or it starts with the bracket's other end. The line is the one around `at`, or the first such
/// line behind it.
pub(super) fn tab_inside_brackets(text: &str, at: usize) -> Option<usize> {
    let starts_with_tab = |line: &str| {
        let content = line.trim_start_matches([' ', '\t']);
        line.len() > content.len()
            && line.get(..line.len() - content.len()).is_some_and(|blanks| blanks.contains('\t'))
            && !content.trim().is_empty()
    };
    let mut start = line_start(text, at);
    let line = loop {
        let rest = text.get(start..)?;
        let line = rest.split_inclusive('\n').next()?;
        if starts_with_tab(line) && start + line.len() > at {
            break line;
        }
        start += line.len();
    };
    let before = text.get(..start)?.trim_end();
    let goes_on = before.ends_with(['{', '[', ',']) || line.trim_start().starts_with(['}', ']', ',']);
    goes_on.then_some(start)
}

/// Where the line around `at` starts.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

/// All lines but the first of the quoted scalar that starts at `at`.
pub(super) fn lines_of_quoted(text: &str, at: usize) -> Vec<usize> {
    let rest = text.get(at..).unwrap_or("");
    let Some(quote) = rest.chars().next().filter(|first| matches!(first, '"' | '\'')) else {
        return Vec::new();
    };
    let mut starts = Vec::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((offset, character)) = characters.next() {
        match character {
            '\\' if quote == '"' => {
                // An escaped line break is a break all the same.
                if let Some((offset, '\n')) = characters.next() {
                    starts.push(at + offset + 1);
                }
            }
            '\n' => starts.push(at + offset + 1),
            _ if character == quote => match characters.peek() {
                Some((_, '\'')) if quote == '\'' => {
                    characters.next();
                }
                _ => break,
            },
            _ => {}
        }
    }
    // Blank lines are line breaks of the value: indented, they still are.
    starts.retain(|&start| text.get(start..).is_some_and(|line| !line.starts_with(['\n', '\r'])));
    starts
}

impl<'t> Offsets<'t> {
    /// `text` is what the parser sees; `indented` are the lines that [`indent`] was given.
    pub(super) fn new(text: &'t str, indented: &'t [usize]) -> Self {
        Self { text, indented, ascii: text.is_ascii(), chars: 0, byte: 0 }
    }

    /// The byte offset, in the text as it was, of the character at `index` of the text that the parser sees.
    pub(super) fn byte(&mut self, index: usize) -> usize {
        let shown = self.shown_byte(index);
        // The n-th indented line starts n indentations later in the text that is shown.
        let before =
            self.indented.iter().enumerate().take_while(|(n, line)| *line + n * ADDED.len() <= shown).count();
        match before.checked_sub(1).and_then(|last| self.indented.get(last)) {
            Some(&line) => shown.saturating_sub(before * ADDED.len()).max(line),
            None => shown,
        }
    }

    fn shown_byte(&mut self, index: usize) -> usize {
        if self.ascii {
            return index.min(self.text.len());
        }
        if index >= self.chars {
            let rest = self.text.get(self.byte..).unwrap_or("");
            for next in rest.chars().take(index - self.chars) {
                self.byte += next.len_utf8();
                self.chars += 1;
            }
        } else {
            let before = self.text.get(..self.byte).unwrap_or("");
            for previous in before.chars().rev().take(self.chars - index) {
                self.byte -= previous.len_utf8();
                self.chars -= 1;
            }
        }
        self.byte
    }
}
