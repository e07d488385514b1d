//! POSIX shell text, with what bash adds to quoting.

use super::{Cursor, Quote, Token};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// A command, at the top or in `$(…)`.
    Command,
    Backtick,
    Single,
    /// `$'…'`, which knows escapes.
    Escaped,
    Double,
    /// `${…}`; whether inside double quotes.
    Brace(bool),
    /// `((…))`.
    Arithmetic,
    /// `(…)` in a command or in arithmetic.
    Parenthesis,
}

/// A here-document that starts on the next line.
struct Pending {
    delimiter: String,
    literal: bool,
    tabs: bool,
}

struct Lexer<'a> {
    cursor: Cursor<'a>,
    stack: Vec<Frame>,
    pending: Vec<Pending>,
    out: Vec<Quote>,
    /// The words of the simple command so far, quotes removed.
    words: Vec<String>,
    /// The depth of the stack below a string that a shell reads again.
    rerun: usize,
}

pub(super) fn quotes(tokens: &[Token]) -> Vec<Quote> {
    let mut lexer = Lexer {
        cursor: Cursor::new(tokens),
        stack: vec![Frame::Command],
        pending: Vec::new(),
        out: Vec::new(),
        words: vec![String::new()],
        rerun: usize::MAX,
    };
    while let Some(token) = lexer.cursor.next() {
        match token {
            Token::Value => {
                let quote = lexer.quote();
                lexer.out.push(quote);
                lexer.push_word('\u{fffc}');
            }
            Token::Hole => lexer.push_word('\u{fffc}'),
            Token::Char(found) => lexer.character(found),
        }
    }
    lexer.out
}

impl Lexer<'_> {
    fn top(&self) -> Frame {
        self.stack.last().copied().unwrap_or(Frame::Command)
    }

    /// How a value that stands here is quoted. In a string that a shell reads again, the quotes inside it count.
    fn quote(&self) -> Quote {
        let inner = self.stack.get(self.rerun..).filter(|inner| !inner.is_empty());
        if let Some(inner) = inner {
            return self.inner_quote(inner);
        }
        match self.top() {
            Frame::Single | Frame::Escaped => Quote::Single,
            Frame::Double | Frame::Brace(true) => Quote::Double,
            _ => Quote::None,
        }
    }

    /// Inside `sh -c '…'` the value counts as quoted only where the inner text quotes it.
    fn inner_quote(&self, inner: &[Frame]) -> Quote {
        if inner.len() > 1 && self.top() == Frame::Command {
            return Quote::None;
        }
        let outer = inner.first().copied().unwrap_or(Frame::Command);
        let own = match outer {
            Frame::Single | Frame::Escaped => '\'',
            _ => '"',
        };
        // The quotes of the inner text since the string began.
        let mut open = None;
        let mut at = self.cursor.at.saturating_sub(1);
        let mut text = Vec::new();
        while let Some(before) = at.checked_sub(1) {
            match self.cursor.tokens.get(before) {
                Some(Token::Char(found)) if *found == own => {
                    let escaped = before.checked_sub(1).and_then(|i| self.cursor.tokens.get(i));
                    if own == '\'' || escaped != Some(&Token::Char('\\')) {
                        break;
                    }
                    text.push(*found);
                }
                Some(Token::Char(found)) => text.push(*found),
                _ => {}
            }
            at = before;
        }
        for found in text.into_iter().rev() {
            match (open, found) {
                (None, '\'' | '"') => open = Some(found),
                (Some(quote), found) if quote == found => open = None,
                _ => {}
            }
        }
        match open {
            Some('\'') => Quote::Single,
            Some(_) => Quote::Double,
            None => Quote::None,
        }
    }

    fn push_word(&mut self, found: char) {
        if let Some(word) = self.words.last_mut() {
            word.push(found);
        }
    }

    fn end_word(&mut self) {
        if self.words.last().is_some_and(|word| !word.is_empty()) {
            self.words.push(String::new());
        }
    }

    fn end_command(&mut self) {
        self.words = vec![String::new()];
    }

    fn pop(&mut self) {
        if self.stack.len() > 1 {
            self.stack.pop();
        }
        if self.stack.len() <= self.rerun {
            self.rerun = usize::MAX;
        }
    }

    fn skip(&mut self) {
        if self.cursor.peek(0).is_some() {
            self.cursor.at += 1;
        }
    }

    fn character(&mut self, found: char) {
        match (self.top(), found) {
            (Frame::Single | Frame::Escaped, '\'')
            | (Frame::Double, '"')
            | (Frame::Brace(_), '}')
            | (Frame::Backtick, '`')
            | (Frame::Parenthesis, ')') => self.pop(),
            (Frame::Single, _) => self.push_word(found),
            (Frame::Arithmetic, ')') => {
                if self.cursor.eat(")") {
                    self.pop();
                }
            }
            (_, '\\') => self.skip(),
            (Frame::Escaped, _) => {}
            (_, '`') => self.enter(Frame::Backtick),
            (_, '$') => self.dollar(),
            (Frame::Double, _) => self.push_word(found),
            (_, '"') => self.open(Frame::Double),
            (Frame::Brace(false) | Frame::Command | Frame::Backtick | Frame::Parenthesis, '\'') => {
                self.open(Frame::Single);
            }
            (Frame::Arithmetic, '(') => self.stack.push(Frame::Parenthesis),
            (Frame::Brace(_) | Frame::Arithmetic, _) => {}
            _ => self.command(found),
        }
    }

    fn dollar(&mut self) {
        let quoted = matches!(self.top(), Frame::Double | Frame::Brace(true));
        self.push_word('$');
        if self.cursor.eat("((") {
            self.stack.push(Frame::Arithmetic);
        } else if self.cursor.eat("(") {
            self.enter(Frame::Command);
        } else if self.cursor.eat("{") {
            self.stack.push(Frame::Brace(quoted));
        } else if !quoted && self.cursor.eat("'") {
            self.open(Frame::Escaped);
        }
    }

    fn enter(&mut self, frame: Frame) {
        self.stack.push(frame);
        self.end_command();
    }

    fn open(&mut self, frame: Frame) {
        if self.rerun == usize::MAX && runs_its_argument(&self.words) {
            self.rerun = self.stack.len();
        }
        self.stack.push(frame);
    }

    fn command(&mut self, found: char) {
        match found {
            ')' if self.stack.len() > 1 => self.pop(),
            '(' if self.cursor.before() == Some('(') && self.top() == Frame::Parenthesis => {
                self.pop();
                self.stack.push(Frame::Arithmetic);
            }
            '(' => {
                self.enter(Frame::Parenthesis);
            }
            '#' if self.cursor.before().is_none_or(|c| c.is_whitespace() || ";&|(".contains(c)) => {
                self.comment();
            }
            '<' if self.cursor.looking_at("<<") => self.cursor.at += 2,
            '<' if self.cursor.eat("<") => self.here_document(),
            '\n' => {
                self.end_command();
                self.here_bodies();
            }
            ';' | '&' | '|' => self.end_command(),
            _ if found.is_whitespace() => self.end_word(),
            _ => self.push_word(found),
        }
    }

    fn comment(&mut self) {
        while self.cursor.peek(0) != Some('\n') {
            match self.cursor.next() {
                Some(Token::Value) => self.out.push(Quote::Comment),
                Some(_) => {}
                None => return,
            }
        }
    }

    fn here_document(&mut self) {
        let tabs = self.cursor.eat("-");
        while self.cursor.peek(0).is_some_and(|c| c == ' ' || c == '\t') {
            self.cursor.at += 1;
        }
        let mut delimiter = String::new();
        let mut literal = false;
        let mut quote = None;
        while let Some(found) = self.cursor.peek(0) {
            match (quote, found) {
                (Some(open), _) if open == found => quote = None,
                (None, '\'' | '"') => {
                    quote = Some(found);
                    literal = true;
                }
                (None, '\\') => literal = true,
                (None, _) if found.is_whitespace() || ";&|<>()".contains(found) => break,
                _ => delimiter.push(found),
            }
            self.cursor.at += 1;
        }
        if !delimiter.is_empty() {
            self.pending.push(Pending { delimiter, literal, tabs });
        }
    }

    /// The bodies of the here-documents that were announced on the line that ended.
    fn here_bodies(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            let quote = if pending.literal { Quote::HereLiteral } else { Quote::HereDocument };
            loop {
                let (line, values, more) = self.line();
                let line = if pending.tabs { line.trim_start_matches('\t') } else { &line };
                if line.trim_end_matches('\r') == pending.delimiter {
                    break;
                }
                self.out.extend(std::iter::repeat_n(quote, values));
                if !more {
                    break;
                }
            }
        }
    }

    /// The rest of a line, the number of values in it, and whether there is more.
    fn line(&mut self) -> (String, usize, bool) {
        let (mut line, mut values) = (String::new(), 0);
        while let Some(token) = self.cursor.next() {
            match token {
                Token::Char('\n') => return (line, values, true),
                Token::Char(found) => line.push(found),
                Token::Value => {
                    values += 1;
                    line.push('\u{fffc}');
                }
                Token::Hole => line.push('\u{fffc}'),
            }
        }
        (line, values, false)
    }
}

/// Whether the next argument of a command is read by a shell once more.
fn runs_its_argument(words: &[String]) -> bool {
    let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
    let base = |word: &&str| word.rsplit('/').next().unwrap_or("").to_owned();
    let commands: Vec<String> = words.iter().map(base).collect();
    let last = words.last().copied().unwrap_or("");
    let before_last = || commands.iter().take(commands.len().saturating_sub(1));
    let is_shell = |name: &String| {
        matches!(
            name.as_str(),
            "sh" | "bash" | "dash" | "zsh" | "ksh" | "su" | "runuser" | "powershell" | "pwsh"
        )
    };
    let runs_code = last.starts_with('-')
        && !last.starts_with("--")
        && last.ends_with('c')
        && before_last().any(is_shell);
    let first =
        commands.iter().find(|name| !matches!(name.as_str(), "sudo" | "exec" | "command" | "nohup" | "time"));
    runs_code
        || first.is_some_and(|name| name == "eval")
        || first.is_some_and(|name| name == "ssh") && words.len() >= 2 && !last.starts_with('-')
}
