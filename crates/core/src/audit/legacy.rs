//! States that version 0.1 wrote.
//!
//! It wrote floating-point figures as text, so that they came back exactly; kept the six series of an account in a
//! list, by position; and had other names for most things.

use serde_json::{Map, Number, Value};

/// What held no floating-point figures: amounts of money are decimal text, and a title may be a figure.
const WITHOUT_FLOATS: [&str; 3] = ["tracker", "cash", "incidents"];

/// The slots by their position in the lists.
const SLOTS: [&str; 6] = ["5h", "week", "month", "month-code", "balance", "wallet"];

type Fields = Map<String, Value>;

/// Makes a state of this version of one that version 0.1 wrote; leaves others as they are. A field that is not
/// what it should be is left out, and the state is refused by whoever reads it.
pub(super) fn upgrade(state: &mut Value) {
    let Some(fields) = state.as_object_mut().filter(|fields| fields.contains_key("gauges")) else { return };
    for (_, value) in fields.iter_mut().filter(|(name, _)| !WITHOUT_FLOATS.contains(&name.as_str())) {
        make_numbers(value);
    }
    rename(fields, "looks", "polls");
    rename(fields, "lateness", "log_delay");
    rename(fields, "fresh", "usage");
    if let Some(parts) = fields.get_mut("usage").and_then(|usage| usage.pointer_mut("/late/parts")) {
        each(parts, |part| rename(part, "look", "poll"));
    }
    rename(fields, "memory", "ledger");
    with(fields, "ledger", |ledger| {
        rename(ledger, "came", "credits");
        rename(ledger, "taken", "losses");
        if let Some(credits) = ledger.get_mut("credits") {
            each(credits, |credit| rename(credit, "told", "reported"));
        }
    });
    if let Some(models) = by_slot(fields.remove("gauges"), &SLOTS, upgrade_model) {
        fields.insert("models".to_owned(), models);
    }
    let ratios = by_slot(fields.remove("exchanges"), &SLOTS[1..], |ratio| {
        rename(ratio, "block", "window");
        rename(ratio, "stint", "session");
        rename(ratio, "shift", "detector");
        with(ratio, "detector", upgrade_detector);
    });
    let disagreed = by_slot(fields.remove("disagreed"), &SLOTS[1..], |_| {});
    insert(fields, "windows", [("ratios", ratios), ("disagreed", disagreed)]);
    let told = |entry: &mut Fields| {
        rename(entry, "told", "reported");
        rename(entry, "looks", "polls");
    };
    for (old, new) in [("ends", "overdue"), ("conflicts", "conflicts")] {
        if let Some(entries) = by_slot(fields.remove(old), &SLOTS, told) {
            fields.insert(new.to_owned(), entries);
        }
    }
    let (price, unlogged) = (fields.remove("accelerated"), fields.remove("hastened"));
    insert(fields, "accelerations", [("price", price), ("unlogged", unlogged)]);
}

fn upgrade_model(model: &mut Fields) {
    for (old, new) in [
        ("pot", "unbilled"),
        ("poured", "logged_usage"),
        ("stint", "session"),
        ("shift", "detector"),
        ("rest", "idle"),
        ("peaks", "largest_steps"),
        ("tempo", "burn_rate"),
        ("beside", "small_excesses"),
        ("drain", "leak"),
        ("going", "streak"),
    ] {
        rename(model, old, new);
    }
    gather(model, "pricing", [("scale", "ratio"), ("factor", "factor"), ("adopted", "adopted")]);
    gather(
        model,
        "sampler",
        [
            ("block", "window"),
            ("untold", "late"),
            ("posting", "posting"),
            ("unweighed", "unsampled"),
            ("muted", "muted"),
        ],
    );
    gather(model, "coverage", [("logged", "logged"), ("unlogged", "unlogged"), ("worked_looks", "polls")]);
    with(model, "detector", upgrade_detector);
    with(model, "small_excesses", |sum| rename(sum, "at", "noted"));
    with(model, "leak", |leak| {
        rename(leak, "told", "reported");
        if let Some(others) = by_slot(leak.remove("others"), &SLOTS, |_| {}) {
            leak.insert("others".to_owned(), others);
        }
    });
    if let Some(pending) = model.get_mut("pending") {
        each(pending, |candidate| {
            if let Some(other) = candidate.get_mut("reason").and_then(|reason| reason.pointer_mut("/other"))
                && let Some(other) = other.as_object_mut()
                && let Some(meter) = other.remove("meter").and_then(|meter| meter.as_f64())
                && let Some(slot) = SLOTS.get(meter as usize)
            {
                other.insert("window".to_owned(), (*slot).into());
            }
        });
    }
}

fn upgrade_detector(detector: &mut Fields) {
    if let Some(held) = detector.get_mut("held") {
        each(held, |sample| {
            rename(sample, "stint", "session");
            rename(sample, "rest", "idle");
        });
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

fn rename(fields: &mut Fields, old: &str, new: &str) {
    if let Some(value) = fields.remove(old) {
        fields.insert(new.to_owned(), value);
    }
}

fn with(fields: &mut Fields, name: &str, change: impl FnOnce(&mut Fields)) {
    if let Some(inner) = fields.get_mut(name).and_then(Value::as_object_mut) {
        change(inner);
    }
}

fn each(list: &mut Value, change: impl Fn(&mut Fields)) {
    list.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut).for_each(change);
}

/// A list by position as an object by slot.
fn by_slot(list: Option<Value>, slots: &[&str], change: impl Fn(&mut Fields)) -> Option<Value> {
    let Some(Value::Array(list)) = list else { return None };
    let entries = slots.iter().zip(list).filter(|(_, value)| !value.is_null()).map(|(slot, mut value)| {
        if let Some(fields) = value.as_object_mut() {
            change(fields);
        }
        ((*slot).to_owned(), value)
    });
    Some(Value::Object(entries.collect()))
}

/// Puts some fields into one of their own, under other names.
fn gather<const N: usize>(fields: &mut Fields, name: &str, of: [(&str, &'static str); N]) {
    let moved = of.map(|(old, new)| (new, fields.remove(old)));
    insert(fields, name, moved);
}

fn insert<const N: usize>(fields: &mut Fields, name: &str, of: [(&'static str, Option<Value>); N]) {
    let inner = of.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    fields.insert(name.to_owned(), Value::Object(inner.collect()));
}
