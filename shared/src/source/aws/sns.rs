//! SNS: `Publish`, as a form that is answered with XML.

use super::answer::{XMLNS, escaped};
use super::{Answer, Ask, Call, Failure, Form, Put, Why, one, unknown_operation};
use crate::ingest::RecordResult;
use crate::source::Slice;
use serde_json::{Map, Value};

/// Opens a call.
pub(super) fn open(call: Call<'_>) -> Result<Ask<'_>, Failure> {
    let pairs: Vec<_> = form_urlencoded::parse(call.verified.body).collect();
    let value = |name: &str| pairs.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone().into_owned());
    let action = value("Action");
    if action.as_deref() != Some("Publish") {
        return Err(unknown_operation(action.as_deref().or(Some("without Action"))));
    }
    let Some(topic) = value("TopicArn").or_else(|| value("TargetArn")) else {
        return Err(Failure::new(Why::Invalid, "TopicArn is required: messages to phones are not sent from here"));
    };
    call.reaches_last(&topic)?;
    let Some(message) = value("Message") else { return Err(Failure::new(Why::Invalid, "Message is required")) };
    let message = if value("MessageStructure").as_deref() == Some("json") { for_us(&message)? } else { message };
    let mut put = Put::new(call, Published);
    put.entry(Slice { id: value("MessageDeduplicationId"), ..Slice::new(message) })?;
    Ok(Ask::Put(put))
}

/// The message of several that is meant for endpoints like this one.
fn for_us(message: &str) -> Result<String, Failure> {
    let invalid =
        || Failure::new(Why::Invalid, "with MessageStructure json, Message is an object with a text as default");
    let all: Map<String, Value> = serde_json::from_str(message).map_err(|_| invalid())?;
    let text = |name: &str| all.get(name).and_then(Value::as_str);
    let default = text("default").ok_or_else(invalid)?;
    Ok(text("https").or_else(|| text("http")).unwrap_or(default).to_owned())
}

struct Published;

impl Form for Published {
    fn answer(&self, call: &Call<'_>, fates: &[Option<&RecordResult>]) -> Result<Answer, Failure> {
        let (id, request) = (call.uuid(0), escaped(&call.verified.call));
        let body = format!(
            "<PublishResponse xmlns=\"{XMLNS}\"><PublishResult><MessageId>{id}</MessageId></PublishResult>\
             <ResponseMetadata><RequestId>{request}</RequestId></ResponseMetadata></PublishResponse>"
        );
        one(fates, Answer::xml(200, &body))
    }
}
