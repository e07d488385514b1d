//! PowerShell text.

use super::{Cursor, Quote, Token};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Frame {
    Code,
    /// A `(` or `{` in code.
    Nested,
    Single,
    Double,
    /// `$(` inside a string.
    Expression,
}

fn is_single(character: char) -> bool {
    matches!(character, '\'' | '\u{2018}'..='\u{201b}')
}

fn is_double(character: char) -> bool {
    matches!(character, '"' | '\u{201c}'..='\u{201e}')
}

struct Lexer<'a> {
    cursor: Cursor<'a>,
    stack: Vec<Frame>,
    out: Vec<Quote>,
    /// The words of the command so far.
    words: Vec<String>,
    /// The depth of strings that are run as code.
    rerun: usize,
}

pub(super) fn quotes(tokens: &[Token]) -> Vec<Quote> {
    let mut lexer = Lexer {
        cursor: Cursor::new(tokens),
        stack: vec![Frame::Code],
        out: Vec::new(),
        words: vec![String::new()],
        rerun: usize::MAX,
    };
    while let Some(token) = lexer.cursor.next() {
        match token {
            Token::Value => {
                let quote = lexer.quote();
                lexer.out.push(quote);
            }
            Token::Hole => {}
            Token::Char(found) => lexer.character(found),
        }
    }
    lexer.out
}

impl Lexer<'_> {
    fn top(&self) -> Frame {
        self.stack.last().copied().unwrap_or(Frame::Code)
    }

    fn quote(&self) -> Quote {
        match self.top() {
            Frame::Single | Frame::Double if self.stack.len() > self.rerun => Quote::None,
            Frame::Single => Quote::Single,
            Frame::Double => Quote::Double,
            _ => Quote::None,
        }
    }

    fn pop(&mut self) {
        if self.stack.len() > 1 {
            self.stack.pop();
        }
        if self.stack.len() <= self.rerun {
            self.rerun = usize::MAX;
        }
    }

    fn character(&mut self, found: char) {
        match self.top() {
            Frame::Single => {
                if is_single(found) {
                    if self.cursor.peek(0).is_some_and(is_single) { self.cursor.at += 1 } else { self.pop() }
                }
            }
            Frame::Double => match found {
                '`' => self.skip(),
                '$' if self.cursor.eat("(") => self.stack.push(Frame::Expression),
                _ if is_double(found) => {
                    if self.cursor.peek(0).is_some_and(is_double) {
                        self.cursor.at += 1;
                    } else {
                        self.pop();
                    }
                }
                _ => {}
            },
            Frame::Code | Frame::Nested | Frame::Expression => self.code(found),
        }
    }

    fn skip(&mut self) {
        if self.cursor.peek(0).is_some() {
            self.cursor.at += 1;
        }
    }

    fn code(&mut self, found: char) {
        match found {
            '`' => self.skip(),
            '#' if self.cursor.before().is_none_or(|c| c.is_whitespace() || ";{}()|".contains(c)) => {
                self.comment(|lexer| lexer.cursor.peek(0) == Some('\n'));
            }
            '<' if self.cursor.eat("#") => {
                self.comment(|lexer| lexer.cursor.eat("#>"));
            }
            '@' if self.starts_here_string() => self.here_string(),
            '-' if self.cursor.looking_at("-%") && self.cursor.before().is_none_or(char::is_whitespace) => {
                self.verbatim();
            }
            '(' | '{' => {
                self.stack.push(Frame::Nested);
                self.words = vec![String::new()];
            }
            ')' | '}' => self.pop(),
            _ if is_single(found) => self.open(Frame::Single),
            _ if is_double(found) => self.open(Frame::Double),
            ';' | '|' | '\n' | '=' => self.words = vec![String::new()],
            _ if found.is_whitespace() => self.words.push(String::new()),
            _ => {
                if let Some(word) = self.words.last_mut() {
                    word.push(found);
                }
            }
        }
    }

    fn open(&mut self, frame: Frame) {
        if self.rerun == usize::MAX && runs_its_argument(&self.words) {
            self.rerun = self.stack.len();
        }
        self.stack.push(frame);
    }

    fn comment(&mut self, ends: impl Fn(&mut Self) -> bool) {
        while !ends(self) {
            match self.cursor.next() {
                Some(Token::Value) => self.out.push(Quote::Comment),
                Some(_) => {}
                None => return,
            }
        }
    }

    /// After `--%`, all up to the end of the line or a pipe is one text.
    fn verbatim(&mut self) {
        while !matches!(self.cursor.peek(0), Some('\n' | '|')) {
            match self.cursor.next() {
                Some(Token::Value) => self.out.push(Quote::Verbatim),
                Some(_) => {}
                None => return,
            }
        }
    }

    /// `@'` or `@"`, with nothing but blanks behind it on its line.
    fn starts_here_string(&self) -> bool {
        let quote = self.cursor.peek(0).is_some_and(|c| is_single(c) || is_double(c));
        let mut ahead = 1;
        while self.cursor.peek(ahead).is_some_and(|c| c == ' ' || c == '\t' || c == '\r') {
            ahead += 1;
        }
        quote && self.cursor.peek(ahead) == Some('\n')
    }

    fn here_string(&mut self) {
        let literal = self.cursor.peek(0).is_some_and(is_single);
        self.cursor.at += 1;
        while let Some(token) = self.cursor.next() {
            match token {
                Token::Value => self.out.push(if literal { Quote::HereLiteral } else { Quote::HereDocument }),
                Token::Char('\n') => {
                    let close = |c: char| if literal { is_single(c) } else { is_double(c) };
                    if self.cursor.peek(0).is_some_and(close) && self.cursor.peek(1) == Some('@') {
                        self.cursor.at += 2;
                        return;
                    }
                }
                _ => {}
            }
        }
    }
}

/// Whether the next argument of a command is run as code.
fn runs_its_argument(words: &[String]) -> bool {
    let words: Vec<String> =
        words.iter().filter(|word| !word.is_empty()).map(|word| word.to_ascii_lowercase()).collect();
    let first = words.first().map_or("", String::as_str);
    let last = words.last().map_or("", String::as_str);
    let is_shell = |word: &str| {
        let base = word.rsplit(['\\', '/']).next().unwrap_or(word);
        matches!(
            base,
            "powershell" | "powershell.exe" | "pwsh" | "pwsh.exe" | "cmd" | "cmd.exe" | "bash" | "sh"
        )
    };
    matches!(first, "iex" | "invoke-expression")
        || matches!(last, "iex" | "invoke-expression" | "[scriptblock]::create")
        || matches!(last, "-command" | "-c" | "/c" | "-encodedcommand")
            && words.iter().any(|word| is_shell(word))
}
