//! States that version 0.1 wrote.

use serde_json::{Map, Number, Value};

/// What held no floating-point figures: amounts of money are decimal text, and titles may look like figures.
const WITHOUT_FLOATS: [&str; 3] = ["tracker", "cash", "incidents"];

/// Version 0.1 wrote floating-point figures as text, so that they came back exactly. Makes numbers of them.
pub(crate) fn upgrade(state: &mut Value) {
    if !state.pointer("/fresh/requests").is_some_and(Value::is_string) {
        return;
    }
    let Some(fields) = state.as_object_mut() else { return };
    for (_, value) in fields.iter_mut().filter(|(name, _)| !WITHOUT_FLOATS.contains(&name.as_str())) {
        make_numbers(value);
    }
}

fn make_numbers(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(number) = text.parse().ok().and_then(Number::from_f64) {
                *value = Value::Number(number);
            }
        }
        Value::Array(all) => all.iter_mut().for_each(make_numbers),
        Value::Object(fields) => Map::values_mut(fields).for_each(make_numbers),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
