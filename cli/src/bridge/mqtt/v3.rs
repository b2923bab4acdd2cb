//! Version 3.1.1.

use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event, EventLoop, MqttOptions, Outgoing, Packet, QoS, StateError,
    SubscribeFilter, SubscribeReasonCode, TlsConfiguration, Transport,
};
use tokio::task::JoinHandle;

use crate::bridge::reader::Fault;

use super::{ACKS, Ack, Arrived, Client, Inbox, KEEP_ALIVE, Options, PACKET_BYTES};

/// Connects, subscribes, and leaves a task that reads.
pub(super) async fn open(options: &Options, inbox: Inbox) -> Result<(Client, JoinHandle<()>), Fault> {
    let mut settings = MqttOptions::new(&options.client_id, &options.host, options.port);
    settings
        .set_keep_alive(KEEP_ALIVE)
        .set_clean_session(options.is_clean())
        .set_manual_acks(true)
        .set_max_packet_size(PACKET_BYTES as usize, PACKET_BYTES as usize);
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
                let filters = options.topics.iter().map(|topic| SubscribeFilter::new(topic.filter(), QoS::AtLeastOnce));
                let asked = client.subscribe_many(filters).await;
                asked.map_err(|error| super::fault(&format!("{error}"), true))?;
            }
            Event::Incoming(Packet::SubAck(answer)) => {
                let refused = answer.return_codes.iter().position(|code| *code == SubscribeReasonCode::Failure);
                if let Some(topic) = refused.and_then(|place| options.topics.get(place)) {
                    return Err(super::fault(&format!("no subscription to {}", topic.filter()), true));
                }
                break;
            }
            // What waited in the session may come before the answer.
            Event::Incoming(Packet::Publish(publish)) => early.push(publish),
            Event::Incoming(_) | Event::Outgoing(_) => {}
        }
    }
    let task = tokio::spawn(read(events, inbox, early));
    Ok((Client::V3(client), task))
}

async fn read(mut events: EventLoop, inbox: Inbox, early: Vec<rumqttc::Publish>) {
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

fn arrived(publish: rumqttc::Publish) -> Arrived {
    Arrived {
        topic: publish.topic.clone(),
        payload: publish.payload.clone(),
        retain: publish.retain,
        ack: (publish.qos != QoS::AtMostOnce).then(|| Ack::V3(Box::new(publish))),
    }
}

fn fault(error: &ConnectionError) -> Fault {
    match error {
        ConnectionError::ConnectionRefused(code) => match code {
            ConnectReturnCode::BadUserNamePassword => super::fault("the user name or the password is wrong", true),
            ConnectReturnCode::NotAuthorized => {
                super::fault("this user may not connect; set --user and MQTT_PASSWORD", true)
            }
            ConnectReturnCode::BadClientId => super::fault("the client id is not allowed; set --client-id", true),
            ConnectReturnCode::RefusedProtocolVersion => {
                super::fault("it does not speak this version; try --mqtt 5", true)
            }
            ConnectReturnCode::Success | ConnectReturnCode::ServiceUnavailable => super::fault("not now", false),
        },
        ConnectionError::MqttState(StateError::Deserialization(error)) => {
            super::fault(&format!("a packet cannot be read: {error}"), false)
        }
        ConnectionError::MqttState(_)
        | ConnectionError::NetworkTimeout
        | ConnectionError::FlushTimeout
        | ConnectionError::Tls(_)
        | ConnectionError::Io(_)
        | ConnectionError::NotConnAck(_)
        | ConnectionError::RequestsDone => super::fault(&crate::http::cause(error), false),
    }
}
