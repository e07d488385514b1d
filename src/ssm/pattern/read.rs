//! From the text of a pattern to its syntax tree, as Java or RE2 reads it.

use super::{Engine, Node, PatternError, class};

/// How deep groups may be nested.
const DEPTH: usize = 100;
/// RE2 refuses larger counts.
const RE2_REPEAT: u32 = 1000;

/// Reads a whole pattern.
pub(super) fn read(text: &str, engine: Engine) -> Result<Node, PatternError> {
    let mut reader = Reader { text, at: 0, engine, flags: Flags::default(), depth: 0, groups: 0 };
    let node = reader.alternation()?;
    match reader.peek() {
        Some(_) => Err(reader.error("unmatched `)`")),
        None => Ok(node),
    }
}

/// The flags of `(?…)`.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent switches of the dialect")]
pub(super) struct Flags {
    pub(super) fold: bool,
    all: bool,
    lines: bool,
    comments: bool,
    unix_lines: bool,
}

/// A cursor on the pattern.
pub(super) struct Reader<'p> {
    pub(super) text: &'p str,
    pub(super) at: usize,
    pub(super) engine: Engine,
    pub(super) flags: Flags,
    pub(super) depth: usize,
    groups: usize,
}

impl Reader<'_> {
    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let found = self.peek()?;
        self.at += found.len_utf8();
        Some(found)
    }

    pub(super) fn eat(&mut self, wanted: &str) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len();
        }
        found
    }

    pub(super) fn java(&self) -> bool {
        self.engine == Engine::Java
    }

    pub(super) fn error(&self, message: impl Into<String>) -> PatternError {
        PatternError { offset: self.at, message: message.into() }
    }

    fn alternation(&mut self) -> Result<Node, PatternError> {
        let mut branches = vec![self.concat()?];
        while self.eat("|") {
            branches.push(self.concat()?);
        }
        Ok(match branches.pop() {
            Some(only) if branches.is_empty() => only,
            last => {
                branches.extend(last);
                Node::Alternation(branches)
            }
        })
    }

    fn concat(&mut self) -> Result<Node, PatternError> {
        let mut parts = Vec::new();
        loop {
            self.skip_comments();
            match self.peek() {
                None | Some('|' | ')') => break,
                Some(_) => {
                    let atom = self.atom()?;
                    parts.push(self.repeated(atom)?);
                }
            }
        }
        Ok(match parts.pop() {
            None => Node::Empty,
            Some(only) if parts.is_empty() => only,
            Some(last) => {
                parts.push(last);
                Node::Concat(parts)
            }
        })
    }

    fn skip_comments(&mut self) {
        while self.flags.comments {
            if self.eat("#") {
                while self.next().is_some_and(|found| found != '\n') {}
            } else if self.peek().is_some_and(char::is_whitespace) {
                self.next();
            } else {
                return;
            }
        }
    }

    fn atom(&mut self) -> Result<Node, PatternError> {
        let Some(first) = self.peek() else { return Ok(Node::Empty) };
        match first {
            '(' => self.group(),
            '[' => {
                self.at += 1;
                let set = self.set()?;
                Ok(Node::Class(if self.flags.fold { class::folded(set) } else { set }))
            }
            '*' | '+' | '?' => Err(self.error(format!("there is nothing before `{first}` to repeat"))),
            '{' if self.java() => Err(self.error("there is nothing before `{` to repeat")),
            '\\' => self.escape(),
            _ => {
                self.at += first.len_utf8();
                let flags = self.flags;
                Ok(match first {
                    '.' => Node::Class(class::dot(self.engine, flags.all, flags.unix_lines)),
                    '^' if flags.lines => Node::LineStart,
                    '^' => Node::Start,
                    '$' if flags.lines => Node::LineEnd,
                    '$' => Node::End,
                    other => self.literal(other),
                })
            }
        }
    }

    pub(super) fn literal(&self, character: char) -> Node {
        let single = class::single(character);
        Node::Class(if self.flags.fold { class::folded(single) } else { single })
    }

    fn repeated(&mut self, mut atom: Node) -> Result<Node, PatternError> {
        let mut repeated = false;
        loop {
            self.skip_comments();
            let simple = match self.peek() {
                Some('*') => Some((0, None)),
                Some('+') => Some((1, None)),
                Some('?') => Some((0, Some(1))),
                _ => None,
            };
            let counted = match simple {
                Some(_) => {
                    self.at += 1;
                    simple
                }
                None if self.peek() == Some('{') => self.count()?,
                None => None,
            };
            let Some((min, max)) = counted else { return Ok(atom) };
            if repeated {
                return Err(self.error("a repetition is repeated"));
            }
            repeated = true;
            self.eat("?");
            if self.peek() == Some('+') {
                if !self.java() {
                    return Err(self.error("RE2 has no possessive repetition"));
                }
                self.at += 1;
            }
            atom = Node::Repeat { inner: Box::new(atom), min, max };
        }
    }

    /// `{m}`, `{m,}` or `{m,n}`; nothing where RE2 takes the brace as it is.
    fn count(&mut self) -> Result<Option<(u32, Option<u32>)>, PatternError> {
        let inside = self.rest().get(1..).and_then(|rest| rest.split_once('}')).map(|(inside, _)| inside);
        let parsed = inside.and_then(|inside| match inside.split_once(',') {
            None => inside.parse().ok().map(|count: u32| (count, Some(count))),
            Some((min, "")) => min.parse().ok().map(|min: u32| (min, None)),
            Some((min, max)) => Some((min.parse().ok()?, Some(max.parse().ok()?))),
        });
        let Some((min, max)) = parsed else {
            return if self.java() { Err(self.error("malformed repetition count")) } else { Ok(None) };
        };
        if max.is_some_and(|max| max < min) {
            return Err(self.error("the repetition's upper bound is below the lower one"));
        }
        if !self.java() && (min > RE2_REPEAT || max.is_some_and(|max| max > RE2_REPEAT)) {
            return Err(self.error("RE2 repeats at most 1000 times"));
        }
        self.at += 2 + inside.map_or(0, str::len);
        Ok(Some((min, max)))
    }

    fn group(&mut self) -> Result<Node, PatternError> {
        self.at += 1;
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.error("groups are nested too deep"));
        }
        let outer = self.flags;
        let look = match self.opening()? {
            Opening::Flags => {
                self.depth -= 1;
                return Ok(Node::Empty);
            }
            Opening::Group => None,
            Opening::Look { ahead, negated } => Some((ahead, negated)),
        };
        let inner = self.alternation()?;
        if !self.eat(")") {
            return Err(self.error("a group is not closed"));
        }
        self.flags = outer;
        self.depth -= 1;
        Ok(match look {
            Some((ahead, negated)) => Node::Look { inner: Box::new(inner), ahead, negated },
            None => inner,
        })
    }

    fn opening(&mut self) -> Result<Opening, PatternError> {
        if !self.eat("?") {
            self.groups += 1;
            return Ok(Opening::Group);
        }
        for (text, ahead, negated) in
            [("=", true, false), ("!", true, true), ("<=", false, false), ("<!", false, true)]
        {
            if self.eat(text) {
                return if self.java() {
                    Ok(Opening::Look { ahead, negated })
                } else {
                    Err(self.error("RE2 has no look-around"))
                };
            }
        }
        if self.eat(">") {
            return if self.java() {
                Ok(Opening::Group)
            } else {
                Err(self.error("RE2 has no atomic groups"))
            };
        }
        if self.eat(":") {
            return Ok(Opening::Group);
        }
        if self.eat("<") || !self.java() && self.eat("P<") {
            let name = self.rest().split_once('>').map(|(name, _)| name.to_owned()).unwrap_or_default();
            let mut letters = name.chars();
            let valid = letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
                && letters.all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !valid {
                return Err(self.error("a group's name is malformed"));
            }
            self.at += name.len() + 1;
            return Ok(Opening::Group);
        }
        self.flag_list()
    }

    fn flag_list(&mut self) -> Result<Opening, PatternError> {
        let mut on = true;
        loop {
            match self.next() {
                Some('-') if on => on = false,
                Some('i') => self.flags.fold = on,
                Some('s') => self.flags.all = on,
                Some('m') => self.flags.lines = on,
                Some('x') if self.java() => self.flags.comments = on,
                Some('d') if self.java() => self.flags.unix_lines = on,
                Some('u') if self.java() => {}
                Some('U') => {}
                Some(':') => return Ok(Opening::Group),
                Some(')') => return Ok(Opening::Flags),
                _ => return Err(self.error("unknown construct after `(?`")),
            }
        }
    }
}

enum Opening {
    Group,
    Look {
        ahead: bool,
        negated: bool,
    },
    /// Flags for the rest of the group.
    Flags,
}
