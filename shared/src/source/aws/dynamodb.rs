//! DynamoDB: `PutItem`, `UpdateItem`, `DeleteItem` and `BatchWriteItem`. A row is a flat object: its attributes without their types.

use super::{Answer, Ask, Call, Failure, Form, Put, Why, counted, one, told, unknown_operation};
use crate::ingest::RecordResult;
use crate::source::Slice;
use crate::source::changes::plain_value;
use crate::source::draft::name;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Items of a call, as AWS has it.
const ITEMS: usize = 25;

type Item = Map<String, Value>;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutItem {
    table_name: String,
    item: Item,
    #[serde(flatten)]
    conditions: Conditions,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeleteItem {
    table_name: String,
    key: Item,
    #[serde(flatten)]
    conditions: Conditions,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateItem {
    table_name: String,
    key: Item,
    update_expression: Option<String>,
    #[serde(default)]
    expression_attribute_names: BTreeMap<String, String>,
    #[serde(default)]
    expression_attribute_values: Item,
    #[serde(default)]
    attribute_updates: BTreeMap<String, AttributeUpdate>,
    #[serde(flatten)]
    conditions: Conditions,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AttributeUpdate {
    value: Option<Value>,
    action: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BatchWriteItem {
    request_items: BTreeMap<String, Vec<Write>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Write {
    put_request: Option<PutRequest>,
    delete_request: Option<DeleteRequest>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeleteRequest {
    key: Item,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutRequest {
    item: Item,
}

/// What would make a call depend on what is there.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Conditions {
    condition_expression: Option<String>,
    expected: Option<Item>,
}

fn invalid(message: impl Into<String>) -> Failure {
    Failure::new(Why::Invalid, message)
}

impl Conditions {
    fn refuse(&self) -> Result<(), Failure> {
        if self.condition_expression.is_none() && self.expected.is_none() {
            return Ok(());
        }
        Err(invalid("ConditionExpression and Expected are not taken here: events are ordered by their time"))
    }
}

/// Opens a call.
pub(super) fn open<'a>(call: Call<'a>, operation: Option<&str>) -> Result<Ask<'a>, Failure> {
    match operation {
        Some("PutItem") => {
            let body: PutItem = call.json()?;
            call.reaches_last(&body.table_name)?;
            body.conditions.refuse()?;
            let mut put = Put::new(call, One);
            put.entry(row(&body.item))?;
            Ok(Ask::Put(put))
        }
        Some("UpdateItem") => {
            let body: UpdateItem = call.json()?;
            call.reaches_last(&body.table_name)?;
            body.conditions.refuse()?;
            let mut put = Put::new(call, One);
            put.entry(updated(body)?)?;
            Ok(Ask::Put(put))
        }
        Some("DeleteItem") => {
            let body: DeleteItem = call.json()?;
            call.reaches_last(&body.table_name)?;
            body.conditions.refuse()?;
            let mut put = Put::new(call, One);
            put.entry(removed(&body.key))?;
            Ok(Ask::Put(put))
        }
        Some("BatchWriteItem") => {
            let body: BatchWriteItem = call.json()?;
            for table in body.request_items.keys() {
                call.reaches_last(table)?;
            }
            counted(body.request_items.values().map(Vec::len).sum(), ITEMS)?;
            let mut put = Put::new(call, Batch);
            for write in body.request_items.into_values().flatten() {
                put.entry(match (write.put_request, write.delete_request) {
                    (Some(PutRequest { item }), None) => row(&item),
                    (None, Some(DeleteRequest { key })) => removed(&key),
                    _ => return Err(invalid("each write is one of PutRequest and DeleteRequest")),
                })?;
            }
            Ok(Ask::Put(put))
        }
        other => Err(unknown_operation(other)),
    }
}

fn plain(item: &Item) -> Item {
    item.iter().map(|(name, value)| (name.clone(), plain_value(value))).collect()
}

fn row(item: &Item) -> Slice<'static> {
    Slice::new(Value::Object(plain(item)).to_string())
}

/// A row that is deleted, as the table's stream tells it.
fn removed(key: &Item) -> Slice<'static> {
    let record = json!({"eventSource": "aws:dynamodb", "eventName": "REMOVE", "dynamodb": {"Keys": key}});
    Slice::new(record.to_string())
}

/// A row with what is set of it; what is not stays as it was.
fn updated(body: UpdateItem) -> Result<Slice<'static>, Failure> {
    let mut row = plain(&body.key);
    let parts: Option<Vec<String>> = row.values().map(name).collect();
    let key = parts.map(|parts| parts.join("/"));
    let expression = body.update_expression.unwrap_or_default();
    for (target, value) in assignments(&expression)? {
        let is_name = target.starts_with('#');
        let name = if is_name { body.expression_attribute_names.get(target).map(String::as_str) } else { Some(target) };
        let name = name.ok_or_else(|| invalid(format!("ExpressionAttributeNames has no {target}")))?;
        let value = body.expression_attribute_values.get(value);
        let value = value.ok_or_else(|| invalid(format!("ExpressionAttributeValues lacks a value of {target}")))?;
        row.insert(name.to_owned(), plain_value(value));
    }
    for (name, AttributeUpdate { value, action }) in body.attribute_updates {
        let Some(value) = value.filter(|_| action.is_none_or(|action| action == "PUT")) else {
            return Err(invalid(format!("AttributeUpdates takes PUT with a value; {name} has another")));
        };
        row.insert(name, plain_value(&value));
    }
    Ok(Slice { key, ..Slice::new(Value::Object(row).to_string()) })
}

/// The names and values of `SET name = :value, #other = :other`.
fn assignments(expression: &str) -> Result<Vec<(&str, &str)>, Failure> {
    let text = expression.trim();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let refused = || {
        let what = "UpdateExpression is SET with plain assignments here, SET speed = :v, #n = :n";
        invalid(format!("{what}; this one is {expression:?}"))
    };
    let is_set =
        text.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("set ") || word.eq_ignore_ascii_case("set\n"));
    let rest = text.get(4..).filter(|_| is_set).ok_or_else(refused)?;
    let is_word = |word: &str| {
        let word = word.strip_prefix(['#', ':']).unwrap_or(word);
        !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
    };
    rest.split(',')
        .map(|part| {
            let (name, value) = part.split_once('=').ok_or_else(refused)?;
            let (name, value) = (name.trim(), value.trim());
            let is_good = is_word(name) && !name.starts_with(':') && value.starts_with(':') && is_word(value);
            if is_good { Ok((name, value)) } else { Err(refused()) }
        })
        .collect()
}

struct One;
struct Batch;

impl Form for One {
    fn answer(&self, call: &Call<'_>, fates: &[Option<&RecordResult>]) -> Result<Answer, Failure> {
        one(fates, Answer::done(call.service, &json!({})))
    }
}

impl Form for Batch {
    /// There is no way to say of one item that it is refused: `UnprocessedItems` would be sent again for ever.
    fn answer(&self, call: &Call<'_>, fates: &[Option<&RecordResult>]) -> Result<Answer, Failure> {
        match fates.first().copied().flatten() {
            Some(refusal) if fates.iter().all(Option::is_some) => Err(invalid(told(refusal))),
            _ => Ok(Answer::done(call.service, &json!({"UnprocessedItems": {}}))),
        }
    }
}
