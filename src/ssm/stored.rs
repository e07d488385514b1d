//! Scripts that read stored parameters: the calls of the AWS command line, of PowerShell and of SDKs that a text holds.

use std::sync::LazyLock;

use regex::Regex;
use rustc_hash::FxHashMap;

/// A call that reads stored parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRead {
    /// The IAM action.
    pub action: &'static str,
    /// The names or paths that it asks for. One that the script puts together ends in `*` behind what is known.
    pub names: Vec<String>,
    /// Whether the script also asks for names of which nothing is known.
    pub open: bool,
}

/// How a call is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Shell,
    PowerShell,
    Sdk,
}

/// Calls, by what follows `get-parameter`, in small letters and without what stands between words.
const ACTIONS: &[(&str, &str)] = &[
    ("", "ssm:GetParameter"),
    ("s", "ssm:GetParameters"),
    ("value", "ssm:GetParameters"),
    ("sbypath", "ssm:GetParametersByPath"),
    ("history", "ssm:GetParameterHistory"),
];

/// The options and arguments that hold names.
const NAMES: &[&str] = &["name", "names", "path"];

/// How far behind a call its arguments are looked for.
const ARGUMENTS: usize = 2000;

static CALL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?P<shell>\bssm\s+get-parameter(?P<a>s-by-path|-history|s)?)(?:\s|$)",
        r"|(?P<ps>\bGet-SSMParameter(?P<b>sByPath|History|Value)?)(?:\s|$)",
        r"|\bget_?parameter(?P<c>s_?by_?path|_?history|s)?(?:command)?\s*\(",
    ))
    .ok()
});

static ASSIGNMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?m)(?:^|[;&\s])(?:export\s+|local\s+|readonly\s+)?\$?(?P<name>[A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*",
        r#"(?:"(?P<d>[^"\n]*)"|'(?P<s>[^'\n]*)'|(?P<w>[^\s;&|"'()]*))"#,
    ))
    .ok()
});

static AGENT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"amazon-cloudwatch-agent-ctl[^\n;|]*\s-c\s*["']?ssm:([^\s"';|)]+)"#).ok());

/// The calls of a script that read stored parameters, in order.
pub fn stored_reads(script: &str) -> Vec<StoredRead> {
    let mut out = Vec::new();
    if !holds(script, "parameter") && !script.contains("ssm:") {
        return out;
    }
    let text = joined(script);
    let variables = assignments(&text);
    for found in CALL.iter().flat_map(|call| call.captures_iter(&text)) {
        let Some(whole) = found.get(0).filter(|whole| !is_comment(&text, whole.start())) else { continue };
        let (form, kind) = match (found.name("shell"), found.name("ps")) {
            (Some(_), _) => (Form::Shell, found.name("a")),
            (_, Some(_)) => (Form::PowerShell, found.name("b")),
            _ => (Form::Sdk, found.name("c")),
        };
        let mut kind = kind.map_or(String::new(), |kind| kind.as_str().to_ascii_lowercase());
        kind.retain(|letter| letter.is_ascii_alphabetic());
        let Some((_, action)) = ACTIONS.iter().find(|(own, _)| *own == kind) else { continue };
        let behind = text.get(whole.end()..).unwrap_or("");
        let behind = behind.get(..ceiling(behind, ARGUMENTS)).unwrap_or(behind);
        let words = if form == Form::Sdk { arguments(behind) } else { options(behind, form) };
        out.push(read(action, words, &variables));
    }
    for found in AGENT.iter().flat_map(|agent| agent.captures_iter(&text)) {
        let word = found.get(1).map_or("", |name| name.as_str()).to_owned();
        out.push(read("ssm:GetParameter", vec![Word { text: word, cut: false }], &variables));
    }
    out
}

/// A name as it is written, and whether more of it follows that is worked out.
struct Word {
    text: String,
    cut: bool,
}

fn read(action: &'static str, words: Vec<Word>, variables: &FxHashMap<&str, Option<&str>>) -> StoredRead {
    let mut out = StoredRead { action, names: Vec::new(), open: words.is_empty() };
    for word in words {
        match name(&word, variables) {
            Some(name) if out.names.contains(&name) => {}
            Some(name) => out.names.push(name),
            None => out.open = true,
        }
    }
    out
}

/// The name that a word stands for, without its version; nothing where its beginning is not known.
fn name(word: &Word, variables: &FxHashMap<&str, Option<&str>>) -> Option<String> {
    let mut out = String::new();
    let mut rest = word.text.as_str();
    let mut cut = word.cut;
    while let Some(at) = rest.find(|letter: char| !is_of_name(letter)) {
        out.push_str(rest.get(..at)?);
        rest = rest.get(at..)?;
        let inner = rest.strip_prefix('$').map(|inner| inner.strip_prefix('{').unwrap_or(inner));
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let end = inner.map(|inner| (inner, inner.find(|letter| !is_word(letter)).unwrap_or(inner.len())));
        let known = end
            .and_then(|(inner, end)| Some((variables.get(inner.get(..end)?)?.as_ref()?, inner.get(end..)?)));
        let Some((known, tail)) = known.filter(|(known, _)| known.chars().all(is_of_name)) else {
            cut = true;
            rest = "";
            break;
        };
        out.push_str(known);
        rest = if inner.is_some_and(|inner| rest.len() > inner.len() + 1) {
            tail.strip_prefix('}').unwrap_or(tail)
        } else {
            tail
        };
    }
    out.push_str(rest);
    if cut {
        let known = out.trim_start_matches('/');
        return known.chars().any(char::is_alphanumeric).then(|| format!("{out}*"));
    }
    if !out.starts_with("arn:") {
        out.truncate(out.find(':').unwrap_or(out.len()));
    }
    (!out.trim_matches('/').is_empty()).then_some(out)
}

/// Letters of names, of versions and of ARNs; what stands for a part that the input does not decide is one too.
fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "/_.-:".contains(letter) || is_stand_in(letter)
}

/// Whether a letter stands for something else: those of private use.
pub fn is_stand_in(letter: char) -> bool {
    ('\u{e000}'..='\u{f8ff}').contains(&letter)
}

/// The names among the options behind a command.
fn options(behind: &str, form: Form) -> Vec<Word> {
    let words = words(behind, form);
    let mut out = Vec::new();
    let mut is_name = form == Form::PowerShell;
    for word in words {
        let option = word.trim_start_matches('-');
        if option.len() == word.len() {
            if is_name {
                out.push(Word { text: word, cut: false });
            }
            continue;
        }
        let (option, value) =
            option.split_once('=').map_or((option, None), |(own, value)| (own, Some(value)));
        is_name = NAMES.contains(&&*option.to_ascii_lowercase());
        if let Some(value) = value.filter(|_| is_name) {
            out.push(Word { text: value.to_owned(), cut: false });
            is_name = false;
        }
    }
    out
}

/// The words of a command up to its end.
fn words(text: &str, form: Form) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for letter in text.chars() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, '@' | '(' | ',') if form == Form::PowerShell => out.extend(word.take()),
            (None, '\n' | ';' | '|' | '&' | ')' | '`') => break,
            (None, _) if letter.is_whitespace() => out.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    out.extend(word);
    out
}

/// The names among the arguments of a call: the texts behind `Name=`, `Names:` and the like.
fn arguments(behind: &str) -> Vec<Word> {
    let mut out = Vec::new();
    let mut depth = 1_usize;
    let mut is_name = false;
    let mut at = 0;
    while let Some(letter) = behind.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = behind.get(at + letter.len_utf8()..).unwrap_or("");
        at += letter.len_utf8();
        match letter {
            '(' | '{' | '[' => depth += 1,
            ')' | '}' | ']' => {
                depth -= 1;
                is_name = false;
                if depth == 0 {
                    break;
                }
            }
            '"' | '\'' | '`' => {
                let Some(end) = rest.find(letter) else { break };
                let text = rest.get(..end).unwrap_or("");
                let after = rest.get(end + 1..).unwrap_or("").trim_start();
                at += end + 1;
                if is_name {
                    let cut = after.starts_with(['+', '%', '.']);
                    out.push(Word { text: text.to_owned(), cut });
                    // The rest of what is put together says nothing of its own.
                    let rest = behind.get(at..).filter(|_| cut).unwrap_or("");
                    at += rest.find([',', ')', ']', '}']).unwrap_or(rest.len());
                } else if after.starts_with(':') {
                    is_name = NAMES.contains(&&*text.to_ascii_lowercase());
                }
            }
            _ if letter.is_ascii_alphabetic() => {
                let end =
                    rest.find(|one: char| !one.is_ascii_alphanumeric() && one != '_').unwrap_or(rest.len());
                let word = format!("{letter}{}", rest.get(..end).unwrap_or(""));
                let after = rest.get(end..).unwrap_or("").trim_start();
                at += end;
                if after.starts_with([':', '=']) {
                    is_name = NAMES.contains(&&*word.to_ascii_lowercase());
                } else if is_name && !after.starts_with(['"', '\'', '`']) {
                    out.push(Word { text: "$".to_owned(), cut: true });
                    is_name = false;
                }
            }
            _ => {}
        }
    }
    out
}

/// The variables of a script, each with its value; without one where it has several or one that is worked out.
fn assignments(text: &str) -> FxHashMap<&str, Option<&str>> {
    let mut out: FxHashMap<&str, Option<&str>> = FxHashMap::default();
    for found in ASSIGNMENT.iter().flat_map(|one| one.captures_iter(text)) {
        let value = ["d", "s", "w"].iter().find_map(|group| found.name(group)).map(|value| value.as_str());
        let (Some(name), Some(value)) = (found.name("name"), value) else { continue };
        let known = out.entry(name.as_str()).or_insert(Some(value));
        if *known != Some(value) {
            *known = None;
        }
    }
    out
}

/// A script whose lines that go on are one line.
fn joined(script: &str) -> String {
    script.replace("\r\n", "\n").replace("\\\n", " ").replace("`\n", " ")
}

/// Whether a place is behind the sign of a comment that begins its line.
fn is_comment(text: &str, at: usize) -> bool {
    let line = text.get(..at).and_then(|before| before.rsplit('\n').next()).unwrap_or("").trim_start();
    ["#", "//", "REM ", "rem "].iter().any(|sign| line.starts_with(sign))
}

fn holds(text: &str, word: &str) -> bool {
    text.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

/// The first end of a letter from a length on.
fn ceiling(text: &str, length: usize) -> usize {
    (length..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(script: &str) -> Vec<String> {
        let show = |one: StoredRead| {
            let open = if one.open { " and more" } else { "" };
            format!("{} {}{open}", one.action.trim_start_matches("ssm:"), one.names.join(" "))
        };
        stored_reads(script).into_iter().map(show).collect()
    }

    #[test]
    fn commands_name_what_they_read() {
        let cases: &[(&str, &[&str])] = &[
            ("DB=$(aws ssm get-parameter --name /prod/db --with-decryption)", &["GetParameter /prod/db"]),
            (
                "aws ssm get-parameters \\\n  --names /a/b \"/a/c\" --region x; echo /no",
                &["GetParameters /a/b /a/c"],
            ),
            ("aws --region x ssm get-parameters-by-path --path=/a/b | jq .", &["GetParametersByPath /a/b"]),
            ("E=prod\naws ssm get-parameter --name \"/$E/db\"", &["GetParameter /prod/db"]),
            ("export E='prod'\naws ssm get-parameter --name /${E}/db:3", &["GetParameter /prod/db"]),
            ("aws ssm get-parameter --name /app/${HOST}/db", &["GetParameter /app/*"]),
            ("aws ssm get-parameter --name \"$1\"", &["GetParameter  and more"]),
            ("# aws ssm get-parameter --name /a", &[]),
            ("aws ssm get-parameter-history --name a-b", &["GetParameterHistory a-b"]),
            ("(Get-SSMParameter -Name \"/w/x\" -WithDecryption $true).Value", &["GetParameter /w/x"]),
            ("Get-SSMParameterValue -Name @('/w/x', '/w/y')", &["GetParameters /w/x /w/y"]),
            ("get-ssmparametersbypath -path /w `\n -Recursive $true", &["GetParametersByPath /w"]),
            ("ssm.get_parameter(Name='/p/x', WithDecryption=True)", &["GetParameter /p/x"]),
            ("ssm.get_parameter(Name='/p/' + env)", &["GetParameter /p/*"]),
            ("ssm.get_parameters(Names=[\"/p/x\", '/p/y'])", &["GetParameters /p/x /p/y"]),
            ("ssm.get_parameter(Name=name)", &["GetParameter  and more"]),
            ("new GetParameterCommand({ Name: \"/p/x\" })", &["GetParameter /p/x"]),
            ("amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c ssm:Agent", &["GetParameter Agent"]),
            ("echo get-parameter", &[]),
        ];
        for (script, wanted) in cases {
            assert_eq!(said(script), *wanted, "{script}");
        }
    }
}
