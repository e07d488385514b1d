//! The lines of a data file, for excerpts.

use std::sync::OnceLock;

/// A text of which lines are shown; they are found when the first one is.
#[derive(Debug)]
pub(in crate::cli::guard) struct SourceLines<'t> {
    text: &'t str,
    ends: OnceLock<Vec<u32>>,
}

impl<'t> SourceLines<'t> {
    pub(in crate::cli::guard) fn new(text: &'t str) -> Self {
        Self { text, ends: OnceLock::new() }
    }

    /// The bytes of the text.
    pub(in crate::cli::guard) fn size(&self) -> usize {
        self.text.len()
    }

    /// Lines from the one with a number, counted from 0, with their numbers.
    pub(super) fn from(&self, first: usize, count: usize) -> impl Iterator<Item = (usize, &'t str)> {
        let ends = self.ends.get_or_init(|| {
            let breaks = memchr::memchr_iter(b'\n', self.text.as_bytes());
            breaks.chain([self.text.len()]).map(|at| u32::try_from(at).unwrap_or(u32::MAX)).collect()
        });
        let start =
            first.checked_sub(1).and_then(|before| ends.get(before)).map_or(0, |end| *end as usize + 1);
        // What follows the last line break is a line only if there is something.
        let rest = if first > 0 && start == 0 { "" } else { self.text.get(start..).unwrap_or("") };
        rest.lines().take(count).enumerate().map(move |(at, line)| (first + at, line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_the_text() {
        for text in ["", "a", "a\n", "a\nb", "a\r\nb\r\n", "\n\nc\n", "a\n\n"] {
            let code = SourceLines::new(text);
            for first in 0..5 {
                let expected: Vec<_> = text.lines().enumerate().skip(first).take(2).collect();
                assert_eq!(code.from(first, 2).collect::<Vec<_>>(), expected, "{text:?} from {first}");
            }
        }
    }
}
