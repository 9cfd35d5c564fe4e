//! The commands of the program.

use std::{collections::HashMap, sync::Mutex};

use libp2p::{Multiaddr, PeerId, kad::store::MemoryStore, multiaddr::Protocol};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    node::{Node, NodeHandle, multiaddr},
    perform::perform,
    protocol::{NodeInit, PeerAddress},
    query::Goal,
    records::{holds_provider, holds_value, store_provider, store_value},
};

const NOT_SUPPORTED: &str = "not supported";

/// A command's result, or why it failed
pub type Answer = Result<Value, String>;

/// The nodes that run, and the records of those that have stopped
#[derive(Default)]
pub struct Program {
    nodes: Mutex<HashMap<String, NodeHandle>>,
    stopped: Mutex<HashMap<String, MemoryStore>>,
}

impl Program {
    /// Carry out a command.
    pub async fn run(&self, command: &str, argument: Value) -> Answer {
        if command == "startNode" {
            return self.start_node(read(argument)?).await;
        }

        let name = argument["name"].as_str().unwrap_or_default().to_string();
        let node = self.node(&name)?;

        match command {
            "stopNode" => self.stop_node(name, node).await,
            "connect" => connect(&node, read(argument)?).await,
            "dropConnections" => node.run(drop_connections).await,
            "know" => know(&node, read(argument)?).await,
            "table" => node.run(table).await,
            "refresh" => refresh(&node).await,
            "setHabits" => only_empty(&argument["habits"]),
            "setLinks" => only_empty(&argument["links"]),
            "perform" => perform(&node, read(argument)?).await,
            "storeValue" => store_value(&node, read(argument)?).await,
            "holdsValue" => holds_value(&node, read(argument)?).await,
            "storeProvider" => store_provider(&node, read(argument)?).await,
            "holdsProvider" => holds_provider(&node, read(argument)?).await,
            _ => Err(format!("there is no command {command}")),
        }
    }

    async fn start_node(&self, init: NodeInit) -> Answer {
        if init.provide != "classic" || !init.links.is_empty() {
            return Err(NOT_SUPPORTED.into());
        }

        let name = init.name.clone();

        if self.nodes.lock().unwrap().contains_key(&name) {
            return Err(format!("{name} runs already"));
        }

        let records = self.stopped.lock().unwrap().remove(&name);
        let node = NodeHandle::start(init, records).await?;
        let result =
            json!({ "id": node.id.to_string(), "multiaddrs": in_words(node.listening.iter()) });
        self.nodes.lock().unwrap().insert(name, node);

        Ok(result)
    }

    async fn stop_node(&self, name: String, node: NodeHandle) -> Answer {
        self.nodes.lock().unwrap().remove(&name);
        let records = node.stop().await?;
        self.stopped.lock().unwrap().insert(name, records);

        Ok(Value::Null)
    }

    fn node(&self, name: &str) -> Result<NodeHandle, String> {
        self.nodes
            .lock()
            .unwrap()
            .get(name)
            .cloned()
            .ok_or_else(|| format!("there is no node {name}"))
    }
}

#[derive(Deserialize)]
struct Target {
    multiaddr: String,
}

async fn connect(node: &NodeHandle, Target { multiaddr: text }: Target) -> Answer {
    let address = multiaddr(&text)?;
    let Some(Protocol::P2p(peer)) = address.iter().last() else {
        return Err(format!("{address} names no peer"));
    };
    node.run(move |node| node.dial(peer, address))
        .await?
        .await
        .map_err(|_| "The node has stopped".to_string())??;

    Ok(Value::Null)
}

fn drop_connections(node: &mut Node) -> Value {
    let peers: Vec<_> = node.swarm.connected_peers().copied().collect();

    for peer in peers {
        let _ = node.swarm.disconnect_peer_id(peer);
    }

    Value::Null
}

#[derive(Deserialize)]
struct Peers {
    peers: Vec<PeerAddress>,
}

async fn know(node: &NodeHandle, Peers { peers }: Peers) -> Answer {
    let mut addresses = Vec::new();

    for peer in &peers {
        let (id, multiaddrs) = parsed(peer)?;
        addresses.extend(multiaddrs.into_iter().map(|address| (id, address)));
    }

    node.run(move |node| {
        for (peer, address) in addresses {
            node.swarm.behaviour_mut().kad.add_address(&peer, address);
        }
    })
    .await?;

    Ok(Value::Null)
}

fn table(node: &mut Node) -> Value {
    let mut peers = Vec::new();

    for bucket in node.swarm.behaviour_mut().kad.kbuckets() {
        peers.extend(
            bucket
                .iter()
                .map(|entry| entry.node.key.preimage().to_string()),
        );
    }

    json!(peers)
}

async fn refresh(node: &NodeHandle) -> Answer {
    let outcome = node
        .run(|node| -> Result<_, String> {
            let id = node
                .swarm
                .behaviour_mut()
                .kad
                .bootstrap()
                .map_err(|err| err.to_string())?;

            Ok(node.query(id, Goal::Everything))
        })
        .await??;
    outcome.await.map_err(|err| err.to_string())?.found?;

    Ok(Value::Null)
}

/// This program's nodes have no habits and no links.
fn only_empty(value: &Value) -> Answer {
    match value {
        Value::Object(map) if !map.is_empty() => Err(NOT_SUPPORTED.into()),
        Value::Array(list) if !list.is_empty() => Err(NOT_SUPPORTED.into()),
        _ => Ok(Value::Null),
    }
}

fn read<T: DeserializeOwned>(argument: Value) -> Result<T, String> {
    serde_json::from_value(argument).map_err(|err| err.to_string())
}

/// Reads a peer's id and addresses.
pub fn parsed(peer: &PeerAddress) -> Result<(PeerId, Vec<Multiaddr>), String> {
    let addresses = peer
        .multiaddrs
        .iter()
        .map(|address| multiaddr(address))
        .collect::<Result<_, _>>()?;

    Ok((peer_id(&peer.id)?, addresses))
}

/// Reads a printable peer id.
pub fn peer_id(text: &str) -> Result<PeerId, String> {
    text.parse().map_err(|err| format!("{text}: {err}"))
}

/// Peer ids or addresses as they are printed.
pub fn in_words<T: ToString>(all: impl Iterator<Item = T>) -> Vec<String> {
    all.map(|one| one.to_string()).collect()
}
