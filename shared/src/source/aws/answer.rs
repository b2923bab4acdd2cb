//! What SDKs are answered. Each service has names of its own for what went wrong, and clients do by the name what they do:
//! wait and try again, set their clock, or give up.

use super::Service;
use super::sigv4::Refused;
use crate::problem::{Code, Problem};
use serde::Serialize;
use serde_json::{Value, json};

/// The answer to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The media type.
    pub kind: &'static str,
    /// The body.
    pub body: Vec<u8>,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
}

/// What is wrong with a call, as far as a client has to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is not signed.
    Unsigned,
    /// What it says of its signature is not whole.
    Incomplete,
    /// Nobody has its key.
    UnknownKey,
    /// It was signed with another secret, or changed on its way.
    WrongSignature,
    /// It was signed by a clock that is wrong.
    Skewed,
    /// It came while there was no room for it.
    Throttled,
    /// Something went wrong here.
    Broken,
    /// There is nothing of its name for its key.
    NoSuch,
    /// What it asks for is not to be had here.
    UnknownOperation,
    /// Its body can't be read.
    Unreadable,
    /// It has too much in it.
    TooLarge,
    /// What it says is wrong.
    Invalid,
    /// It was a rehearsal.
    DryRun,
}

/// Why a call is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What is wrong.
    pub why: Why,
    /// The same for people.
    pub message: String,
    /// After how many seconds it is worth another try.
    pub retry_after_s: Option<u32>,
}

impl Failure {
    pub(super) fn new(why: Why, message: impl Into<String>) -> Self {
        Self { why, message: message.into(), retry_after_s: None }
    }

    /// The status, and the name that clients know it by.
    const fn name(&self, service: Service) -> (u16, &'static str) {
        use Service::{ApiGateway, Dynamodb, Events, Firehose, Kinesis, Sns, Sqs};
        match (self.why, service) {
            // Whoever is not let in is told so by one name.
            (Why::Unsigned | Why::Incomplete | Why::UnknownKey | Why::WrongSignature | Why::Skewed, ApiGateway) => {
                (403, "ForbiddenException")
            }
            (Why::Throttled, ApiGateway) => (429, "LimitExceededException"),
            (Why::NoSuch, ApiGateway) => (410, "GoneException"),
            (Why::TooLarge, ApiGateway) => (413, "PayloadTooLargeException"),
            (Why::Unreadable | Why::Invalid, ApiGateway) => (400, "BadRequestException"),
            (Why::Unsigned, Sqs | Sns) => (403, "MissingAuthenticationToken"),
            (Why::Unsigned, _) => (400, "MissingAuthenticationTokenException"),
            (Why::Incomplete, Sqs | Sns) => (400, "IncompleteSignature"),
            (Why::Incomplete, _) => (400, "IncompleteSignatureException"),
            (Why::UnknownKey, Sqs | Sns) => (403, "InvalidClientTokenId"),
            (Why::UnknownKey, _) => (400, "UnrecognizedClientException"),
            (Why::WrongSignature, Sqs | Sns) => (403, "SignatureDoesNotMatch"),
            (Why::WrongSignature, _) => (400, "InvalidSignatureException"),
            (Why::Skewed, Sqs | Sns) => (403, "RequestTimeTooSkewed"),
            (Why::Skewed, _) => (400, "RequestTimeTooSkewed"),
            (Why::Throttled, Kinesis | Dynamodb) => (400, "ProvisionedThroughputExceededException"),
            (Why::Throttled, Sqs) => (400, "RequestThrottled"),
            (Why::Throttled, Sns) => (400, "Throttling"),
            (Why::Throttled, _) => (400, "ThrottlingException"),
            (Why::Broken, Dynamodb) => (500, "InternalServerError"),
            (Why::Broken, _) => (500, "InternalFailure"),
            (Why::NoSuch, Sqs) => (400, "QueueDoesNotExist"),
            (Why::NoSuch, Sns) => (404, "NotFound"),
            (Why::NoSuch, _) => (400, "ResourceNotFoundException"),
            (Why::UnknownOperation, Sqs) => (400, "UnsupportedOperation"),
            (Why::UnknownOperation, Sns) => (400, "InvalidAction"),
            (Why::UnknownOperation, _) => (400, "UnknownOperationException"),
            (Why::Unreadable, Sns) => (400, "MalformedInput"),
            (Why::Unreadable, _) => (400, "SerializationException"),
            (Why::TooLarge, _) => (413, "RequestEntityTooLarge"),
            (Why::Invalid, Firehose | Kinesis) => (400, "InvalidArgumentException"),
            (Why::Invalid, Sqs) => (400, "InvalidParameterValue"),
            (Why::Invalid, Sns) => (400, "InvalidParameter"),
            (Why::Invalid, Events | Dynamodb) => (400, "ValidationException"),
            (Why::DryRun, _) => (400, "DryRunOperationException"),
        }
    }

    /// As a service answers it.
    pub fn answer(&self, service: Service) -> Answer {
        let (status, name) = self.name(service);
        let mut answer = if service == Service::Sns {
            let side = if status < 500 { "Sender" } else { "Receiver" };
            let message = escaped(&self.message);
            let error = format!("<Error><Type>{side}</Type><Code>{name}</Code><Message>{message}</Message></Error>");
            Answer::xml(status, &format!("<ErrorResponse xmlns=\"{XMLNS}\">{error}</ErrorResponse>"))
        } else if service == Service::ApiGateway {
            Answer::json(service, status, &json!({"message": self.message}))
        } else {
            let kind = if service == Service::Sqs { format!("com.amazonaws.sqs#{name}") } else { name.to_owned() };
            Answer::json(service, status, &json!({"__type": kind, "message": self.message}))
        };
        answer.headers.push(("x-amzn-errortype", name.to_owned()));
        if service == Service::Sqs {
            // What older clients of it know errors by.
            let is_lost = self.why == Why::NoSuch;
            let known = if is_lost { "AWS.SimpleQueueService.NonExistentQueue" } else { name };
            answer.headers.push(("x-amzn-query-error", format!("{known};Sender")));
        }
        if self.why == Why::Throttled {
            // The first is for people and proxies; SDKs heed the second, in milliseconds, and wait 5 s at most.
            let seconds = self.retry_after_s.unwrap_or(1).max(1);
            answer.headers.push(("retry-after", seconds.to_string()));
            answer.headers.push(("x-amz-retry-after", (u64::from(seconds) * 1_000).to_string()));
        }
        answer
    }
}

impl From<&Problem> for Failure {
    fn from(problem: &Problem) -> Self {
        let why = match problem.status {
            // What passes is told by the name on which clients wait longest.
            429 | 503 | 507 => Why::Throttled,
            500.. => Why::Broken,
            401 => Why::UnknownKey,
            404 => Why::NoSuch,
            413 => Why::TooLarge,
            _ if problem.code == Code::InvalidJson => Why::Unreadable,
            _ => Why::Invalid,
        };
        Self { why, message: problem.detail.clone(), retry_after_s: problem.retry_after_s }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Unsigned => Self::new(Why::Unsigned, "the request is not signed with AWS Signature Version 4"),
            Refused::Incomplete(what) => Self::new(Why::Incomplete, what),
            Refused::UnknownKey => {
                Self::new(Why::UnknownKey, "the access key id is of no source here, or was replaced; rotate the source")
            }
            Refused::WrongSignature => Self::new(
                Why::WrongSignature,
                "the signature does not match: the secret access key is another, or the request was changed on its way",
            ),
            Refused::Skewed { said, now, behind } => {
                let side = if behind { "behind" } else { "ahead" };
                Self::new(
                    Why::Skewed,
                    format!("the clock is {side}: signed at {said}, and it is {now}; the key is right"),
                )
            }
        }
    }
}

/// Of the answers of SNS.
pub(super) const XMLNS: &str = "http://sns.amazonaws.com/doc/2010-03-31/";

impl Answer {
    pub(super) fn json(service: Service, status: u16, body: &impl Serialize) -> Self {
        let kind = match service {
            Service::Sqs | Service::Dynamodb => "application/x-amz-json-1.0",
            Service::Firehose | Service::Kinesis | Service::Events | Service::Sns => "application/x-amz-json-1.1",
            Service::ApiGateway => "application/json",
        };
        Self { status, kind, body: serde_json::to_vec(body).unwrap_or_default(), headers: Vec::new() }
    }

    /// A call that was done.
    pub(super) fn done(service: Service, body: &Value) -> Self {
        Self::json(service, 200, body)
    }

    pub(super) fn xml(status: u16, body: &str) -> Self {
        Self { status, kind: "text/xml", body: body.as_bytes().to_vec(), headers: Vec::new() }
    }
}

/// Text as it stands in XML, where control characters have no place.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(c),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
