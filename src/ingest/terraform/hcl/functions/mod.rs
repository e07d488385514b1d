//! Functions. One that is not known here, or whose arguments are not known enough, gives a value that is not known.

mod collections;
mod files;
mod numbers;
mod texts;

use hcl_edit::expr::Expression;
use hcl_edit::expr::FuncCall;

use super::eval::Evaluator;
use super::eval::Scope;
use super::value::Content;
use super::value::Encoding;
use super::value::Value;

impl Evaluator<'_> {
    pub(super) fn call(&mut self, call: &FuncCall, scope: &Scope<'_>) -> Value {
        let name = call.name.name.as_str();
        if !call.name.namespace.is_empty() {
            return Value::unknown(&format!("{name}()"));
        }
        let arguments: Vec<&Expression> = call.args.iter().collect();
        match name {
            "try" => return self.first_that_is_known(&arguments, scope),
            "can" => {
                let value = arguments.first().map(|argument| self.eval(argument, scope));
                let known = value.is_some_and(|value| value.blocker().is_none());
                return if known { Content::Bool(true).into() } else { Value::unknown("can()") };
            }
            "templatefile" => return self.template_file(&arguments, scope),
            _ => {}
        }
        let mut values: Vec<Value> = arguments.iter().map(|argument| self.eval(argument, scope)).collect();
        if call.args.expand_final()
            && let Some(last) = values.pop()
        {
            let last = self.opened(last);
            match last.content {
                Content::List(elements) => values.extend(elements),
                _ => return Value::unknown(last.blocker().unwrap_or("arguments that are not known")),
            }
        }
        let sensitive =
            name != "nonsensitive" && (name == "sensitive" || values.iter().any(|one| one.sensitive));
        let blocker = values.iter().find_map(|value| value.blocker().map(str::to_owned));
        let made = self.apply(name, values);
        let mut made = made.unwrap_or_else(|| {
            blocker.map_or_else(|| Value::unknown(&format!("{name}()")), |blocker| Value::unknown(&blocker))
        });
        made.sensitive |= sensitive;
        made
    }

    fn apply(&mut self, name: &str, values: Vec<Value>) -> Option<Value> {
        let values: Vec<Value> = values.into_iter().map(|value| self.opened(value)).collect();
        match (name, values.as_slice()) {
            ("jsonencode", [value]) => Some(encoded(value, Encoding::Json)),
            ("yamlencode", [value]) => Some(encoded(value, Encoding::Yaml)),
            ("jsondecode" | "yamldecode", [value]) => self.decoded(value),
            (
                "sensitive" | "nonsensitive" | "tolist" | "tomap" | "ephemeralasnull" | "issensitive",
                [value],
            ) => Some(value.clone()).filter(|_| name != "issensitive"),
            _ => self
                .collection_function(name, &values)
                .or_else(|| self.text_function(name, &values))
                .or_else(|| self.number_function(name, &values))
                .or_else(|| self.file_function(name, &values)),
        }
    }

    fn decoded(&mut self, value: &Value) -> Option<Value> {
        if let Content::Encoded(inner, _) = &value.content {
            return Some((**inner).clone());
        }
        let text = value.known(&self.assembly.tree)?;
        let read: serde_json::Value = serde_json::from_str(&text).ok()?;
        Some(of_json(&read))
    }

    fn first_that_is_known(&mut self, arguments: &[&Expression], scope: &Scope<'_>) -> Value {
        let mut last = Value::unknown("try()");
        for argument in arguments {
            last = self.eval(argument, scope);
            let missing = matches!(&last.content, Content::Unknown(_));
            if !missing {
                break;
            }
        }
        last
    }
}

/// The text that a value becomes; the value itself stays at hand.
fn encoded(value: &Value, encoding: Encoding) -> Value {
    Content::Encoded(Box::new(value.clone()), encoding).into()
}

fn of_json(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Content::Null.into(),
        serde_json::Value::Bool(value) => Content::Bool(*value).into(),
        serde_json::Value::Number(number) => Content::Number(number.to_string().into()).into(),
        serde_json::Value::String(text) => Value::text(text),
        serde_json::Value::Array(all) => Value::list(all.iter().map(of_json).collect()),
        serde_json::Value::Object(all) => {
            Value::map(all.iter().map(|(key, value)| (key.as_str().into(), of_json(value))).collect())
        }
    }
}
