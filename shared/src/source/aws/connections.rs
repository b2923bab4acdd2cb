//! API Gateway's management API: `POST`, `GET`, `DELETE` of `/@connections/{id}`, for connections of the board's feed.

use super::{Answer, Failure, Service, Why};
use crate::limits;
use crate::relay::connection::{ConnectionAnswer, ConnectionAsk, ConnectionId};
use crate::routes::Method;
use crate::time::Millis;
use serde_json::json;

/// What a call asks for, and of which connection. The id is as the path has it, decoded.
pub fn open(method: Method, id: &str, body: &[u8]) -> Result<(ConnectionId, ConnectionAsk), Failure> {
    let ask = match method {
        Method::Get => ConnectionAsk::Look,
        Method::Delete => ConnectionAsk::End,
        Method::Post | Method::Put | Method::Patch => ConnectionAsk::Tell(text(body)?),
    };
    Ok((id.parse().map_err(|_| gone())?, ask))
}

fn text(body: &[u8]) -> Result<String, Failure> {
    if body.len() > limits::CONNECTION_MESSAGE_BYTES {
        let detail = format!("a message has at most {} bytes", limits::CONNECTION_MESSAGE_BYTES);
        return Err(Failure::new(Why::TooLarge, detail));
    }
    let text = std::str::from_utf8(body).map_err(|e| {
        let detail = format!("a message is text, and this is not UTF-8: byte {} is invalid", e.valid_up_to());
        Failure::new(Why::Unreadable, detail)
    })?;
    Ok(text.to_owned())
}

fn gone() -> Failure {
    Failure::new(Why::NoSuch, "Gone")
}

/// The answer to a call, by what became of it.
pub fn answer(ask: &ConnectionAsk, became: ConnectionAnswer) -> Answer {
    let empty = |status| Answer { status, kind: "application/json", body: Vec::new(), headers: Vec::new() };
    let failure = match became {
        ConnectionAnswer::Done => return empty(if *ask == ConnectionAsk::End { 204 } else { 200 }),
        ConnectionAnswer::Since(since) => return about(since),
        ConnectionAnswer::Gone => gone(),
        ConnectionAnswer::NoWords => Failure::new(
            Why::Unreadable,
            "the connection speaks heliograph.v1.bin, which has no messages of others: connect without it",
        ),
        ConnectionAnswer::Busy => Failure {
            retry_after_s: Some(1),
            ..Failure::new(Why::Throttled, "the connection does not take what was sent")
        },
    };
    failure.answer(Service::ApiGateway)
}

/// Where a viewer sits and what it uses is not kept.
fn about(since: Millis) -> Answer {
    Answer::json(Service::ApiGateway, 200, &json!({"connectedAt": since.to_rfc3339()}))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0.7.1772366400000";

    fn body(answer: &Answer) -> &str {
        std::str::from_utf8(&answer.body).unwrap()
    }

    #[test]
    fn each_method_asks_for_its_own() {
        let id = ID.parse().unwrap();
        assert_eq!(open(Method::Get, ID, b""), Ok((id, ConnectionAsk::Look)));
        assert_eq!(open(Method::Delete, ID, b""), Ok((id, ConnectionAsk::End)));
        assert_eq!(open(Method::Post, ID, b"hi"), Ok((id, ConnectionAsk::Tell("hi".into()))));
    }

    #[test]
    fn what_is_refused_has_the_names_that_clients_know() {
        let name = |failure: Failure| {
            let answer = failure.answer(Service::ApiGateway);
            (answer.status, answer.headers[0].1.clone())
        };
        let refused = |id, body: &[u8]| name(open(Method::Post, id, body).unwrap_err());
        assert_eq!(refused("Abc=", b"hi"), (410, "GoneException".into()));
        let long = vec![b'a'; limits::CONNECTION_MESSAGE_BYTES + 1];
        assert_eq!(refused(ID, &long), (413, "PayloadTooLargeException".into()));
        assert!(open(Method::Post, ID, &long[1..]).is_ok());
        assert_eq!(refused(ID, b"\xff"), (400, "BadRequestException".into()));
        let unknown = Failure::from(crate::source::aws::sigv4::Refused::UnknownKey);
        assert_eq!(name(unknown), (403, "ForbiddenException".into()));
    }

    #[test]
    fn answers_are_those_of_the_service() {
        let tell = ConnectionAsk::Tell("x".into());
        let done = answer(&tell, ConnectionAnswer::Done);
        assert_eq!((done.status, body(&done)), (200, ""));
        assert_eq!(answer(&ConnectionAsk::End, ConnectionAnswer::Done).status, 204);
        let looked = answer(&ConnectionAsk::Look, ConnectionAnswer::Since(Millis(1_772_366_400_000)));
        assert_eq!((looked.status, body(&looked)), (200, r#"{"connectedAt":"2026-03-01T12:00:00.000Z"}"#));
        let gone = answer(&tell, ConnectionAnswer::Gone);
        assert_eq!((gone.status, body(&gone)), (410, r#"{"message":"Gone"}"#));
        let busy = answer(&tell, ConnectionAnswer::Busy);
        assert_eq!((busy.status, busy.headers[0].1.as_str()), (429, "LimitExceededException"));
    }
}
