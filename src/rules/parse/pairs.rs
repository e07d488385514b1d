//! What the parser found, with places in the file rather than in the piece of it that was read.

use super::Rule;

/// Something that the grammar has a name for.
pub(super) struct Pair<'i> {
    pair: pest::iterators::Pair<'i, Rule>,
    /// Where the piece starts in the file.
    base: usize,
}

/// What is in a pair, without the comments that stand in it and the brackets that end it.
pub(super) struct Parts<'i> {
    pairs: pest::iterators::Pairs<'i, Rule>,
    base: usize,
}

pub(super) fn inside(pair: Pair<'_>) -> Parts<'_> {
    Parts { pairs: pair.pair.into_inner(), base: pair.base }
}

impl<'i> Pair<'i> {
    pub(super) fn as_rule(&self) -> Rule {
        self.pair.as_rule()
    }

    pub(super) fn as_str(&self) -> &'i str {
        self.pair.as_str()
    }

    /// Its first byte in the file.
    pub(super) fn start(&self) -> usize {
        self.base + self.pair.as_span().start()
    }
}

impl<'i> Parts<'i> {
    /// What the parser found in a piece of a file.
    pub(super) fn new(pairs: pest::iterators::Pairs<'i, Rule>, base: usize) -> Self {
        Self { pairs, base }
    }

    /// How many there are, at most.
    pub(super) fn len(&self) -> usize {
        self.pairs.len()
    }

    /// What becomes of each, in no more memory than that takes.
    pub(super) fn each<T>(self, lowered: impl FnMut(Pair<'i>) -> T) -> Box<[T]> {
        let mut out = Vec::with_capacity(self.len());
        out.extend(self.map(lowered));
        out.into_boxed_slice()
    }

    /// The next one, which stays where it is.
    pub(super) fn peek(&self) -> Option<Pair<'i>> {
        Self { pairs: self.pairs.clone(), base: self.base }.next()
    }
}

impl<'i> Iterator for Parts<'i> {
    type Item = Pair<'i>;

    fn next(&mut self) -> Option<Pair<'i>> {
        let says_nothing = |kind| {
            matches!(kind, Rule::comment | Rule::round_end | Rule::index_end | Rule::list_end | Rule::map_end)
        };
        let pair = self.pairs.find(|pair| !says_nothing(pair.as_rule()))?;
        Some(Pair { pair, base: self.base })
    }
}
