//! A value that is to be written.

/// A value that is to be written.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A truth value.
    Bool(bool),
    /// A number, as it is to be written.
    Number(String),
    /// A string.
    Text(String),
    /// A call of a template function with a text: `!Ref x`, `{"Ref": "x"}`.
    Call {
        /// The function's name behind `!`, such as `Sub`.
        short: &'static str,
        /// The function's name as a key, such as `Fn::Sub`.
        long: &'static str,
        /// The text.
        argument: String,
    },
    /// A list.
    List(Vec<Content>),
    /// A map.
    Map(Vec<(String, Content)>),
}

impl Content {
    /// A string.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// An expression of a configuration, as it is to be written.
    pub fn expression(text: impl Into<String>) -> Self {
        Self::Call { short: "Ref", long: "Ref", argument: text.into() }
    }

    /// Whether it is written without brackets or lines of its own.
    pub(super) fn is_scalar(&self) -> bool {
        match self {
            Self::List(all) => all.is_empty(),
            Self::Map(all) => all.is_empty(),
            _ => true,
        }
    }
}
