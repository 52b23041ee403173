//! The JSON Schema of scenarios, for editors: made from the same definitions as the reader.

use serde_json::{Map, Value, json};

use super::{
    grammar::{Flag, Grammar, fields_of},
    kind::{FlagValue, StepKind, Takes, ValueKind, Verb},
    reading::ADDRESS_FLAGS,
};

/// The schema.
#[must_use]
pub fn schema(grammar: &dyn Grammar) -> Value {
    let definitions: Map<String, Value> =
        StepKind::ALL.into_iter().map(|kind| (kind.word().to_owned(), kind_schema(kind, grammar))).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "esp-https/hil-scenario/1",
        "title": "A scenario of `esp-https hil`",
        "type": "object",
        "additionalProperties": false,
        "required": ["step"],
        "properties": {
            "name": {"description": "What the scenario is called [default: the name of its file]", "type": "string", "minLength": 1},
            "default-target": {"description": "The target that is taken when none is named", "type": "string", "minLength": 1},
            "max-time": {"description": "How long all of it may take", "$ref": "#/$defs/time"},
            "target": {"description": "What it may run on, by name", "type": "object", "additionalProperties": {"oneOf": targets(grammar)}},
            "lab": lab(),
            "step": {"description": "What is done, in this order", "type": "array", "minItems": 1, "items": step()},
        },
        "$defs": with_time(definitions),
    })
}

fn with_time(mut definitions: Map<String, Value>) -> Map<String, Value> {
    let time = json!({
        "description": "A time, such as 500ms, 30s or 1m30s, or a number of seconds",
        "type": ["string", "integer"]
    });
    definitions.insert("time".to_owned(), time);
    definitions
}

fn lab() -> Value {
    json!({
        "description": "What to do when the lab is at fault, and not the firmware",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "recover": {
                "description": "Commands for a shell that run before a step is tried again, such as a power cycle",
                "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
            },
            "retries": {
                "description": "How often a step is tried again [default: 1 with recover, otherwise 0]",
                "type": "integer", "minimum": 0, "maximum": 100
            }
        }
    })
}

fn step() -> Value {
    let mut properties = Map::new();
    let common = json!({
        "name": {"description": "A name that no other step has [default: the word of its kind]", "type": "string", "pattern": "^[A-Za-z0-9_-]+$"},
        "timeout": {"description": "How long one attempt may take [default: 10m, and 1h for a soak]", "$ref": "#/$defs/time"},
        "always": {"description": "Whether it is run although a step before it failed", "type": "boolean"},
        "retry": {"description": "How often it is tried again when the lab is at fault [default: retries of the lab]", "type": "integer", "minimum": 0, "maximum": 100},
    });
    properties.extend(common.as_object().cloned().unwrap_or_default());
    let reference = |kind: &StepKind| json!({"$ref": format!("#/$defs/{}", kind.word())});
    properties.extend(StepKind::ALL.iter().map(|kind| (kind.word().to_owned(), reference(kind))));
    let one_of: Vec<Value> = StepKind::ALL.iter().map(|kind| json!({"required": [kind.word()]})).collect();
    json!({"type": "object", "additionalProperties": false, "properties": properties, "oneOf": one_of})
}

fn kind_schema(kind: StepKind, grammar: &dyn Grammar) -> Value {
    let fields = fields_of(kind, grammar);
    let table = json!({"type": "object", "additionalProperties": false, "properties": properties(&fields)});
    let shorthand = kind.shorthand().and_then(|name| fields.iter().find(|field| field.name == name));
    let mut forms = vec![table];
    forms.extend(shorthand.map(value_schema));
    if shorthand.is_none_or(|field| field.name == "within") {
        forms.push(json!({"const": true}));
    }
    json!({"description": kind.help(), "anyOf": forms})
}

fn targets(grammar: &dyn Grammar) -> Vec<Value> {
    let of = |verb: Verb, hidden: &[&str], own: Value, required: &str| {
        let mut flags = grammar.flags(verb);
        flags.retain(|flag| !hidden.contains(&flag.name.as_str()));
        let mut all = properties(&flags);
        all.extend(own.as_object().cloned().unwrap_or_default());
        json!({"type": "object", "additionalProperties": false, "required": [required], "properties": all})
    };
    let board = json!({
        "board": {"description": "The path of the board's serial port; true for the only one", "anyOf": [{"type": "string"}, {"const": true}]},
        "mac": {"description": "The MAC address of the board", "type": "string"}
    });
    let boards = json!({"boards": {"description": "A manifest, as flash --manifest takes it: the scenario runs on each of its boards", "type": "string"}});
    let emulated = json!({"emulated": {"description": "An emulated board", "const": true}});
    let flash = StepKind::Flash.hidden_flags();
    let mut trust = grammar.flags(Verb::Probe);
    trust.retain(|flag| ADDRESS_FLAGS.contains(&flag.name.as_str()));
    let mut address = properties(&trust);
    address
        .insert("address".to_owned(), json!({"description": "A server, as HOST[:PORT]", "type": "string"}));
    vec![
        of(Verb::Emulate, &["serial-log"], emulated, "emulated"),
        of(Verb::Flash, flash, board, "board"),
        of(Verb::Flash, flash, boards, "boards"),
        json!({"type": "object", "additionalProperties": false, "required": ["address"], "properties": address}),
    ]
}

fn properties(fields: &[Flag]) -> Map<String, Value> {
    fields.iter().map(|field| (field.name.clone(), value_schema(field))).collect()
}

fn value_schema(field: &Flag) -> Value {
    let one = match &field.value {
        _ if field.takes == Takes::Nothing => json!({"type": "boolean"}),
        FlagValue::OneOf(words) => {
            json!({"anyOf": [{"enum": words}, {"type": ["string", "number"], "pattern": r"\$\{"}]})
        }
        FlagValue::Of(ValueKind::Text) => json!({"type": ["string", "number"]}),
        FlagValue::Of(ValueKind::Time) => json!({"$ref": "#/$defs/time"}),
        FlagValue::Of(ValueKind::Count) => {
            json!({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string"}]})
        }
        FlagValue::Of(ValueKind::Bytes) => {
            json!({"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string"}]})
        }
        FlagValue::Of(ValueKind::Regex | ValueKind::Input | ValueKind::Output) => {
            json!({"type": "string", "minLength": 1})
        }
    };
    let mut schema = match field.takes {
        Takes::Many => json!({"anyOf": [one, {"type": "array", "minItems": 1, "items": one}]}),
        _ => one,
    };
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".to_owned(), Value::String(one_line(&field.help)));
    }
    schema
}

fn one_line(help: &str) -> String {
    help.split_whitespace().collect::<Vec<_>>().join(" ")
}
