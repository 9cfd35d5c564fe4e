//! What the lines on standard input and output consist of.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use serde_json::Value;

/// Bytes, base64 in JSON
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bytes(pub Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;

        STANDARD.decode(text).map(Bytes).map_err(D::Error::custom)
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

/// A line that asks for a command
#[derive(Deserialize)]
pub struct Message {
    pub id: u64,
    pub command: String,
    #[serde(default)]
    pub argument: Value,
}

/// The line that answers it. A line that can't be read is answered without an id.
#[derive(Serialize)]
pub struct Reply {
    id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Reply {
    pub fn result(id: u64, result: Value) -> Self {
        Self {
            id: Some(id),
            result: Some(result),
            error: None,
        }
    }

    pub fn error(id: Option<u64>, reason: String) -> Self {
        Self {
            id,
            result: None,
            error: Some(reason.replace('\n', " ")),
        }
    }
}

/// A peer that somebody is to know
#[derive(Deserialize)]
pub struct PeerAddress {
    pub id: String,
    pub multiaddrs: Vec<String>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum DhtMode {
    Client,
    Server,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeInit {
    pub name: String,
    pub private_key: Bytes,
    pub listen: Vec<String>,
    pub announce: Vec<String>,
    pub protocol: String,
    pub mode: DhtMode,
    pub k: usize,
    pub refresh: bool,
    pub provide: String,
    pub links: Vec<Value>,
    /// For this program only: how long a connection without streams is kept, ms. rust-libp2p's default is 10 s.
    pub idle_connection_ms: Option<u64>,
    /// For this program only: whether the node answers pings, and sends them. Rust leaves that to its users. Without it, yes.
    pub ping: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    ClosestPeers,
    FindPeer,
    FindProviders,
    GetValue,
    PutValue,
    Provide,
}

#[derive(Deserialize)]
pub struct Task {
    pub operation: Operation,
    pub key: Bytes,
    pub value: Bytes,
    pub providers: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Performance {
    pub time_ms: f64,
    pub failed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub found: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Bytes>,
    pub period: Period,
    pub traffic: Traffic,
    pub background: Traffic,
}

/// From when to when, ms since the epoch
#[derive(Serialize)]
pub struct Period {
    pub from: f64,
    pub to: f64,
}

/// Of this only the queries of an operation are counted, as kad counts them. The rest
/// stays zero: Rust is no arm of a benchmark.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Traffic {
    pub queries: u32,
    pub dials: u32,
    pub unresponsive: u32,
    pub spent_ms: Spent,
}

#[derive(Default, Serialize)]
pub struct Spent {
    pub dialling: f64,
    pub waiting: f64,
    pub wasted: f64,
}
