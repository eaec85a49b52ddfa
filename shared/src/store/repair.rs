//! Repairs counters of devices that differ from the sum of their photos. In a table that is older than these counters, all are missing.
//! (Patterns 15 and 29)

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    fault::{Fault, fault},
    table::{MAIN, Table, read},
    uploader_counters::{self, sender_pk},
};
use crate::domain::{photo::Photo, uploader_counts};

/// Counters of devices, by the partition and the counter's name.
type Counters = BTreeMap<(String, String), i64>;

/// Recounts the photos of devices whose counters are wrong, and corrects the counters. Returns how many devices there were. Reads the whole
/// table twice.
///
/// Each device's counters are written only if they are unchanged since before its photos were counted, since every move of a photo changes
/// them in its own transaction: devices whose photos move meanwhile are left to the next repair.
///
/// # Errors
/// Faults of the service; some devices may be corrected then, and the same call may be made again.
pub async fn repair_senders(table: &Table) -> Result<u64, Fault> {
    let (counted, said) = scan(table).await?;
    let of = |counters: &Counters, name| counters.get(name).copied().unwrap_or_default();
    let names = counted.keys().chain(said.keys());
    let wrong = names.filter(|name| of(&counted, *name) != of(&said, *name));
    let devices: BTreeSet<String> = wrong.map(|(device, _)| device.clone()).collect();
    if devices.is_empty() {
        return Ok(0);
    }
    let mut before = BTreeMap::new();
    for device in &devices {
        let row: Option<HashMap<String, serde_json::Value>> = table.get(device, MAIN).await?;
        before.insert(device.clone(), counters(row.unwrap_or_default()).collect::<BTreeMap<_, _>>());
    }
    // The photos must be read after the counters.
    let (counted, _) = scan(table).await?;
    let mut repaired = 0;
    for (device, before) in before {
        let mut right: BTreeMap<String, i64> = before.keys().map(|name| (name.clone(), 0)).collect();
        let own = counted.range((device.clone(), String::new())..).take_while(|((of, _), _)| *of == device);
        right.extend(own.map(|((_, name), n)| (name.clone(), *n)));
        repaired += u64::from(right != before && uploader_counters::correct(table, &device, &before, &right).await?);
    }
    Ok(repaired)
}

/// Returns the sums over the photos of the table, and the stored counters.
async fn scan(table: &Table) -> Result<(Counters, Counters), Fault> {
    let (mut counted, mut said) = (Counters::new(), Counters::new());
    let mut start = None;
    loop {
        let scan = table.client.scan().table_name(&table.name).consistent_read(true).set_exclusive_start_key(start);
        let page = scan.send().await.map_err(fault("scan table"))?;
        for item in page.items.unwrap_or_default() {
            let attribute =
                |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
            let (pk, sk) = (attribute("PK"), attribute("SK"));
            if pk.starts_with("P#") && sk == MAIN {
                let photo: Photo = read(item)?;
                let device = sender_pk(&photo.edition, &photo.uploader);
                for (name, n) in uploader_counts::counted(&photo) {
                    *counted.entry((device.clone(), name.to_owned())).or_default() += n;
                }
            } else if pk.starts_with("DEV#") {
                said.extend(counters(read(item)?).map(|(name, n)| ((pk.clone(), name), n)));
            }
        }
        start = page.last_evaluated_key;
        if start.is_none() {
            return Ok((counted, said));
        }
    }
}

/// Returns the counters in a row.
fn counters(row: HashMap<String, serde_json::Value>) -> impl Iterator<Item = (String, i64)> {
    row.into_iter().filter_map(|(name, value)| Some((name, value.as_i64()?)))
}
