//! The records that a node holds.

use libp2p::kad::{ProviderRecord, Record, RecordKey, store::RecordStore};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    commands::{Answer, parsed, peer_id},
    node::NodeHandle,
    protocol::{Bytes, PeerAddress},
};

#[derive(Deserialize)]
pub struct StoredValue {
    key: Bytes,
    value: Bytes,
}

/// Store a value as if a client had put it there.
pub async fn store_value(node: &NodeHandle, StoredValue { key, value }: StoredValue) -> Answer {
    let record = Record::new(key.0, value.0);
    node.run(|node| node.swarm.behaviour_mut().kad.store_mut().put(record))
        .await?
        .map_err(|err| err.to_string())?;

    Ok(Value::Null)
}

#[derive(Deserialize)]
pub struct ValueKey {
    key: Bytes,
}

/// Whether the node has a value.
pub async fn holds_value(node: &NodeHandle, ValueKey { key }: ValueKey) -> Answer {
    let key = RecordKey::from(key.0);

    node.run(move |node| {
        json!(
            node.swarm
                .behaviour_mut()
                .kad
                .store_mut()
                .get(&key)
                .is_some()
        )
    })
    .await
}

#[derive(Deserialize)]
pub struct StoredProvider {
    multihash: Bytes,
    provider: PeerAddress,
}

/// Store a provider record as if the provider had put it there.
pub async fn store_provider(
    node: &NodeHandle,
    StoredProvider {
        multihash,
        provider,
    }: StoredProvider,
) -> Answer {
    let (id, addresses) = parsed(&provider)?;
    let record = ProviderRecord::new(multihash.0, id, addresses);
    node.run(|node| {
        node.swarm
            .behaviour_mut()
            .kad
            .store_mut()
            .add_provider(record)
    })
    .await?
    .map_err(|err| err.to_string())?;

    Ok(Value::Null)
}

#[derive(Deserialize)]
pub struct ProviderKey {
    multihash: Bytes,
    provider: String,
}

/// Whether the node has a record of the provider.
pub async fn holds_provider(
    node: &NodeHandle,
    ProviderKey {
        multihash,
        provider,
    }: ProviderKey,
) -> Answer {
    let (key, id) = (RecordKey::from(multihash.0), peer_id(&provider)?);

    node.run(move |node| {
        let records = node.swarm.behaviour_mut().kad.store_mut().providers(&key);

        json!(records.iter().any(|record| record.provider == id))
    })
    .await
}
