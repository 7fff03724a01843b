//! One client's session: its subscriptions, and the messages that are under way in either direction
//! (section 3.1.2.4). It outlives the connection unless it is a clean one.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use mqtt_codec::v3::{
    Delivery, Packet, PubAck, PubComp, PubRec, PubRel, Publish, SubAck, SubAckCode, SubAckCodes,
    Subscription, UnsubAck, Will,
};
use mqtt_codec::{PacketId, QoS, TopicFilter, TopicName};

use crate::link::Link;
use crate::log;

/// The most messages that are sent and wait for an acknowledgement.
const MAX_IN_FLIGHT: usize = 32;
/// The most messages of QoS 1 and 2 that wait to be sent. What comes on top is dropped.
const MAX_QUEUED: usize = 1000;

/// A message on its way through the broker; cheap to clone.
#[derive(Clone)]
pub(crate) struct Message {
    pub(crate) topic: Arc<str>,
    pub(crate) payload: Arc<[u8]>,
    pub(crate) qos: QoS,
    pub(crate) retain: bool,
}

impl Message {
    /// The message as a subscription of `granted` gets it (\[MQTT-3.8.4-6\]).
    pub(crate) fn granted(&self, granted: QoS) -> Self {
        Self { qos: self.qos.min(granted), ..self.clone() }
    }
}

impl From<&Publish<'_>> for Message {
    fn from(publish: &Publish<'_>) -> Self {
        Self {
            topic: publish.topic.as_str().into(),
            payload: publish.payload.into(),
            qos: publish.delivery.qos(),
            retain: publish.retain,
        }
    }
}

impl From<&Will<'_>> for Message {
    fn from(will: &Will<'_>) -> Self {
        Self {
            topic: will.topic.as_str().into(),
            payload: will.message.as_bytes().into(),
            qos: will.qos,
            retain: will.retain,
        }
    }
}

/// A message that was sent and is not yet acknowledged.
struct Sent {
    id: PacketId,
    stage: Stage,
}

enum Stage {
    /// Waits for PUBACK or PUBREC.
    Published(Message),
    /// Waits for PUBCOMP.
    Released,
}

pub(crate) struct Session {
    /// It ends with its connection.
    pub(crate) is_clean: bool,
    link: Option<Link>,
    will: Option<Message>,
    /// Filter and granted QoS, each filter once.
    subscriptions: Vec<(String, QoS)>,
    /// Waiting to be sent, oldest first; QoS 1 and 2.
    queue: VecDeque<Message>,
    /// Oldest first.
    in_flight: Vec<Sent>,
    next_id: PacketId,
    /// Packet identifiers of the client's messages of QoS 2 that it has not released yet.
    received: HashSet<PacketId>,
}

impl Session {
    pub(crate) fn new(is_clean: bool) -> Self {
        Self {
            is_clean,
            link: None,
            will: None,
            subscriptions: Vec::new(),
            queue: VecDeque::new(),
            in_flight: Vec::new(),
            next_id: PacketId::MIN,
            received: HashSet::new(),
        }
    }

    /// Goes on over a new connection: all that was not acknowledged once more, in its old order
    /// (\[MQTT-4.4.0-1\], \[MQTT-4.6.0-1\]), then what was queued.
    pub(crate) fn resume(&mut self, link: Link, will: Option<Message>) {
        self.link = Some(link);
        self.will = will;
        self.in_flight.iter().for_each(|sent| self.transmit(sent, true));
        self.send_queued();
    }

    /// Takes the connection and its will away; `None` when there was no connection.
    pub(crate) fn unlink(&mut self) -> Option<(Link, Option<Message>)> {
        let will = self.will.take();
        self.link.take().map(|link| (link, will))
    }

    pub(crate) fn is_linked_to(&self, link_number: u64) -> bool {
        self.link.as_ref().is_some_and(|link| link.number == link_number)
    }

    pub(crate) fn send<'a>(&self, packet: impl Into<Packet<'a>>) {
        if let Some(link) = &self.link {
            link.send(packet);
        }
    }

    /// Each filter as if it had come alone; an equal one is replaced (\[MQTT-3.8.4-3\]). `None` is asked
    /// where a text is no topic filter.
    pub(crate) fn on_subscribe<'a, 'm>(
        &mut self,
        id: PacketId,
        asked: impl Iterator<Item = Option<Subscription<'a>>> + Clone,
        retained: impl Iterator<Item = &'m Message> + Clone,
    ) {
        let code = |asked: Option<Subscription<'_>>| asked.map_or(SubAckCode::FAILURE, |it| it.qos.into());
        let codes: Vec<SubAckCode> = asked.clone().map(code).collect(); // [MQTT-3.8.4-5]
        self.send(SubAck { id, return_codes: SubAckCodes::new(&codes) });
        for asked in asked.flatten() {
            self.remove(asked.filter);
            self.subscriptions.push((asked.filter.as_str().to_owned(), asked.qos));
            for message in retained.clone().filter(|message| matches(asked.filter, message)) {
                self.deliver(message.granted(asked.qos)); // RETAIN stays set: [MQTT-3.3.1-8]
            }
        }
    }

    pub(crate) fn on_unsubscribe<'a>(
        &mut self,
        id: PacketId,
        filters: impl Iterator<Item = TopicFilter<'a>>,
    ) {
        filters.for_each(|filter| self.remove(filter));
        self.send(UnsubAck { id }); // also when there was none: [MQTT-3.10.4-5]
    }

    fn remove(&mut self, filter: TopicFilter<'_>) {
        self.subscriptions.retain(|(kept, _)| filter != kept.as_str());
    }

    /// The highest QoS among the subscriptions that match; `None` when none does.
    pub(crate) fn granted(&self, topic: TopicName<'_>) -> Option<QoS> {
        let matching = self
            .subscriptions
            .iter()
            .filter(|(filter, _)| TopicFilter::new(filter).is_ok_and(|filter| filter.matches(topic)));
        matching.map(|(_, qos)| *qos).max()
    }

    /// Acknowledges a message from the client. False when it has come before.
    pub(crate) fn on_publish(&mut self, delivery: Delivery) -> bool {
        match delivery {
            Delivery::AtMostOnce => true,
            Delivery::AtLeastOnce { id, .. } => {
                self.send(PubAck { id });
                true
            }
            Delivery::ExactlyOnce { id, .. } => {
                self.send(PubRec { id });
                self.received.insert(id) // [MQTT-4.3.3-2]
            }
        }
    }

    /// The client will not send this message again.
    pub(crate) fn on_pubrel(&mut self, id: PacketId) {
        self.received.remove(&id);
        self.send(PubComp { id });
    }

    pub(crate) fn on_puback(&mut self, id: PacketId) {
        let is_acknowledged =
            |stage: &Stage| matches!(stage, Stage::Published(m) if m.qos == QoS::AtLeastOnce);
        self.in_flight.retain(|sent| sent.id != id || !is_acknowledged(&sent.stage));
        self.send_queued();
    }

    /// PUBREL answers every PUBREC, also a repeated one.
    pub(crate) fn on_pubrec(&mut self, id: PacketId) {
        let sent = self.in_flight.iter_mut().find(|sent| sent.id == id);
        if let Some(Sent { stage: stage @ Stage::Published(_), .. }) = sent {
            *stage = Stage::Released;
        }
        self.send(PubRel { id });
    }

    pub(crate) fn on_pubcomp(&mut self, id: PacketId) {
        self.in_flight.retain(|sent| sent.id != id || !matches!(sent.stage, Stage::Released));
        self.send_queued();
    }

    /// Sends a message, or keeps it for later. QoS 0 is for clients that are there and keep up.
    pub(crate) fn deliver(&mut self, message: Message) {
        if message.qos == QoS::AtMostOnce {
            if let (Some(link), Some(publish)) = (&self.link, publish(&message, Delivery::AtMostOnce)) {
                if !link.offer(publish) {
                    log(format_args!("#{}: it reads too slowly: QoS 0 message dropped", link.number));
                }
            }
        } else if self.queue.len() < MAX_QUEUED {
            self.queue.push_back(message);
            self.send_queued();
        } else {
            log(format_args!("queue full: message to {:?} dropped", message.topic));
        }
    }

    fn send_queued(&mut self) {
        while self.link.is_some() && self.in_flight.len() < MAX_IN_FLIGHT {
            let Some(message) = self.queue.pop_front() else { return };
            let sent = Sent { id: self.unused_id(), stage: Stage::Published(message) };
            self.transmit(&sent, false);
            self.in_flight.push(sent);
        }
    }

    /// There is one: far fewer are in use than there are.
    fn unused_id(&mut self) -> PacketId {
        loop {
            let id = self.next_id;
            self.next_id = id.next(); // never 0: [MQTT-2.3.1-1]
            if !self.in_flight.iter().any(|sent| sent.id == id) {
                return id; // [MQTT-2.3.1-4]
            }
        }
    }

    fn transmit(&self, sent: &Sent, dup: bool) {
        let id = sent.id;
        match &sent.stage {
            Stage::Published(message) => {
                let delivery = match message.qos {
                    QoS::AtMostOnce => Delivery::AtMostOnce,
                    QoS::AtLeastOnce => Delivery::AtLeastOnce { id, dup },
                    QoS::ExactlyOnce => Delivery::ExactlyOnce { id, dup },
                };
                if let Some(publish) = publish(message, delivery) {
                    self.send(publish);
                }
            }
            Stage::Released => self.send(PubRel { id }),
        }
    }
}

/// The packet for a message. There always is one: the topic has come in a packet.
fn publish(message: &Message, delivery: Delivery) -> Option<Publish<'_>> {
    let topic = TopicName::new(&message.topic).ok()?;
    Some(Publish { topic, delivery, retain: message.retain, payload: &message.payload })
}

fn matches(filter: TopicFilter<'_>, message: &Message) -> bool {
    TopicName::new(&message.topic).is_ok_and(|topic| filter.matches(topic))
}
