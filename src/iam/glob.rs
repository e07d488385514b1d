//! Patterns of characters and wildcards, and how they compare.
//!
//! A pattern is a sequence of [`Token`]s: characters (UTF-16 units, as AWS counts), `*`, `?`, and opaque parts: text that
//! the input does not decide, of which only equality is known. Both sides of every question are patterns, so a request
//! for `bucket/*` and one for an object are answered alike.

/// One position of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Token {
    /// A character, as a UTF-16 unit.
    Unit(u16),
    /// `?`: any one unit.
    One,
    /// `*`: any run of units.
    Any,
    /// A text that is not known; two with the same number are the same text.
    Opaque(u32),
}

/// The tokens of a text in which `*` and `?` are wildcards.
pub fn pattern(text: &str) -> Vec<Token> {
    let mut out = Vec::with_capacity(text.len());
    push_pattern(&mut out, text);
    out
}

/// The tokens of a text in which every character stands for itself.
pub fn literal(text: &str) -> Vec<Token> {
    text.encode_utf16().map(Token::Unit).collect()
}

/// Adds the tokens of a text with wildcards.
pub fn push_pattern(out: &mut Vec<Token>, text: &str) {
    let token = |unit: u16| match unit {
        0x2A => Token::Any,
        0x3F => Token::One,
        unit => Token::Unit(unit),
    };
    if text.is_ascii() {
        out.extend(text.bytes().map(|byte| token(byte.into())));
    } else {
        out.extend(text.encode_utf16().map(token));
    }
}

/// Whether a pattern is the characters of an ASCII text.
pub fn is_text(pattern: &[Token], text: &str) -> bool {
    pattern.len() == text.len()
        && pattern.iter().zip(text.bytes()).all(|(token, byte)| *token == Token::Unit(byte.into()))
}

/// Whether the pattern matches everything.
pub fn is_everything(pattern: &[Token]) -> bool {
    !pattern.is_empty() && pattern.iter().all(|&token| token == Token::Any)
}

/// Whether a text that `right` describes can be one that `left` describes.
pub fn intersects(left: &[Token], right: &[Token]) -> bool {
    let start = agreeing(left.iter().zip(right));
    let (left, right) = (left.get(start..).unwrap_or_default(), right.get(start..).unwrap_or_default());
    let opens = |tokens: &[Token]| tokens.first().copied().is_some_and(is_run);
    if !opens(left) && !opens(right) {
        return left.is_empty() && right.is_empty();
    }
    let has_runs = |tokens: &[Token]| tokens.iter().copied().any(is_run);
    match (has_runs(left), has_runs(right)) {
        // Whatever lies between the fixed start and end of one is taken by a run of the other.
        (true, true) => {
            let end = agreeing(left.iter().rev().zip(right.iter().rev()));
            let is_open = |tokens: &[Token]| tokens.iter().rev().nth(end).copied().is_some_and(is_run);
            is_open(left) || is_open(right)
        }
        (true, false) => takes_in(left, right),
        (false, _) => takes_in(right, left),
    }
}

/// How many pairs agree until one of the two is a run.
fn agreeing<'t>(pairs: impl Iterator<Item = (&'t Token, &'t Token)>) -> usize {
    pairs.take_while(|(a, b)| !is_run(**a) && !is_run(**b) && agree(**a, **b)).count()
}

/// Whether two tokens that are no runs can be one unit.
fn agree(a: Token, b: Token) -> bool {
    a == b || a == Token::One || b == Token::One
}

/// Whether a pattern with runs meets one without.
fn takes_in(pattern: &[Token], fixed: &[Token]) -> bool {
    fits(pattern, fixed, |run| is_run(*run), |own, other| agree(*own, *other))
}

/// Whether elements fit a pattern in which a run stands for any number of them.
fn fits<P, T>(
    pattern: &[P],
    elements: &[T],
    is_run: impl Fn(&P) -> bool,
    agrees: impl Fn(&P, &T) -> bool,
) -> bool {
    let (mut i, mut j) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(i), elements.get(j)) {
            (None, None) => return true,
            (Some(run), _) if is_run(run) => {
                retry = Some((i, j));
                i += 1;
                continue;
            }
            (Some(own), Some(element)) if agrees(own, element) => {
                i += 1;
                j += 1;
                continue;
            }
            _ => {}
        }
        // Let the last run take one more element.
        match retry {
            Some((run, from)) if from < elements.len() => {
                retry = Some((run, from + 1));
                i = run + 1;
                j = from + 1;
            }
            _ => return false,
        }
    }
}

/// Whether every text that `right` describes is surely one that `left` describes.
pub fn contains(left: &[Token], right: &[Token]) -> bool {
    fits(left, right, |run| *run == Token::Any, |own, other| takes(*own, *other))
}

/// Whether a token of a pattern, other than `*`, takes every text of a token.
fn takes(pattern: Token, token: Token) -> bool {
    match pattern {
        Token::One => matches!(token, Token::Unit(_) | Token::One),
        own => own == token && token != Token::Any,
    }
}

fn is_run(token: Token) -> bool {
    matches!(token, Token::Any | Token::Opaque(_))
}

/// Whether an ASCII pattern matches a text, whatever their case: the fast way for names of actions.
pub fn matches_bytes(pattern: &[u8], text: &[u8]) -> bool {
    fits(pattern, text, |run| *run == b'*', |own, byte| own.eq_ignore_ascii_case(byte) || *own == b'?')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wildcards_match_as_aws_counts() {
        for (left, right, expected) in [
            ("a*", "abc", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*", "", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("?", "\u{1F600}", false),
            ("??", "\u{1F600}", true),
            ("*a", "baa", true),
        ] {
            assert_eq!(contains(&pattern(left), &literal(right)), expected, "{left} {right}");
        }
        assert!(contains(&pattern("*"), &pattern("a*")));
        assert!(!contains(&pattern("a*b"), &pattern("a*")));
        assert!(intersects(&pattern("a*b"), &pattern("a*")));
        assert!(!intersects(&pattern("ab*"), &pattern("aa*")));
    }

    #[test]
    fn an_opaque_part_equals_only_itself() {
        let (x, y) = ([Token::Opaque(1)], [Token::Opaque(2)]);
        assert!(contains(&x, &x) && !contains(&x, &y) && !contains(&pattern("a"), &x));
        assert!(contains(&pattern("*"), &x) && intersects(&x, &y) && intersects(&pattern("abc"), &x));
    }

    /// The same question, answered by trying every way.
    fn meets(left: &[Token], right: &[Token]) -> bool {
        let width = right.len() + 1;
        let mut seen = vec![false; (left.len() + 1) * width];
        let mut stack = vec![(0, 0)];
        while let Some((i, j)) = stack.pop() {
            match seen.get_mut(i * width + j) {
                Some(done) if !*done => *done = true,
                _ => continue,
            }
            let (a, b) = (left.get(i), right.get(j));
            if a.is_none() && b.is_none() {
                return true;
            }
            let (wide_a, wide_b) = (a.copied().is_some_and(is_run), b.copied().is_some_and(is_run));
            if wide_a {
                stack.push((i + 1, j));
            }
            if wide_b {
                stack.push((i, j + 1));
            }
            match (a, b) {
                (Some(_), Some(_)) if wide_a || wide_b => {
                    if wide_a && !wide_b {
                        stack.push((i, j + 1));
                    }
                    if wide_b && !wide_a {
                        stack.push((i + 1, j));
                    }
                }
                (Some(a), Some(b)) if a == b || *a == Token::One || *b == Token::One => {
                    stack.push((i + 1, j + 1));
                }
                _ => {}
            }
        }
        false
    }

    fn any_tokens() -> impl Strategy<Value = Vec<Token>> {
        let token = prop_oneof![
            3 => (0x61u16..0x64).prop_map(Token::Unit),
            1 => Just(Token::One),
            1 => Just(Token::Any),
            1 => (1u32..3).prop_map(Token::Opaque),
        ];
        proptest::collection::vec(token, 0..8)
    }

    fn small() -> impl Strategy<Value = String> {
        "[ab*?]{0,6}"
    }

    fn texts() -> Vec<String> {
        let mut out = vec![String::new()];
        for length in 0..5 {
            let longest: Vec<_> = out.iter().filter(|t| t.len() == length).cloned().collect();
            out.extend(longest.iter().flat_map(|t| [format!("{t}a"), format!("{t}b"), format!("{t}c")]));
        }
        out
    }

    proptest! {
        #[test]
        fn both_questions_agree_with_enumeration(left in small(), right in small()) {
            let (l, r) = (pattern(&left), pattern(&right));
            let (mut both, mut outside) = (false, false);
            for text in texts() {
                let text = literal(&text);
                if contains(&r, &text) {
                    if contains(&l, &text) { both = true } else { outside = true }
                }
            }
            // Texts longer than the enumeration may meet where none of these do; never the other way round.
            prop_assert!(!both || intersects(&l, &r));
            prop_assert!(!outside || !contains(&l, &r));
            prop_assert_eq!(intersects(&l, &r), intersects(&r, &l));
        }

        #[test]
        fn patterns_meet_where_some_way_leads_through_both(left in any_tokens(), right in any_tokens()) {
            prop_assert_eq!(intersects(&left, &right), meets(&left, &right));
        }

        #[test]
        fn bytes_and_tokens_agree(left in small(), text in "[ab]{0,6}") {
            prop_assert_eq!(
                matches_bytes(left.as_bytes(), text.as_bytes()),
                contains(&pattern(&left), &literal(&text))
            );
        }
    }
}
