//! Version 5.

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{
    ConnectReturnCode, DisconnectReasonCode, Filter, Packet, Publish, RetainForwardRule, SubscribeReasonCode,
};
use rumqttc::v5::{AsyncClient, ConnectionError, Event, EventLoop, MqttOptions, StateError};
use rumqttc::{Outgoing, TlsConfiguration, Transport};
use tokio::task::JoinHandle;

use crate::bridge::reader::Fault;

use super::{ACKS, Ack, Arrived, Client, Inbox, KEEP_ALIVE, Options, PACKET_BYTES, Retained};

/// Connects, subscribes, and leaves a task that reads.
pub(super) async fn open(options: &Options, inbox: Inbox) -> Result<(Client, JoinHandle<()>), Fault> {
    let mut settings = MqttOptions::new(&options.client_id, &options.host, options.port);
    settings
        .set_keep_alive(KEEP_ALIVE)
        .set_clean_start(options.is_clean())
        .set_session_expiry_interval(Some(if options.is_clean() { 0 } else { options.session_s }))
        .set_receive_maximum(Some(options.window))
        .set_max_packet_size(Some(PACKET_BYTES))
        .set_manual_acks(true);
    if let Some(tls) = &options.tls {
        settings.set_transport(Transport::Tls(TlsConfiguration::Rustls(tls.clone())));
    }
    if let Some((user, password)) = &options.login {
        settings.set_credentials(user, password);
    }
    let (client, mut events) = AsyncClient::new(settings, ACKS);
    let mut early = Vec::new();
    loop {
        match events.poll().await.map_err(|error| fault(&error))? {
            Event::Incoming(Packet::ConnAck(_)) => {
                let asked =
                    client.subscribe_many(options.topics.iter().map(|topic| filter(topic.filter(), options))).await;
                asked.map_err(|error| super::fault(&format!("{error}"), true))?;
            }
            Event::Incoming(Packet::SubAck(answer)) => {
                let refused =
                    answer.return_codes.iter().position(|code| !matches!(code, SubscribeReasonCode::Success(_)));
                if let Some(topic) = refused.and_then(|place| options.topics.get(place)) {
                    let why = answer.return_codes.get(refused.unwrap_or_default());
                    let why = why.map(|code| format!(" ({code:?})")).unwrap_or_default();
                    return Err(super::fault(&format!("no subscription to {}{why}", topic.filter()), true));
                }
                break;
            }
            // What waited in the session may come before the answer.
            Event::Incoming(Packet::Publish(publish)) => early.push(publish),
            Event::Incoming(_) | Event::Outgoing(_) => {}
        }
    }
    let task = tokio::spawn(read(events, inbox, early));
    Ok((Client::V5(client), task))
}

fn filter(path: String, options: &Options) -> Filter {
    let retain_forward_rule = if options.is_clean() || options.retained == Retained::Skip {
        RetainForwardRule::Never
    } else {
        // Not again at every reconnect.
        RetainForwardRule::OnNewSubscribe
    };
    Filter { retain_forward_rule, ..Filter::new(path, QoS::AtLeastOnce) }
}

async fn read(mut events: EventLoop, inbox: Inbox, early: Vec<Publish>) {
    let mut is_read = true;
    for publish in early {
        is_read &= inbox.put(arrived(publish)).await;
    }
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Packet::Publish(publish))) => {
                // Unread messages stay unacknowledged, and come again to whoever connects next.
                is_read = is_read && inbox.put(arrived(publish)).await;
            }
            Ok(Event::Outgoing(Outgoing::Disconnect)) => return,
            Ok(Event::Incoming(_) | Event::Outgoing(_)) => {}
            Err(error) => return inbox.fail(fault(&error)).await,
        }
    }
}

fn arrived(publish: Publish) -> Arrived {
    Arrived {
        topic: String::from_utf8_lossy(&publish.topic).into_owned(),
        payload: publish.payload.clone(),
        retain: publish.retain,
        ack: (publish.qos != QoS::AtMostOnce).then(|| Ack::V5(Box::new(publish))),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "of long lists of codes a few are final")]
fn fault(error: &ConnectionError) -> Fault {
    let refused = |code: &ConnectReturnCode| match code {
        ConnectReturnCode::BadUserNamePassword => super::fault("the user name or the password is wrong", true),
        ConnectReturnCode::NotAuthorized => {
            super::fault("this user may not connect; set --user and MQTT_PASSWORD", true)
        }
        ConnectReturnCode::ClientIdentifierNotValid => {
            super::fault("the client id is not allowed; set --client-id", true)
        }
        ConnectReturnCode::UnsupportedProtocolVersion | ConnectReturnCode::RefusedProtocolVersion => {
            super::fault("it does not speak this version; try --mqtt 3.1.1", true)
        }
        other => super::fault(&format!("{other:?}"), false),
    };
    match error {
        ConnectionError::ConnectionRefused(code) => refused(code),
        ConnectionError::MqttState(StateError::ConnFail { reason }) => refused(reason),
        ConnectionError::MqttState(StateError::ServerDisconnect { reason_code, .. }) => match reason_code {
            DisconnectReasonCode::SessionTakenOver => {
                super::fault("another client has connected with the same client id; set --client-id", true)
            }
            other => super::fault(&format!("the broker ended the connection: {other:?}"), false),
        },
        ConnectionError::MqttState(_)
        | ConnectionError::Timeout(_)
        | ConnectionError::Tls(_)
        | ConnectionError::Io(_)
        | ConnectionError::NotConnAck(_)
        | ConnectionError::RequestsDone => super::fault(&crate::http::cause(error), false),
    }
}
