//! A query of kad's: what it is to find, and when it has found it.

use std::collections::HashSet;

use libp2p::{
    PeerId,
    kad::{
        GetClosestPeersResult, GetProvidersOk, GetProvidersResult, GetRecordOk, GetRecordResult,
        PutRecordError, PutRecordResult, QueryResult, QueryStats,
    },
};
use tokio::sync::oneshot;

use crate::protocol::Bytes;

/// What a query looks for
pub enum Goal {
    /// All that kad finds
    Everything,
    /// One peer. It has answered, so its address is known.
    Peer(PeerId),
    /// One of these providers. Any when there are none of them.
    Providers(HashSet<PeerId>),
    /// This value. Any when it is empty.
    Value(Vec<u8>),
}

/// What a query has found
#[derive(Default)]
pub struct Found {
    pub peers: Vec<PeerId>,
    pub value: Option<Bytes>,
}

/// How a query ended
pub struct Outcome {
    pub found: Result<Found, String>,
    /// Requests that it sent
    pub requests: u32,
    /// How many of them failed
    pub failures: u32,
}

/// A query that runs
pub struct Query {
    pub goal: Goal,
    pub done: oneshot::Sender<Outcome>,
}

impl Query {
    /// What the query has come to, once it has found what it looks for or is over.
    pub fn outcome(
        &self,
        result: QueryResult,
        stats: &QueryStats,
        is_last: bool,
    ) -> Option<Outcome> {
        let found = match result {
            QueryResult::GetClosestPeers(result) => self.closest_peers(result),
            QueryResult::GetProviders(result) => self.providers(result),
            QueryResult::GetRecord(result) => self.value(result),
            QueryResult::PutRecord(result) | QueryResult::RepublishRecord(result) => put(result),
            QueryResult::StartProviding(result) | QueryResult::RepublishProvider(result) => {
                result.map(|_| Found::default()).map_err(in_words)
            }
            QueryResult::Bootstrap(result) => result.map(|_| Found::default()).map_err(in_words),
        };

        // a query that may still find it is not over
        if !is_last && (found.is_err() || matches!(self.goal, Goal::Everything)) {
            return None;
        }

        Some(Outcome {
            found,
            requests: stats.num_requests(),
            failures: stats.num_failures(),
        })
    }

    fn closest_peers(&self, result: GetClosestPeersResult) -> Result<Found, String> {
        let peers = result.map_err(in_words)?.peers;

        if let Goal::Peer(wanted) = self.goal {
            return match peers.iter().any(|peer| peer.peer_id == wanted) {
                true => Ok(of_peers(vec![wanted])),
                false => Err("The peer was not found".into()),
            };
        }

        match peers.is_empty() {
            true => Err("No peer was found".into()),
            false => Ok(of_peers(
                peers.into_iter().map(|peer| peer.peer_id).collect(),
            )),
        }
    }

    fn providers(&self, result: GetProvidersResult) -> Result<Found, String> {
        let all = match result.map_err(in_words)? {
            GetProvidersOk::FoundProviders { providers, .. } => providers,
            GetProvidersOk::FinishedWithNoAdditionalRecord { .. } => HashSet::new(),
        };
        let found: Vec<_> = match &self.goal {
            Goal::Providers(wanted) if !wanted.is_empty() => {
                all.intersection(wanted).copied().collect()
            }
            _ => all.into_iter().collect(),
        };

        match found.is_empty() {
            true => Err("No provider was found".into()),
            false => Ok(of_peers(found)),
        }
    }

    fn value(&self, result: GetRecordResult) -> Result<Found, String> {
        let GetRecordOk::FoundRecord(found) = result.map_err(in_words)? else {
            return Err("The value was not found".into());
        };

        match &self.goal {
            Goal::Value(wanted) if !wanted.is_empty() && *wanted != found.record.value => {
                Err("The value was not found".into())
            }
            _ => Ok(Found {
                peers: vec![],
                value: Some(Bytes(found.record.value)),
            }),
        }
    }
}

/// kad counts a put as failed when fewer than k peers store the value, also in a network of fewer.
fn put(result: PutRecordResult) -> Result<Found, String> {
    match result {
        Err(
            PutRecordError::QuorumFailed { success, .. } | PutRecordError::Timeout { success, .. },
        ) if !success.is_empty() => Ok(Found::default()),
        result => result.map(|_| Found::default()).map_err(in_words),
    }
}

fn of_peers(peers: Vec<PeerId>) -> Found {
    Found { peers, value: None }
}

fn in_words(err: impl ToString) -> String {
    err.to_string()
}
