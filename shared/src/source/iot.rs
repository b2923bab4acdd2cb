//! The HTTP action of AWS IoT rules: messages of devices, alone or several a request, and what a destination asks before
//! it sends any.
//!
//! What is refused is sent three times in all and then lost, without a word; so what is wrong is kept and answered 200.

use super::answer::{Reply, is_poison};
use super::senders::{Address, Senders, arn};
use super::{Arrived, Envelope, Slice, draft, plain};
use crate::ingest::IngestAnswer;
use crate::limits;
use crate::problem::{Code, Problem};
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;

/// What a request of a rule says it is.
const KIND: &str = "x-amz-rules-engine-message-type";

/// Results of rules.
pub(super) struct Iot;

/// What a destination says that is to be confirmed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'d> {
    #[serde(borrow)]
    arn: Cow<'d, str>,
    #[serde(borrow)]
    confirmation_token: Cow<'d, str>,
    #[serde(borrow)]
    enable_url: Cow<'d, str>,
}

/// What is done about a destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// An address is visited.
    Visit {
        /// The destination's ARN.
        arn: String,
        /// What is visited.
        address: Address,
    },
    /// The operator is shown the token, and confirms it or not.
    Show {
        /// The destination's ARN.
        arn: String,
        /// The token.
        token: String,
        /// Why it is not confirmed from here.
        why: &'static str,
    },
}

/// Whether a request asks for a confirmation. It comes without the source's secret: only the rule's action has headers.
pub fn is_confirmation(arrived: &Arrived<'_>) -> bool {
    arrived.header(KIND) == Some("DestinationConfirmation")
}

/// What is done about the destination that a request asks to be confirmed.
pub fn confirmation(arrived: &Arrived<'_>, from: &Senders) -> Result<Confirmation, Problem> {
    let Asked { arn: name, confirmation_token: token, enable_url: url } = arrived.json()?;
    let is_shown =
        |text: &str| text.len() <= limits::SENDER_ADDRESS_BYTES && text.bytes().all(|b| b.is_ascii_graphic());
    if !is_shown(&name) || !is_shown(&token) {
        return Err(Problem::new(Code::InvalidJson, "arn and confirmationToken are texts of visible ASCII"));
    }
    let Some((_, account, _)) = arn(&name, "iot") else {
        return Err(Problem::new(Code::InvalidJson, "arn is not that of an IoT destination"));
    };
    let is_confirming = |address: &Address| address.rest().starts_with("/confirmdestination/");
    let address = Address::parse(&url, "iot").filter(is_confirming);
    let listed = from.takes_account(account);
    let (arn, token) = (name.into_owned(), token.into_owned());
    Ok(match address {
        Some(address) if listed => Confirmation::Visit { arn, address },
        Some(_) => Confirmation::Show { arn, token, why: "its account is not in the source's from.accounts" },
        None => {
            let why = "enableUrl is not https://iot.<region>.amazonaws.com/confirmdestination/…";
            Confirmation::Show { arn, token, why }
        }
    })
}

impl Envelope for Iot {
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
        Ok(plain::elements(arrived)?.into_iter().map(named).collect())
    }

    fn answer(&self, arrived: &Arrived<'_>, _: &[Slice<'_>], outcome: Result<&IngestAnswer, &Problem>) -> Reply {
        match outcome {
            // An answer of more than 16,384 bytes is a failure.
            Ok(_) => Reply::json(200, b"{}".to_vec()),
            Err(problem) if is_poison(problem) && !is_confirmation(arrived) => Reply::json(200, b"{}".to_vec()),
            Err(problem) if problem.status == 429 => Reply::problem(problem, 429),
            Err(problem) => Reply::patient(problem),
        }
    }
}

/// A message with the id and the key that the rule's SQL gives it: nothing else tells two of the same apart.
fn named(slice: Slice<'_>) -> Slice<'_> {
    let Ok(mut object) = draft::object(&slice.raw) else { return slice };
    let id = object.remove("event_id");
    let key = object.get("client_id").and_then(draft::name);
    match id {
        Some(Value::String(id)) => Slice { id: Some(id), key, ..Slice::new(Value::Object(object).to_string()) },
        _ => Slice { key, ..slice },
    }
}

#[cfg(test)]
mod tests {
    use super::super::EnvelopeName;
    use super::super::tests::Sent;
    use super::*;
    use serde_json::json;

    const HEADER: &str = "x-amz-rules-engine-message-type";

    #[test]
    fn messages_are_events_by_their_clients_and_the_ids_of_the_rule_alone_or_in_a_batch() {
        let message = json!({"lat": 51.5, "lon": -0.12, "fuel": 7, "topic": "fleet/v1/pos", "client_id": "v1",
            "ts": 1_772_366_400_000_i64, "event_id": "6a7e"});
        let expected = json!({"id": "6a7e", "key": "v1", "time": 1_772_366_400_000_i64, "position": {"lat": 51.5, "lon": -0.12},
            "fields": {"fuel": 7, "topic": "fleet/v1/pos", "client_id": "v1"}});
        let own = json!({"vehicleId": "bus", "client_id": "v2", "fuel": 1, "event_id": "6a7f"});
        let (events, refused) = Sent::new(&[], "", message.to_string()).events(EnvelopeName::Iot);
        assert_eq!((events, refused), (vec![expected.clone()], vec![]));
        let (events, refused) = Sent::new(&[], "", json!([message, own, 7]).to_string()).events(EnvelopeName::Iot);
        assert_eq!((&events[0], &events[1]["key"], &events[1]["id"]), (&expected, &json!("bus"), &json!("6a7f")));
        assert_eq!(refused, ["not_an_object "]);
    }

    #[test]
    fn a_destination_is_confirmed_only_for_a_listed_account_and_at_iot_itself() {
        let from = Senders { accounts: vec!["111122223333".into()], ..Senders::default() };
        let asked = |account: &str, url: &str| {
            let body = json!({"arn": format!("arn:aws:iot:eu-west-1:{account}:ruledestination/http/1"), "confirmationToken": "AYADe",
                "enableUrl": url, "messageType": "DestinationConfirmation"});
            let sent = Sent::new(&[(HEADER, "DestinationConfirmation")], "confirmationToken=AYADe", body.to_string());
            assert!(
                is_confirmation(&sent.arrived()) && EnvelopeName::Auto.told_by(&sent.arrived()) == EnvelopeName::Iot
            );
            confirmation(&sent.arrived(), &from).unwrap()
        };
        let good = "https://iot.eu-west-1.amazonaws.com/confirmdestination/AYADe";
        assert!(
            matches!(asked("111122223333", good), Confirmation::Visit { address, .. } if address.url(None) == good)
        );
        let shown = |c: Confirmation| matches!(c, Confirmation::Show { token, .. } if token == "AYADe");
        assert!(shown(asked("444455556666", good)));
        for bad in [
            "https://iot.eu-west-1.amazonaws.com.evil.example/confirmdestination/AYADe",
            "https://169.254.169.254/confirmdestination/AYADe",
            "http://iot.eu-west-1.amazonaws.com/confirmdestination/AYADe",
            "https://iot.eu-west-1.amazonaws.com/things/AYADe",
            "https://iot.eu-west-1.amazonaws.com/confirmdestination/../things",
        ] {
            assert!(shown(asked("111122223333", bad)), "{bad}");
        }
    }

    #[test]
    fn what_is_wrong_is_answered_as_taken_and_what_will_pass_is_not() {
        let sent = Sent::new(&[], "", "nope");
        let status = |code| Iot.answer(&sent.arrived(), &[], Err(&Problem::new(code, "no"))).status;
        let told = [Code::InvalidJson, Code::TooManyRequests, Code::StorageFull, Code::KeyInvalid].map(status);
        assert_eq!(told, [200, 429, 503, 401]);
        let asked = Sent::new(&[(HEADER, "DestinationConfirmation")], "", "nope");
        let problem = Problem::new(Code::InvalidJson, "no");
        assert_eq!(Iot.answer(&asked.arrived(), &[], Err(&problem)).status, 400, "nothing of a confirmation is kept");
    }
}
