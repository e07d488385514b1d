//! How large an input may be before reading stops with a diagnostic.
//!
//! One struct for all formats, so that hostile input meets the same walls whichever way it comes in.

/// Limits for one unit of work. The defaults are far above real inputs: a plan of 20,000 resources is 150 MB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one source.
    pub bytes: usize,
    /// Lists and maps inside one another.
    pub depth: usize,
    /// Nodes of one unit, embedded documents included.
    pub nodes: usize,
    /// Nodes that a YAML document would have if its aliases were written out.
    pub expanded_nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 2 << 30, depth: 256, nodes: 200_000_000, expanded_nodes: 20_000_000 }
    }
}

/// Which limit an input passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// [`Limits::bytes`].
    #[error("the file is larger than {0} bytes")]
    Bytes(usize),
    /// [`Limits::depth`].
    #[error("lists and maps are nested more than {0} deep")]
    Depth(usize),
    /// [`Limits::nodes`].
    #[error("the document has more than {0} values")]
    Nodes(usize),
    /// [`Limits::expanded_nodes`].
    #[error("the document's aliases would expand to more than {0} values")]
    Expansion(usize),
}
