//! Patterns with `*` and `?`, for rules, entities and addresses.

/// Whether a text matches a pattern in which `*` stands for any characters and `?` for one. Everything else, brackets
/// included, stands for itself.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut from) = (0, 0);
    // Where the last `*` stands, and up to where it has eaten.
    let mut star: Option<(usize, usize)> = None;
    while let Some(&wanted) = text.get(from) {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(&one) if one == '?' || one == wanted => {
                at += 1;
                from += 1;
            }
            _ => match star {
                Some((position, eaten)) => {
                    star = Some((position, eaten + 1));
                    at = position + 1;
                    from = eaten + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn only_stars_and_question_marks_are_special() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("SSM-*", "SSM-INST-01", true),
            ("SSM-INST-0?", "SSM-INST-01", true),
            ("module.a[*].aws_iam_role.x", "module.a[\"b\"].aws_iam_role.x", true),
            ("aws_iam_role.x[0]", "aws_iam_role.x[0]", true),
            ("aws_iam_role.x[0]", "aws_iam_role.x0", false),
            ("a*b*c", "aXbXbc", true),
            ("a*b", "aXbX", false),
            ("", "x", false),
            ("?", "é", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} ~ {text}");
        }
    }
}
