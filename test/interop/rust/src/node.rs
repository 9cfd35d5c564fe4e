//! A node, in a task of its own.

use std::{collections::HashMap, time::Duration};

use futures::StreamExt;
use libp2p::{
    Multiaddr, PeerId, StreamProtocol, Swarm, SwarmBuilder, identify,
    identity::{Keypair, ed25519},
    kad::{self, QueryId, store::MemoryStore},
    noise, ping,
    swarm::{
        ConnectionId, DialError, NetworkBehaviour, SwarmEvent,
        behaviour::toggle::Toggle,
        dial_opts::{DialOpts, PeerCondition},
    },
    tcp, yamux,
};
use tokio::sync::{mpsc, oneshot};

use crate::{
    protocol::{DhtMode, NodeInit},
    query::{Goal, Outcome, Query},
};

/// rust-libp2p's own default
const IDLE_CONNECTION: Duration = Duration::from_secs(10);

type Job = Box<dyn FnOnce(&mut Node) + Send>;

/// What a node speaks
#[derive(NetworkBehaviour)]
pub struct Protocols {
    pub kad: kad::Behaviour<MemoryStore>,
    identify: identify::Behaviour,
    ping: Toggle<ping::Behaviour>,
}

/// The parts of a node, for the jobs that its task runs
pub struct Node {
    pub swarm: Swarm<Protocols>,
    protocol: StreamProtocol,
    queries: HashMap<QueryId, Query>,
    dials: HashMap<ConnectionId, oneshot::Sender<Result<(), String>>>,
    /// Set when the node is to stop. It is sent the node's records.
    stopping: Option<oneshot::Sender<MemoryStore>>,
}

/// A running node, as others see it
#[derive(Clone)]
pub struct NodeHandle {
    pub id: PeerId,
    pub listening: Vec<Multiaddr>,
    jobs: mpsc::UnboundedSender<Job>,
}

impl NodeHandle {
    /// Start a node with the records that it had before, if it had any. It listens when this returns.
    pub async fn start(init: NodeInit, records: Option<MemoryStore>) -> Result<Self, String> {
        let mut node = Node::new(&init, records)?;
        let listening = node.listen(&init.listen).await?;
        let id = *node.swarm.local_peer_id();
        let (jobs, to_do) = mpsc::unbounded_channel();
        tokio::spawn(node.run(to_do));

        Ok(Self {
            id,
            listening,
            jobs,
        })
    }

    /// Have the node's task do something between two events.
    pub async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Node) -> T + Send + 'static,
    ) -> Result<T, String> {
        let (done, result) = oneshot::channel();
        let _ = self.jobs.send(Box::new(move |node| {
            let _ = done.send(job(node));
        }));

        result.await.map_err(|_| "The node has stopped".to_string())
    }

    /// Stop the node. It listens no more when this returns its records.
    pub async fn stop(&self) -> Result<MemoryStore, String> {
        let (stopping, records) = oneshot::channel();
        self.run(|node| node.stopping = Some(stopping)).await?;

        records.await.map_err(|err| err.to_string())
    }
}

impl Node {
    fn new(init: &NodeInit, records: Option<MemoryStore>) -> Result<Self, String> {
        let key: Keypair = ed25519::Keypair::try_from_bytes(&mut init.private_key.0.clone())
            .map_err(|err| err.to_string())?
            .into();
        let protocol =
            StreamProtocol::try_from_owned(init.protocol.clone()).map_err(|err| err.to_string())?;
        let id = key.public().to_peer_id();
        let mut kad = kad::Behaviour::with_config(
            id,
            records.unwrap_or_else(|| MemoryStore::new(id)),
            kad_config(init, protocol.clone())?,
        );
        kad.set_mode(Some(match init.mode {
            DhtMode::Client => kad::Mode::Client,
            DhtMode::Server => kad::Mode::Server,
        }));
        let identify = identify::Behaviour::new(
            identify::Config::new("/ipfs/0.1.0".into(), key.public())
                .with_hide_listen_addrs(!init.announce.is_empty()),
        );
        let ping = init
            .ping
            .unwrap_or(true)
            .then(ping::Behaviour::default)
            .into();
        let idle = init
            .idle_connection_ms
            .map_or(IDLE_CONNECTION, Duration::from_millis);
        let mut swarm = SwarmBuilder::with_existing_identity(key)
            .with_tokio()
            .with_tcp(
                tcp::Config::default(),
                noise::Config::new,
                yamux::Config::default,
            )
            .map_err(|err| err.to_string())?
            .with_behaviour(|_| Protocols {
                kad,
                identify,
                ping,
            })
            .expect("it can't fail")
            .with_swarm_config(|config| config.with_idle_connection_timeout(idle))
            .build();

        for address in &init.announce {
            swarm.add_external_address(multiaddr(address)?);
        }

        Ok(Self {
            swarm,
            protocol,
            queries: HashMap::new(),
            dials: HashMap::new(),
            stopping: None,
        })
    }

    /// Start a query. Its outcome is sent once it is over.
    pub fn query(&mut self, id: QueryId, goal: Goal) -> oneshot::Receiver<Outcome> {
        let (done, outcome) = oneshot::channel();
        self.queries.insert(id, Query { goal, done });

        outcome
    }

    /// End a query without an outcome.
    pub fn end_query(&mut self, id: QueryId) {
        self.queries.remove(&id);

        if let Some(mut query) = self.swarm.behaviour_mut().kad.query_mut(&id) {
            query.finish();
        }
    }

    /// Connect to a peer, unless it is connected.
    pub fn dial(
        &mut self,
        peer: PeerId,
        address: Multiaddr,
    ) -> oneshot::Receiver<Result<(), String>> {
        let (done, result) = oneshot::channel();
        let options = DialOpts::peer_id(peer)
            .addresses(vec![address])
            .condition(PeerCondition::Disconnected)
            .build();
        let connection = options.connection_id();

        match self.swarm.dial(options) {
            Ok(()) => {
                self.dials.insert(connection, done);
            }
            Err(DialError::DialPeerConditionFalse(_)) => {
                let _ = done.send(Ok(()));
            }
            Err(err) => {
                let _ = done.send(Err(err.to_string()));
            }
        }

        result
    }

    async fn listen(&mut self, addresses: &[String]) -> Result<Vec<Multiaddr>, String> {
        let mut waiting = Vec::new();
        let mut listening = Vec::new();

        for address in addresses {
            let listener = self
                .swarm
                .listen_on(multiaddr(address)?)
                .map_err(|err| err.to_string())?;
            waiting.push(listener);
        }

        while !waiting.is_empty() {
            match self.swarm.select_next_some().await {
                SwarmEvent::NewListenAddr {
                    listener_id,
                    address,
                } => {
                    waiting.retain(|id| *id != listener_id);
                    listening.push(address);
                }
                SwarmEvent::ListenerClosed { reason, .. } => {
                    return Err(format!("can't listen: {reason:?}"));
                }
                _ => {}
            }
        }

        Ok(listening)
    }

    async fn run(mut self, mut jobs: mpsc::UnboundedReceiver<Job>) {
        while self.stopping.is_none() {
            tokio::select! {
                job = jobs.recv() => match job {
                    Some(job) => job(&mut self),
                    // nobody holds the node any more
                    None => return
                },
                event = self.swarm.select_next_some() => self.handle(event)
            }
        }

        let none = MemoryStore::new(*self.swarm.local_peer_id());
        let records = std::mem::replace(self.swarm.behaviour_mut().kad.store_mut(), none);
        let stopping = self.stopping.take();
        drop(self);

        if let Some(stopping) = stopping {
            let _ = stopping.send(records);
        }
    }

    fn handle(&mut self, event: SwarmEvent<ProtocolsEvent>) {
        match event {
            SwarmEvent::Behaviour(ProtocolsEvent::Kad(kad::Event::OutboundQueryProgressed {
                id,
                result,
                stats,
                step,
            })) => {
                let Some(query) = self.queries.get(&id) else {
                    return;
                };

                if let Some(outcome) = query.outcome(result, &stats, step.last) {
                    let query = self.queries.remove(&id).expect("it was there");
                    let _ = query.done.send(outcome);
                    self.end_query(id);
                }
            }
            SwarmEvent::Behaviour(ProtocolsEvent::Identify(identify::Event::Received {
                peer_id,
                info,
                ..
            })) => {
                self.identified(peer_id, info);
            }
            SwarmEvent::ConnectionEstablished { connection_id, .. } => {
                self.dialled(connection_id, Ok(()));
            }
            SwarmEvent::OutgoingConnectionError {
                connection_id,
                error,
                ..
            } => {
                self.dialled(connection_id, Err(error.to_string()));
            }
            _ => {}
        }
    }

    fn identified(&mut self, peer: PeerId, info: identify::Info) {
        // a client doesn't name the protocol, and has no place in a table
        if info.protocols.contains(&self.protocol) {
            for address in info.listen_addrs {
                self.swarm.behaviour_mut().kad.add_address(&peer, address);
            }
        }
    }

    fn dialled(&mut self, connection: ConnectionId, result: Result<(), String>) {
        if let Some(done) = self.dials.remove(&connection) {
            let _ = done.send(result);
        }
    }
}

/// Reads a multiaddr.
pub fn multiaddr(text: &str) -> Result<Multiaddr, String> {
    text.parse().map_err(|err| format!("{text}: {err}"))
}

fn kad_config(init: &NodeInit, protocol: StreamProtocol) -> Result<kad::Config, String> {
    let k = init.k.try_into().map_err(|_| "k is 0".to_string())?;
    let mut config = kad::Config::new(protocol);
    config.set_kbucket_size(k).set_replication_factor(k);

    if !init.refresh {
        // kad still looks itself up half a second after a peer came into the table: that can't be turned off
        config.set_periodic_bootstrap_interval(None);
    }

    Ok(config)
}
