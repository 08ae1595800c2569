//! An export in CSV: a row a quota or amount, put together again to readings.

use std::collections::HashMap;
use std::io::BufRead;

use serde_json::{Map, Value, json};
use tidemark_core::Meter;
use tidemark_core::text;

use super::reader::{ImportError, Reader};
use super::rows::Rows;

/// The columns without which a sheet is not one of ours.
const NEEDED: [&str; 4] = ["type", "at", "account", "item"];

/// Hands on the records of a sheet. What a sheet does not have stays unknown: requests, rate limits, what was not
/// understood of an answer.
pub(super) fn read(input: &mut dyn BufRead, reader: &mut Reader<'_>) -> Result<(), ImportError> {
    let mut rows = Rows::new(input);
    let head = rows.next()?.and_then(|row| row.fields).ok_or(ImportError::NotAnExport)?;
    let columns: HashMap<&str, usize> =
        head.iter().enumerate().map(|(place, name)| (name.trim(), place)).collect();
    if !NEEDED.iter().all(|name| columns.contains_key(name)) {
        return Err(ImportError::NotAnExport);
    }
    let mut pending: Option<Pending> = None;
    while let Some(row) = rows.next()? {
        let Some(fields) = row.fields else {
            reader.damaged(row.line, "the row is too long, or no text in UTF-8");
            continue;
        };
        if fields.iter().all(String::is_empty) {
            continue;
        }
        let fields = Fields { columns: &columns, fields: &fields };
        if fields.get("type") == "reading" {
            let key = ["at", "account", "source", "region", "plan"].map(|name| fields.get(name).to_owned());
            if pending.as_ref().is_none_or(|pending| pending.key != key) {
                if let Some(whole) = pending.take() {
                    whole.hand_on(reader)?;
                }
                pending = Some(Pending::new(row.line, key));
            }
            if let Some(pending) = &mut pending {
                pending.add(&fields, reader);
            }
            continue;
        }
        if let Some(whole) = pending.take() {
            whole.hand_on(reader)?;
        }
        match fields.get("type") {
            "failure" => {
                let line = json!({
                    "type": "failure", "at": fields.get("at"), "account": fields.optional("account"),
                    "kind": fields.get("item"),
                });
                reader.record(row.line, line.to_string().as_bytes())?;
            }
            "incident" => reader.record(row.line, incident(&fields).to_string().as_bytes())?,
            "announcement" => reader.report.incomplete += 1,
            _ => reader.report.unknown += 1,
        }
    }
    if let Some(whole) = pending {
        whole.hand_on(reader)?;
    }
    Ok(())
}

/// The fields of a row, by the names of their columns.
struct Fields<'a> {
    columns: &'a HashMap<&'a str, usize>,
    fields: &'a [String],
}

impl Fields<'_> {
    fn get(&self, name: &str) -> &str {
        let field = self.columns.get(name).and_then(|place| self.fields.get(*place));
        let field = field.map_or("", String::as_str);
        // What a spreadsheet would calculate was written as text.
        match field.strip_prefix('\'') {
            Some(rest) if text::cell(rest) == field => rest,
            _ => field,
        }
    }

    fn optional(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|field| !field.is_empty())
    }

    /// A number as the readers of JSON expect it.
    fn number(&self, name: &str) -> Value {
        self.optional(name).and_then(|text| text.parse::<f64>().ok()).map_or(Value::Null, Value::from)
    }

    fn money(&self) -> Value {
        json!({"amount": self.optional("amount"), "currency": self.optional("currency")})
    }
}

/// An incident; its words are written one after the other.
fn incident(fields: &Fields<'_>) -> Value {
    const IMPACTS: [&str; 5] = ["none", "minor", "major", "critical", "maintenance"];
    let (state, rest) = match fields.get("detail").split_once(": ") {
        Some((state, rest)) => (state, Some(rest)),
        None => (fields.get("detail"), None),
    };
    let (impact, title) = match rest.map(|rest| rest.split_once(": ").unwrap_or((rest, ""))) {
        Some((impact, title)) if IMPACTS.contains(&impact) => (Some(impact), Some(title)),
        _ => (None, rest),
    };
    json!({
        "type": "incident", "at": fields.get("at"), "id": fields.get("item"), "state": state, "impact": impact,
        "title": title.filter(|title| !title.is_empty()),
    })
}

/// A reading whose rows are still coming.
struct Pending {
    line: u64,
    key: [String; 5],
    meters: Vec<Value>,
    balance: Map<String, Value>,
    wallet: Map<String, Value>,
}

impl Pending {
    fn new(line: u64, key: [String; 5]) -> Self {
        Self { line, key, meters: Vec::new(), balance: Map::new(), wallet: Map::new() }
    }

    fn add(&mut self, fields: &Fields<'_>, reader: &mut Reader<'_>) {
        let item = fields.get("item");
        if item.parse::<Meter>().is_ok() {
            self.meters.push(json!({
                "meter": item, "used_percent": fields.number("used_percent"), "used": fields.optional("used"),
                "limit": fields.optional("limit"), "resets_at": fields.optional("resets_at"),
                "conflict": fields.get("conflict") == "true",
            }));
        } else if let Some(part @ ("available" | "voucher" | "cash")) = item.strip_prefix("balance-") {
            self.balance.insert("currency".to_owned(), fields.optional("currency").into());
            self.balance.insert(part.to_owned(), fields.optional("amount").into());
        } else if let Some(part @ ("balance" | "month-used" | "month-cap")) = item.strip_prefix("wallet-") {
            self.wallet.insert(part.replace('-', "_"), fields.money());
        } else if !item.is_empty() {
            reader.unknown_meter(item);
        }
    }

    fn hand_on(self, reader: &mut Reader<'_>) -> std::io::Result<()> {
        let [at, account, source, region, plan] = self.key;
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let part = |part: Map<String, Value>| if part.is_empty() { Value::Null } else { Value::Object(part) };
        let line = json!({
            "type": "reading", "at": at, "account": some(account), "source": source, "region": region,
            "plan": some(plan), "meters": self.meters, "balance": part(self.balance), "wallet": part(self.wallet),
        });
        reader.record(self.line, line.to_string().as_bytes())
    }
}
