//! Where in a text a value lands, and what breaks out of there.
//!
//! Each context has the Rust regular expressions for texts that leave it: `strong` ones change what is run, `weak` ones
//! change the arguments of what is run. `exploits` are strong ones that a person sees the harm of.

/// The surroundings of a value inside a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Context {
    /// A shell command line, outside quotes.
    Shell(Quote),
    /// PowerShell.
    PowerShell(Quote),
    /// Python source.
    Python(Quote),
    /// One argument of a program that is started without a shell.
    Argument,
    /// A text that is split into arguments.
    CommandLine,
    /// A string in JSON text.
    JsonString,
    /// JSON text, outside strings.
    JsonValue,
    /// The part of a URL that names the server.
    UrlHost,
    /// The part of a URL after the server.
    UrlPath,
    /// A path of a file.
    Path,
    /// The whole of what selects code, a role, an API: any value that is not one of a few is a choice.
    Selector,
}

/// How a value is quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Quote {
    /// Not at all.
    None,
    /// `'…'`.
    Single,
    /// `"…"`.
    Double,
    /// Python's `'''…'''`.
    TripleSingle,
    /// Python's `"""…"""`.
    TripleDouble,
    /// Text in a Python f-string or a template in which braces hold code.
    Format,
    /// A here-document that is expanded.
    HereDocument,
    /// A here-document or here-string that is taken as it is.
    HereLiteral,
    /// PowerShell's `--%`: the rest of the line is taken as it is.
    Verbatim,
    /// A comment.
    Comment,
}

/// What leaves a context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Danger {
    /// Texts that leave the context.
    pub strong: &'static str,
    /// Some of them that show the harm, the clearest first.
    pub exploits: &'static [&'static str],
    /// Texts that stay in the context but change what they stand in.
    pub weak: Option<&'static str>,
}

const fn danger(strong: &'static str, exploits: &'static [&'static str]) -> Danger {
    Danger { strong, exploits, weak: None }
}

const fn with_weak(strong: &'static str, exploits: &'static [&'static str], weak: &'static str) -> Danger {
    Danger { strong, exploits, weak: Some(weak) }
}

impl Context {
    /// What leaves this context.
    pub fn danger(self) -> Danger {
        match self {
            Self::Shell(quote) => shell(quote),
            Self::PowerShell(quote) => powershell(quote),
            Self::Python(quote) => python(quote),
            Self::Argument => Danger { strong: "[^\\x00-\\x{10ffff}]", exploits: &[], weak: Some("^-") },
            Self::CommandLine => danger("[ \\t\\n\"'\\\\]|^[-/]", &[" -x", "^-x"]),
            Self::JsonString => danger("[\"\\\\\\x00-\\x1f]", &["\",\""]),
            Self::JsonValue => danger("[^0-9A-Za-z._-]", &[",\"x\":1"]),
            Self::UrlHost | Self::Selector => danger(".", &["x"]),
            Self::UrlPath => danger("[@?#\\\\]|\\.\\.|//", &["\\.\\./"]),
            Self::Path => danger("\\.\\.|^/|^[A-Za-z]:", &["\\.\\./"]),
        }
    }

    /// What a person calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shell(quote) | Self::PowerShell(quote) | Self::Python(quote) => quote.name(),
            Self::Argument => "argument",
            Self::CommandLine => "command line",
            Self::JsonString => "JSON string",
            Self::JsonValue => "JSON value",
            Self::UrlHost => "URL host",
            Self::UrlPath => "URL path",
            Self::Path => "path",
            Self::Selector => "whole value",
        }
    }
}

impl Quote {
    fn name(self) -> &'static str {
        match self {
            Self::None => "unquoted",
            Self::Single => "single-quoted",
            Self::Double => "double-quoted",
            Self::TripleSingle | Self::TripleDouble => "triple-quoted",
            Self::Format => "f-string",
            Self::HereDocument => "here-document",
            Self::HereLiteral => "literal here-document",
            Self::Verbatim => "verbatim",
            Self::Comment => "comment",
        }
    }
}

const NEVER: Danger = danger("[^\\x00-\\x{10ffff}]", &[]);

fn shell(quote: Quote) -> Danger {
    match quote {
        Quote::Single => danger("'", &["';id;'"]),
        Quote::Double | Quote::Format => danger("[\"$`\\\\]", &["\\$\\(id\\)", "`id`", "\";id;\""]),
        Quote::Comment => danger("\\n", &["\\nid"]),
        Quote::HereDocument => danger("[$`\\\\\\n]", &["\\$\\(id\\)", "`id`"]),
        Quote::HereLiteral => danger("\\n", &["\\n"]),
        Quote::None | Quote::TripleSingle | Quote::TripleDouble | Quote::Verbatim => with_weak(
            "[;&|<>()$`\\\\\"'\\n]",
            &[";id", "\\|id", "&id", "\\$\\(id\\)", "`id`", "\\nid"],
            "[ \\t*?\\[\\]{}~#]|^-",
        ),
    }
}

fn powershell(quote: Quote) -> Danger {
    match quote {
        Quote::Single => danger("['\u{2018}-\u{201b}]", &["';whoami;'"]),
        Quote::Double | Quote::Format => danger("[\"`$\u{201c}-\u{201e}]", &["\\$\\(whoami\\)"]),
        Quote::Verbatim => danger("[|\\r\\n]", &["\\nwhoami", "\\|whoami"]),
        Quote::Comment => danger("[\\r\\n]", &["\\nwhoami"]),
        Quote::HereDocument => danger("[`$]|\\n\"@", &["\\$\\(whoami\\)"]),
        Quote::HereLiteral => danger("[\\r\\n]['\u{2018}-\u{201b}]@", &["\\n'@;whoami"]),
        // Arrays, script blocks and comments change the command's arguments, not which commands run.
        Quote::None | Quote::TripleSingle | Quote::TripleDouble => with_weak(
            "[;&|`$<>()\"'\\r\\n\u{2018}-\u{201f}]",
            &[";whoami", "\\|whoami", "\\$\\(whoami\\)", "\\nwhoami"],
            "[ \\t*?\\[\\]{}@,#\u{2013}-\u{2015}]|^-",
        ),
    }
}

fn python(quote: Quote) -> Danger {
    match quote {
        Quote::None => danger("[^0-9-]", &["__import__\\('os'\\)\\.system\\('id'\\)"]),
        Quote::Single => danger("['\\\\\\r\\n]", &["'\\+__import__\\('os'\\)\\.system\\('id'\\)\\+'"]),
        Quote::Double => danger("[\"\\\\\\r\\n]", &["\"\\+__import__\\('os'\\)\\.system\\('id'\\)\\+\""]),
        Quote::TripleSingle => danger("['\\\\]", &["'''\\+__import__\\('os'\\)\\.system\\('id'\\)\\+'''"]),
        Quote::TripleDouble => {
            danger("[\"\\\\]", &["\"\"\"\\+__import__\\('os'\\)\\.system\\('id'\\)\\+\"\"\""])
        }
        Quote::Format => danger("[\"'{}\\\\\\r\\n]", &["\\{__import__\\('os'\\)\\.system\\('id'\\)\\}"]),
        Quote::Comment => danger("[\\r\\n]", &["\\nimport os"]),
        Quote::HereDocument | Quote::HereLiteral | Quote::Verbatim => NEVER,
    }
}
