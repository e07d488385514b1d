//! In which context of a program each reference in its text stands.
//!
//! The lexers know quotes, comments, here-documents and substitutions, and nothing else of the languages. A reference is
//! one opaque character to them.

mod json;
mod powershell;
mod python;
mod shell;

use super::context::{Context, Quote};
use super::script::{Part, Script};

/// The language of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// POSIX shell.
    Shell,
    /// PowerShell.
    PowerShell,
    /// Python.
    Python,
    /// JSON text.
    Json,
}

impl Language {
    /// What a person calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::PowerShell => "PowerShell",
            Self::Python => "Python",
            Self::Json => "JSON",
        }
    }
}

/// The contexts of the references of a script, in order.
pub fn contexts(script: &Script<'_>, language: Language) -> Vec<Context> {
    let tokens = tokens(script);
    match language {
        Language::Shell => shell::quotes(&tokens).into_iter().map(Context::Shell).collect(),
        Language::PowerShell => powershell::quotes(&tokens).into_iter().map(Context::PowerShell).collect(),
        Language::Python => python::quotes(&tokens).into_iter().map(Context::Python).collect(),
        Language::Json => json::contexts(&tokens),
    }
}

/// A character of a program, or a value in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Char(char),
    /// A reference.
    Value,
    /// Text that is not known, but that nobody chooses.
    Hole,
}

fn tokens(script: &Script<'_>) -> Vec<Token> {
    let mut out = Vec::new();
    for part in &script.parts {
        match part {
            Part::Text(text) => out.extend(text.chars().map(Token::Char)),
            Part::Reference(_) => out.push(Token::Value),
            Part::Hole => out.push(Token::Hole),
        }
    }
    out
}

/// A cursor on the characters of a program.
#[derive(Debug)]
struct Cursor<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn new(tokens: &'a [Token]) -> Self {
        Self { tokens, at: 0 }
    }

    fn next(&mut self) -> Option<Token> {
        let found = self.tokens.get(self.at).copied()?;
        self.at += 1;
        Some(found)
    }

    /// The character `ahead` of the next one.
    fn peek(&self, ahead: usize) -> Option<char> {
        match self.tokens.get(self.at + ahead)? {
            Token::Char(found) => Some(*found),
            _ => None,
        }
    }

    /// The character before the one that [`next`](Self::next) gave last.
    fn before(&self) -> Option<char> {
        match self.tokens.get(self.at.checked_sub(2)?)? {
            Token::Char(found) => Some(*found),
            _ => Some('x'),
        }
    }

    fn looking_at(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(ahead, wanted)| self.peek(ahead) == Some(wanted))
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.looking_at(text);
        if found {
            self.at += text.chars().count();
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Limits, Source, Tree, yaml};

    fn of(text: &str, language: Language) -> String {
        let mut tree = Tree::new();
        let source = format!("{}\n", serde_json::to_string(text).unwrap());
        let file = tree.add_source(Source::from_text("t", source.as_str()));
        let root = yaml::read(&mut tree, file, &source, yaml::Schema::Core, Limits::default()).unwrap()[0];
        let script = Script::of(&tree, root);
        contexts(&script, language).iter().map(|context| context.name()).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn shell() {
        for (text, expected) in [
            ("echo {{ x }}", "unquoted"),
            ("echo '{{x}}' \"{{x}}\" {{x}}", "single-quoted, double-quoted, unquoted"),
            ("echo 'a'\"'\"'{{x}}'", "single-quoted"),
            ("echo \\'{{x}}", "unquoted"),
            ("# don't\necho {{x}}", "unquoted"),
            ("echo a#b '{{x}}'", "single-quoted"),
            ("# {{x}}", "comment"),
            ("echo \"$(cat '{{x}}') {{x}}\"", "single-quoted, double-quoted"),
            ("echo \"${A:-{{x}}}\" {{x}}", "double-quoted, unquoted"),
            ("echo `echo {{x}}` '{{x}}'", "unquoted, single-quoted"),
            ("cat <<EOF\nit's {{x}}\nEOF\necho {{x}}", "here-document, unquoted"),
            ("cat <<'EOF'\n{{x}}\nEOF\necho \"{{x}}\"", "literal here-document, double-quoted"),
            ("cat <<-\"E O\"\n\t{{x}}\n\tE O\necho '{{x}}'", "literal here-document, single-quoted"),
            ("a=$((1<<2))\necho '{{x}}'", "single-quoted"),
            ("cat <<< \"{{x}}\"", "double-quoted"),
            ("case $1 in\n a) echo '{{x}}';;\nesac\necho {{x}}", "single-quoted, unquoted"),
            ("echo ${#a} '{{x}}'", "single-quoted"),
            ("bash -c 'echo {{x}}'", "unquoted"),
            ("bash -c 'echo \"{{x}}\"' '{{x}}'", "double-quoted, single-quoted"),
            ("su - app -c \"run {{x}}\"", "unquoted"),
            ("eval \"a={{x}}\"", "unquoted"),
            ("echo -c '{{x}}'", "single-quoted"),
            ("ssh host 'ls {{x}}'", "unquoted"),
            ("echo \"a\\\"{{x}}\"", "double-quoted"),
            ("echo $'a\\'{{x}}'", "single-quoted"),
            ("grep -c '{{x}}' f", "single-quoted"),
        ] {
            assert_eq!(of(text, Language::Shell), expected, "{text}");
        }
    }

    #[test]
    fn powershell() {
        for (text, expected) in [
            ("Write-Host {{x}}", "unquoted"),
            ("$a = '{{x}}'; $b = \"{{x}}\"", "single-quoted, double-quoted"),
            ("'it''s {{x}}' + {{x}}", "single-quoted, unquoted"),
            ("\"a`\"{{x}}\" {{x}}", "double-quoted, unquoted"),
            ("\"$('{{x}}') {{x}}\"", "single-quoted, double-quoted"),
            ("# it's\n'{{x}}'", "single-quoted"),
            ("<# ' {{x}} #> {{x}}", "comment, unquoted"),
            ("@'\nit's {{x}}\n'@\n{{x}}", "literal here-document, unquoted"),
            ("@\"\n\"{{x}}\"\n\"@ + '{{x}}'", "here-document, single-quoted"),
            ("iex 'ls {{x}}'", "unquoted"),
            ("$a = Write-Output --%{{{ x }}}\n$b = '{{x}}'", "verbatim, single-quoted"),
            ("Invoke-Expression \"ls {{x}}\"", "unquoted"),
            ("powershell -Command \"ls {{x}}\"", "unquoted"),
        ] {
            assert_eq!(of(text, Language::PowerShell), expected, "{text}");
        }
    }

    #[test]
    fn python() {
        for (text, expected) in [
            ("x = {{x}}", "unquoted"),
            ("x = '{{x}}' + \"{{x}}\"", "single-quoted, double-quoted"),
            ("'''it's {{x}}''' {{x}}", "triple-quoted, unquoted"),
            ("'a\\'{{x}}'", "single-quoted"),
            ("# it's\nx={{x}}", "unquoted"),
            ("# {{x}}", "comment"),
            ("f'{a[\"b\"]} {{x}}'", "f-string"),
            ("f'{{x}}'", "f-string"),
            ("r'\\{{x}}'", "single-quoted"),
            ("\"\" '{{x}}'", "single-quoted"),
        ] {
            assert_eq!(of(text, Language::Python), expected, "{text}");
        }
    }

    #[test]
    fn json() {
        for (text, expected) in [
            ("{\"a\": \"{{x}}\", \"b\": {{x}}}", "JSON string, JSON value"),
            ("{\"a\": \"\\\"{{x}}\"}", "JSON string"),
        ] {
            assert_eq!(of(text, Language::Json), expected, "{text}");
        }
    }
}
