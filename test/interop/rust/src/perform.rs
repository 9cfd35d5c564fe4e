//! An operation of the DHT, timed.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use libp2p::{
    PeerId,
    kad::{QueryId, Quorum, Record},
};
use serde::Deserialize;
use serde_json::json;
use tokio::{sync::oneshot, time::timeout};

use crate::{
    commands::{Answer, in_words, peer_id},
    node::{Node, NodeHandle},
    protocol::{Bytes, Operation, Performance, Period, Task, Traffic},
    query::{Found, Goal, Outcome},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Performing {
    task: Task,
    timeout_ms: u64,
}

/// Carry out an operation, and tell how it went.
pub async fn perform(node: &NodeHandle, Performing { task, timeout_ms }: Performing) -> Answer {
    let (from, start) = (epoch_ms(), Instant::now());
    let mut outcome = carried_out(node, task, Duration::from_millis(timeout_ms)).await?;
    let time_ms = start.elapsed().as_secs_f64() * 1000.0;
    let (failed, reason, found) = match std::mem::replace(&mut outcome.found, Err(String::new())) {
        Ok(found) => (false, None, found),
        Err(reason) => (true, Some(reason.replace('\n', " ")), Found::default()),
    };

    Ok(json!(Performance {
        time_ms: if failed { timeout_ms as f64 } else { time_ms },
        failed,
        reason,
        found: in_words(found.peers.iter()),
        value: found.value,
        period: Period {
            from,
            to: epoch_ms()
        },
        traffic: Traffic {
            queries: outcome.requests,
            unresponsive: outcome.failures,
            ..Traffic::default()
        },
        background: Traffic::default()
    }))
}

async fn carried_out(node: &NodeHandle, task: Task, limit: Duration) -> Result<Outcome, String> {
    let begun = node.run(move |node| begin(node, task)).await?;
    let (id, outcome) = match begun {
        Ok(begun) => begun,
        Err(reason) => return Ok(failure(reason)),
    };

    match timeout(limit, outcome).await {
        Ok(outcome) => outcome.map_err(|err| err.to_string()),
        Err(_) => {
            node.run(move |node| node.end_query(id)).await?;

            Ok(failure(format!("no end within {} ms", limit.as_millis())))
        }
    }
}

/// Start an operation. A provide ends when its last record is sent, as nobody answers one.
fn begin(node: &mut Node, task: Task) -> Result<(QueryId, oneshot::Receiver<Outcome>), String> {
    let kad = &mut node.swarm.behaviour_mut().kad;
    let Bytes(key) = task.key;
    let (id, goal) = match task.operation {
        Operation::ClosestPeers => (kad.get_closest_peers(key), Goal::Everything),
        Operation::FindPeer => {
            let peer = PeerId::from_bytes(&key).map_err(|err| err.to_string())?;

            (kad.get_closest_peers(peer), Goal::Peer(peer))
        }
        Operation::FindProviders => {
            let wanted = task
                .providers
                .iter()
                .map(|id| peer_id(id))
                .collect::<Result<_, _>>()?;

            (kad.get_providers(key.into()), Goal::Providers(wanted))
        }
        Operation::GetValue => (kad.get_record(key.into()), Goal::Value(task.value.0)),
        Operation::PutValue => {
            let record = Record::new(key, task.value.0);

            // with a smaller quorum it would not send the value to all of the closest peers
            (
                kad.put_record(record, Quorum::All)
                    .map_err(|err| err.to_string())?,
                Goal::Everything,
            )
        }
        Operation::Provide => (
            kad.start_providing(key.into())
                .map_err(|err| err.to_string())?,
            Goal::Everything,
        ),
    };

    Ok((id, node.query(id, goal)))
}

fn failure(reason: String) -> Outcome {
    Outcome {
        found: Err(reason),
        requests: 0,
        failures: 0,
    }
}

fn epoch_ms() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("the clock is right")
        .as_secs_f64()
        * 1000.0
}
