//! What all connections share: the sessions and the retained messages, and what each packet does to
//! them.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mqtt_codec::TopicName;
use mqtt_codec::v3::{
    ConnAck, Connect, ConnectReturnCode, Packet, Protocol, Subscribe, Unsubscribe, UnvalidatedSubscribe,
    UnvalidatedUnsubscribe,
};

use crate::connection::{End, Received};
use crate::link::Link;
use crate::log;
use crate::session::{Message, Session};

pub(crate) struct Broker {
    /// When every wait is over.
    pub(crate) end: Instant,
    /// The largest packet that is taken.
    pub(crate) max_packet_len: u32,
    state: Mutex<State>,
}

impl Broker {
    pub(crate) fn new(end: Instant, max_packet_len: u32) -> Self {
        Self { end, max_packet_len, state: Mutex::default() }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The moment when a wait of `limit` is over.
    pub(crate) fn within(&self, limit: Duration) -> Instant {
        Instant::now().checked_add(limit).map_or(self.end, |deadline| deadline.min(self.end))
    }
}

/// A client that has been accepted, as its connection knows it.
pub(crate) struct Client {
    id: String,
    link_number: u64,
    pub(crate) protocol: Protocol,
    /// In seconds; 0 is none.
    pub(crate) keep_alive: u16,
    clean_session: bool,
    session_present: bool,
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = match self.protocol {
            Protocol::V3_1 => "3.1",
            Protocol::V3_1_1 => "3.1.1",
        };
        let session = match (self.clean_session, self.session_present) {
            (true, _) => "clean",
            (false, false) => "new",
            (false, true) => "resumed",
        };
        write!(
            f,
            "CONNECT {:?}, MQTT {version}, {session} session, keep alive {} s",
            self.id, self.keep_alive
        )
    }
}

#[derive(Default)]
pub(crate) struct State {
    /// By client identifier.
    sessions: HashMap<String, Session>,
    /// By topic.
    retained: BTreeMap<Arc<str>, Message>,
}

impl State {
    /// Accepts a client: ends its older connection, takes up its session and answers CONNACK.
    pub(crate) fn join(&mut self, connect: &Connect<'_>, link: Link) -> Client {
        let id = match connect.client_id.as_str() {
            "" => self.unused_id(link.number), // [MQTT-3.1.3-6]
            id => id.to_owned(),
        };
        if let Some(older) = self.unlink(&id, true) {
            // Without its link it is closed: [MQTT-3.1.4-2].
            log(format_args!("#{}: {id:?} taken over by #{}", older.number, link.number));
        }
        if connect.clean_session {
            self.sessions.remove(&id); // [MQTT-3.1.2-6]
        }
        let is_kept = self.sessions.contains_key(&id);
        let client = Client {
            id,
            link_number: link.number,
            protocol: connect.protocol,
            keep_alive: connect.keep_alive,
            clean_session: connect.clean_session,
            session_present: is_kept && connect.protocol == Protocol::V3_1_1, // [MQTT-3.2.2-2]
        };
        link.send(ConnAck {
            session_present: client.session_present,
            return_code: ConnectReturnCode::ACCEPTED,
        });
        let session =
            self.sessions.entry(client.id.clone()).or_insert_with(|| Session::new(connect.clean_session));
        session.resume(link, connect.will.as_ref().map(Message::from));
        client
    }

    fn unused_id(&self, link_number: u64) -> String {
        let mut id = format!("anonymous-{link_number}");
        while self.sessions.contains_key(&id) {
            id.push('\'');
        }
        id
    }

    /// Forgets a connection that has ended, unless another has taken its place.
    pub(crate) fn leave(&mut self, client: &Client, end: &End) {
        if current(&mut self.sessions, client).is_some() {
            // The will: [MQTT-3.1.2-8], dropped by DISCONNECT: [MQTT-3.1.2-10].
            self.unlink(&client.id, !matches!(end, End::Disconnect));
        }
    }

    /// Takes the link out of a session, and ends the session if it is a clean one.
    fn unlink(&mut self, id: &str, with_will: bool) -> Option<Link> {
        let session = self.sessions.get_mut(id)?;
        let (link, will) = session.unlink()?;
        if session.is_clean {
            self.sessions.remove(id);
        }
        if let (true, Some(will)) = (with_will, will) {
            self.publish(&will);
        }
        Some(link)
    }

    /// Does what a packet behind the CONNECT asks for.
    pub(crate) fn handle(&mut self, client: &Client, received: Received<'_>) -> Result<(), End> {
        let session = current(&mut self.sessions, client).ok_or(End::TakenOver)?;
        let packet = match received {
            Received::Packet(packet) => packet,
            Received::Subscribe(UnvalidatedSubscribe { id, filters }) => {
                let asked = filters.iter().map(|asked| asked.validate().ok());
                session.on_subscribe(id, asked, self.retained.values());
                return Ok(());
            }
            Received::Unsubscribe(UnvalidatedUnsubscribe { id, filters }) => {
                session.on_unsubscribe(id, filters.iter().filter_map(|text| text.try_into().ok()));
                return Ok(());
            }
        };
        match packet {
            Packet::Publish(publish) => {
                if session.on_publish(publish.delivery) {
                    self.publish(&Message::from(&publish));
                }
            }
            Packet::PubAck(ack) => session.on_puback(ack.id),
            Packet::PubRec(ack) => session.on_pubrec(ack.id),
            Packet::PubRel(ack) => session.on_pubrel(ack.id),
            Packet::PubComp(ack) => session.on_pubcomp(ack.id),
            Packet::Subscribe(Subscribe { id, filters }) => {
                session.on_subscribe(id, filters.iter().map(Some), self.retained.values());
            }
            Packet::Unsubscribe(Unsubscribe { id, filters }) => session.on_unsubscribe(id, filters.iter()),
            Packet::PingReq => session.send(Packet::PingResp), // [MQTT-3.12.4-1]
            Packet::Disconnect => return Err(End::Disconnect),
            Packet::Connect(_) => return Err(End::OutOfOrder("a second CONNECT")), // [MQTT-3.1.0-2]
            // The decoder's role lets none of these through.
            Packet::ConnAck(_) | Packet::SubAck(_) | Packet::UnsubAck(_) | Packet::PingResp => {
                return Err(End::OutOfOrder("a packet that only a server sends"));
            }
        }
        Ok(())
    }

    /// Gives a message to every session that has subscribed to it, and keeps it if it is retained.
    fn publish(&mut self, message: &Message) {
        if message.retain {
            if message.payload.is_empty() {
                self.retained.remove(&message.topic); // [MQTT-3.3.1-10]
            } else {
                self.retained.insert(Arc::clone(&message.topic), message.clone()); // [MQTT-3.3.1-5]
            }
        }
        let Ok(topic) = TopicName::new(&message.topic) else { return };
        for session in self.sessions.values_mut() {
            if let Some(granted) = session.granted(topic) {
                session.deliver(Message { retain: false, ..message.granted(granted) }); // [MQTT-3.3.1-9]
            }
        }
    }
}

/// The client's session, unless another connection has taken it over.
fn current<'s>(sessions: &'s mut HashMap<String, Session>, client: &Client) -> Option<&'s mut Session> {
    sessions.get_mut(&client.id).filter(|session| session.is_linked_to(client.link_number))
}
