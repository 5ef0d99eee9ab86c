//! A validator for the keywords of JSON Schema 2020-12 that `docs/report.schema.json` uses, and for no others: a keyword
//! that it does not know is a fault, so that nothing in the schema goes unchecked.
//!
//! It is stricter in one way: where an object's properties are listed, others are faults. Readers pass over what they do
//! not know; what we write is known.

use serde_json::Value;

/// Every way in which the document is not as described, as `PLACE: FAULT`.
pub fn faults(schema: &Value, document: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    check(schema, schema, document, "", &mut faults);
    faults
}

fn check(root: &Value, schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
    let rules = schema.as_object().expect("a schema is an object");
    for (keyword, rule) in rules {
        let holds = match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" => true,
            "$ref" => {
                let pointer = rule.as_str().and_then(|text| text.strip_prefix('#')).expect("a local reference");
                check(root, root.pointer(pointer).expect("a definition"), value, place, faults);
                true
            }
            "const" => rule == value,
            "enum" => rule.as_array().expect("a list").contains(value),
            "type" => match rule {
                Value::String(name) => is(value, name),
                Value::Array(names) => names.iter().any(|name| is(value, name.as_str().expect("a type"))),
                _ => false,
            },
            "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().expect("a number")),
            "required" => value.as_object().is_none_or(|object| {
                rule.as_array().expect("a list").iter().all(|name| object.contains_key(name.as_str().expect("a name")))
            }),
            "properties" => {
                for (name, value) in value.as_object().into_iter().flatten() {
                    let place = format!("{place}/{name}");
                    match rule.get(name) {
                        Some(rule) => check(root, rule, value, &place, faults),
                        None => faults.push(format!("{place}: not described")),
                    }
                }
                true
            }
            "items" => {
                for (number, value) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, rule, value, &format!("{place}/{number}"), faults);
                }
                true
            }
            "anyOf" => rule.as_array().expect("a list").iter().any(|rule| {
                let mut inner = Vec::new();
                check(root, rule, value, place, &mut inner);
                inner.is_empty()
            }),
            _ => false,
        };
        if !holds {
            faults.push(format!("{place}: {keyword} {rule}, not {value}"));
        }
    }
}

fn is(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}
