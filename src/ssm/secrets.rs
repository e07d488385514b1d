//! What looks like a secret: by the marks that providers put into theirs, and by the names that people give.

use std::sync::LazyLock;

use regex::Regex;

/// Marks of secrets, each with the least length of the word that has it.
const MARKS: &[(&str, usize)] = &[
    ("AKIA", 20),
    ("-----BEGIN RSA PRIVATE KEY", 0),
    ("-----BEGIN PRIVATE KEY", 0),
    ("-----BEGIN OPENSSH PRIVATE KEY", 0),
    ("-----BEGIN EC PRIVATE KEY", 0),
    ("ghp_", 40),
    ("github_pat_", 50),
    ("xoxb-", 30),
    ("sk_live_", 28),
    ("AIza", 39),
];
/// Words that say that a value is a secret.
const WORDS: &[&str] =
    &["passw", "secret", "token", "apikey", "api_key", "api-key", "privatekey", "private_key"];
/// Last words of names that lead to a secret, or mean something else.
const LEADING: &[&str] = &[
    "arn",
    "arns",
    "name",
    "names",
    "id",
    "ids",
    "path",
    "parameter",
    "parameters",
    "nexttoken",
    "length",
    "policy",
    "url",
    "key_id",
    "version",
    "rotation",
    "enabled",
    "expiry",
    "ttl",
];

/// Whether a text holds a secret that a provider has marked as one. Keys of documentation end in `EXAMPLE`.
pub fn is_marked(text: &str) -> bool {
    MARKS.iter().any(|(mark, length)| {
        text.match_indices(mark).any(|(at, _)| {
            let rest = text.get(at..).unwrap_or("");
            let word = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "_-".contains(*c)).count();
            let example = rest.chars().take(24).collect::<String>().contains("EXAMPLE");
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            let starts = before.is_none_or(|c| !c.is_ascii_alphanumeric());
            starts && (*length == 0 || word >= *length && word <= length + 60) && !example
        })
    })
}

/// Whether a text is an address with a password in it: `postgres://me:secret@host`.
pub fn has_password(text: &str) -> bool {
    text.match_indices("://").any(|(at, _)| {
        let rest = text.get(at + 3..).unwrap_or("");
        let authority = rest.split(['/', '?', '#', ' ', '"', '\'', '\n']).next().unwrap_or("");
        let Some((user, _)) = authority.rsplit_once('@') else { return false };
        let Some((_, password)) = user.split_once(':') else { return false };
        // What stands for a password is none.
        password.len() >= 6
            && !password.contains(['$', '{', '<', '%', '*'])
            && !["password", "changeme", "secret"].contains(&password.to_ascii_lowercase().as_str())
    })
}

/// A name that says that its value is a secret, and the value: `PASSWORD=…`, `"api_key": "…"`, `--password …`.
static ASSIGNED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let name = "(?:password|passwd|secret_key|secretkey|secret_access_key|client_secret|api_?key|auth_?token|access_?token)";
    let value = r#"["']?([^\s"';&|]{8,})"#;
    // Variables of an environment are named less clearly, and have nothing between them and their values.
    let variable = r#"\b((?:[a-z0-9]+_)+(?:token|secret|pass|pwd))=["']?([^\s"';&|]{12,})"#;
    let named = format!(r#"(?:--({name})\s+|\b([a-z0-9_]*{name})["']?\s*(?:=|:\s)\s*){value}"#);
    Regex::new(&format!("(?i){named}|{variable}")).ok()
});

/// The name that a literal that looks like a password is given to.
pub fn assigned_secret(text: &str) -> Option<&str> {
    let regex = ASSIGNED.as_ref()?;
    let literal = |value: &str| {
        value.chars().all(|c| c.is_ascii_graphic())
            && !value.starts_with(['$', '%', '{', '(', '[', '`', '<', '=', '/', '-'])
            && !value.contains(['(', '$', '{', ',', '[', '.', '<', '>'])
            && value.chars().any(|c| c.is_ascii_digit())
            && value.chars().any(|c| c.is_ascii_alphabetic())
            && !value.contains("EXAMPLE")
    };
    regex.captures_iter(text).find_map(|found| {
        let name = [1, 2, 4].iter().find_map(|&group| found.get(group))?.as_str();
        found.get(3).or_else(|| found.get(5)).filter(|value| literal(value.as_str())).map(|_| name)
    })
}

/// Whether a name says that its value is a secret.
pub fn says_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let last = lower.rsplit('/').next().unwrap_or(&lower);
    WORDS.iter().any(|word| last.contains(word)) && !LEADING.iter().any(|word| last.ends_with(word))
}

/// Whether a value is a text of its own, rather than the name of where something is kept or a word for it.
pub fn is_literal(value: &str) -> bool {
    let value = value.trim();
    let lower = value.to_ascii_lowercase();
    let placeholder =
        ["changeme", "change_me", "placeholder", "todo", "none", "null", "example", "dummy", "true", "false"];
    value.chars().count() >= 6
        && !value.starts_with("arn:")
        // An address, unless somebody's password is in it.
        && (value.contains('@') || !value.starts_with("http://") && !value.starts_with("https://"))
        && !value.starts_with(['/', '$', '<', '{'])
        && !value.contains("{{")
        && !value.contains(char::is_whitespace)
        && !placeholder.iter().any(|word| lower == *word || lower.trim_matches(['-', '_']) == *word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_look_like_secrets() {
        for (name, value, secret) in [
            ("/shop/db_password", "Tr0ub4dor-3xample", true),
            ("/shop/db_secret_arn", "arn:aws:secretsmanager:x", false),
            ("/shop/db_password_name", "main-database", false),
            ("Token", "AKIAIOSFODNN7EXAMPLE", true),
            ("/shop/token", "CHANGEME", false),
            ("/shop/token_page", "https://login.example.com/token", false),
            ("/shop/token_page", "https://me:Tr0ub4dor@login.example.com/", true),
            ("/shop/colour", "turquoise", false),
        ] {
            assert_eq!(says_secret(name) && is_literal(value), secret, "{name}");
        }
        for (text, has) in [
            ("postgres://app:Xk29pLq0Zr7@db.example.com/x", true),
            ("url=amqps://u:s3cr3tvalue@mq:5671", true),
            ("https://example.com:8443/@scope", false),
            ("postgres://app:${Password}@db", false),
            ("git@github.com:x/y", false),
        ] {
            assert_eq!(has_password(text), has, "{text}");
        }
        for (text, name) in [
            ("export API_TOKEN=f3b2a19c8d7e6f504132", Some("API_TOKEN")),
            ("MYSQL_PWD='aB3dE5fG7hI9' mysql", Some("MYSQL_PWD")),
            ("mysql --password Xk29pLq0Zr7", Some("password")),
            ("API_TOKEN=$(aws ssm get-parameter --name x)", None),
            ("API_TOKEN=${}-suffix12345", None),
            ("next_token=page", None),
        ] {
            assert_eq!(assigned_secret(text), name, "{text}");
        }
        assert!(is_marked("key=AKIAABCDEFGHIJKLMNOP"));
        assert!(!is_marked("AKIAIOSFODNN7EXAMPLE"));
    }
}
