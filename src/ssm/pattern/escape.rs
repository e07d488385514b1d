//! Escapes and sets: `\d`, `\Q…\E`, `[a-z&&[^b]]`.

use regex_syntax::hir::ClassUnicode;

use super::read::Reader;
use super::{Node, PatternError, class};

/// A member of a set: one character, which can start a range, or a class, which cannot.
enum Member {
    One(char),
    Class(ClassUnicode),
}

impl Reader<'_> {
    /// An escape outside sets.
    pub(super) fn escape(&mut self) -> Result<Node, PatternError> {
        let start = self.at;
        if self.eat("\\Q") {
            let quoted = self.rest().split_once("\\E").map_or(self.rest(), |(quoted, _)| quoted).to_owned();
            self.at += quoted.len();
            self.eat("\\E");
            return Ok(Node::Concat(quoted.chars().map(|character| self.literal(character)).collect()));
        }
        let letter = self.rest().chars().nth(1);
        let anchor = match letter {
            Some('A') => Some(Node::Start),
            Some('z') => Some(Node::End),
            Some('Z') if self.java() => Some(Node::End),
            Some('b') => Some(Node::WordEdge { negated: false }),
            Some('B') => Some(Node::WordEdge { negated: true }),
            Some('G') if self.java() => Some(Node::Empty),
            Some('R') if self.java() => Some(Node::Class(class::ranges(&[
                ('\n', '\r'),
                ('\u{85}', '\u{85}'),
                ('\u{2028}', '\u{2029}'),
            ]))),
            Some('X') if self.java() => Some(Node::Class(class::negated(ClassUnicode::empty()))),
            Some('1'..='9' | 'k') if self.java() => {
                self.back_reference();
                return Ok(Node::Again);
            }
            _ => None,
        };
        if let Some(anchor) = anchor {
            self.at += 2;
            return Ok(anchor);
        }
        self.at = start;
        Ok(match self.member()? {
            Member::One(character) => self.literal(character),
            Member::Class(class) => Node::Class(if self.flags.fold { class::folded(class) } else { class }),
        })
    }

    fn back_reference(&mut self) {
        self.at += 1;
        if self.eat("k<") {
            let length = self.rest().find('>').map_or(self.rest().len(), |at| at + 1);
            self.at += length;
        } else {
            while self.peek().is_some_and(|c| c.is_ascii_digit()) {
                self.at += 1;
            }
        }
    }

    /// A character or an escape that stands for one or several.
    fn member(&mut self) -> Result<Member, PatternError> {
        let Some(first) = self.next() else { return Err(self.error("a set is not closed")) };
        if first != '\\' {
            return Ok(Member::One(first));
        }
        let java = self.java();
        let Some(letter) = self.next() else { return Err(self.error("the pattern ends in a backslash")) };
        if let Some(found) = class::escaped(letter.to_ascii_lowercase(), self.engine)
            && letter.is_ascii_alphabetic()
            && (letter.is_ascii_lowercase() || letter != 'V' || java)
        {
            let upper = letter.is_ascii_uppercase();
            return Ok(Member::Class(if upper { class::negated(found) } else { found }));
        }
        Ok(Member::One(match letter {
            'p' | 'P' => return self.property(letter == 'P').map(Member::Class),
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'f' => '\u{c}',
            'a' => '\u{7}',
            'v' if !java => '\u{b}',
            'e' if java => '\u{1b}',
            'x' if self.eat("{") => {
                let digits = self.rest().split_once('}').map(|(digits, _)| digits.to_owned());
                let digits = digits.ok_or_else(|| self.error("`\\x{` is not closed"))?;
                self.at += digits.len() + 1;
                self.code(&digits, 16)?
            }
            'x' => self.digits(2, 16)?,
            'u' if java => self.digits(4, 16)?,
            '0' if java => self.octal()?,
            'c' if java => {
                let control = self.next().ok_or_else(|| self.error("the pattern ends in `\\c`"))?;
                char::from_u32(u32::from(control) ^ 64).unwrap_or(control)
            }
            other if other.is_ascii_alphanumeric() => {
                return Err(self.error(format!("there is no escape `\\{other}` in {}", self.engine.name())));
            }
            other => other,
        }))
    }

    fn digits(&mut self, count: usize, radix: u32) -> Result<char, PatternError> {
        let digits: String = self.rest().chars().take(count).collect();
        if digits.len() < count {
            return Err(self.error("too few digits in an escape"));
        }
        let found = self.code(&digits, radix)?;
        self.at += digits.len();
        Ok(found)
    }

    fn octal(&mut self) -> Result<char, PatternError> {
        let digits: String = self.rest().chars().take(3).take_while(|c| ('0'..='7').contains(c)).collect();
        let found = self.code(&digits, 8)?;
        self.at += digits.len();
        Ok(found)
    }

    fn code(&self, digits: &str, radix: u32) -> Result<char, PatternError> {
        let code = u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
        code.ok_or_else(|| self.error(format!("`{digits}` is no character's number")))
    }

    fn property(&mut self, negated: bool) -> Result<ClassUnicode, PatternError> {
        let start = self.at;
        let name = if self.eat("{") {
            let name = self.rest().split_once('}').map(|(name, _)| name.to_owned());
            let name = name.ok_or_else(|| self.error("`\\p{` is not closed"))?;
            self.at += name.len() + 1;
            name
        } else {
            self.next().map(String::from).unwrap_or_default()
        };
        let (name, twice) = match name.strip_prefix('^') {
            Some(bare) if !self.java() => (bare.to_owned(), true),
            _ => (name, false),
        };
        let found = class::property(&name, self.engine, start)?;
        Ok(if negated == twice { found } else { class::negated(found) })
    }

    /// The rest of a set, after its `[`.
    pub(super) fn set(&mut self) -> Result<ClassUnicode, PatternError> {
        self.depth += 1;
        if self.depth > 100 {
            return Err(self.error("sets are nested too deep"));
        }
        let negated = self.eat("^");
        let mut set = ClassUnicode::empty();
        let mut first = true;
        loop {
            match self.peek() {
                None => return Err(self.error("a set is not closed")),
                Some(']') if !first => break,
                Some('[') if self.java() => {
                    self.at += 1;
                    set.union(&self.set()?);
                }
                Some('[') if self.rest().starts_with("[:") => match self.posix()? {
                    Some(named) => set.union(&named),
                    None => set.union(&self.range()?),
                },
                Some('&') if self.java() && self.rest().starts_with("&&") => {
                    self.at += 2;
                    let right = self.operand()?;
                    set.intersect(&right);
                }
                Some(_) => set.union(&self.range()?),
            }
            first = false;
        }
        self.at += 1;
        self.depth -= 1;
        Ok(if negated { class::negated(set) } else { set })
    }

    /// What follows `&&`: all up to the next `&&` or the end of the set.
    fn operand(&mut self) -> Result<ClassUnicode, PatternError> {
        let mut set = ClassUnicode::empty();
        loop {
            match self.peek() {
                None => return Err(self.error("a set is not closed")),
                Some(']') => return Ok(set),
                Some('&') if self.rest().starts_with("&&") => return Ok(set),
                Some('[') => {
                    self.at += 1;
                    set.union(&self.set()?);
                }
                Some(_) => set.union(&self.range()?),
            }
        }
    }

    /// RE2's `[:alpha:]`.
    fn posix(&mut self) -> Result<Option<ClassUnicode>, PatternError> {
        let Some((name, _)) = self.rest().get(2..).and_then(|rest| rest.split_once(":]")) else {
            return Ok(None);
        };
        let (bare, negated) = name.strip_prefix('^').map_or((name, false), |bare| (bare, true));
        let Some(found) = class::posix(bare) else {
            return Err(self.error(format!("there is no character class `[:{name}:]`")));
        };
        self.at += name.len() + 4;
        Ok(Some(if negated { class::negated(found) } else { found }))
    }

    /// A character, a class, or a range.
    fn range(&mut self) -> Result<ClassUnicode, PatternError> {
        let from = match self.member()? {
            Member::Class(class) => return Ok(class),
            Member::One(from) => from,
        };
        let ends =
            |next: Option<char>| next == Some(']') || next.is_none() || self.java() && next == Some('[');
        if self.peek() != Some('-') || ends(self.rest().chars().nth(1)) {
            return Ok(class::single(from));
        }
        self.at += 1;
        let start = self.at;
        match self.member()? {
            Member::One(to) if to >= from => Ok(class::ranges(&[(from, to)])),
            Member::One(to) => {
                self.at = start;
                Err(self.error(format!("the range `{from}-{to}` is reversed")))
            }
            Member::Class(_) => Err(self.error("a range ends in a class")),
        }
    }
}
