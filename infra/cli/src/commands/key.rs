//! `techognition key`: named keys for scripts. Works whether or not the system runs.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use jiff::SignedDuration;
use local::DataFolder;
use serde_json::json;
use shared::{
    domain::{
        ids::KeyId,
        states::{Duty, Role},
        time::rfc3339,
    },
    runtime::Clock,
    store::members::{Key, Members, NewKey},
};

use crate::{Data, say};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make a key. It is shown only once
    Mint {
        #[command(flatten)]
        data: Data,
        /// The key's role: viewer, moderator, organiser or owner
        #[arg(long)]
        role: Role,
        /// The key's name: what it is for
        #[arg(long)]
        name: String,
        /// A further duty: safeguarding
        #[arg(long)]
        duty: Vec<Duty>,
        /// Days until the key expires [default: never]
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=365))]
        expires: Option<u16>,
        /// Print one line of JSON
        #[arg(long)]
        json: bool,
    },
    /// List all keys, without their secrets
    List {
        #[command(flatten)]
        data: Data,
        /// Print one line of JSON per key
        #[arg(long)]
        json: bool,
    },
    /// Revoke a key at once
    Revoke {
        #[command(flatten)]
        data: Data,
        /// The key's id
        id: KeyId,
        /// Print one line of JSON
        #[arg(long)]
        json: bool,
    },
}

pub async fn run(command: Command) -> Result<ExitCode> {
    let data = match &command {
        Command::Mint { data, .. } | Command::List { data, .. } | Command::Revoke { data, .. } => data.data.clone(),
    };
    let workshop = DataFolder::open(&data).await?;
    let done = act(command, &Members::new(&workshop.table)).await;
    workshop.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn act(command: Command, members: &Members) -> Result<()> {
    let now = Clock::system().now();
    match command {
        Command::Mint { role, name, duty, expires, json, .. } => {
            if name.trim().is_empty() || name.chars().count() > 60 {
                bail!("--name has {} characters; expected 1 to 60", name.chars().count());
            }
            let expires_at = expires.map(|days| now + SignedDuration::from_hours(24 * i64::from(days)));
            let asked = NewKey { duties: duty, expires_at, ..NewKey::new(name.trim(), role) };
            let (minted, key) = members.mint(&asked, now).await?.context("the key could not be made")?;
            if json {
                say(json!({"id": minted.id, "key": key}));
            } else {
                say(format_args!("{key}\n\nThe key {} has the role {role}. It will not be shown again.", minted.id));
            }
        }
        Command::List { json, .. } => {
            let keys = members.keys().await?;
            if keys.is_empty() && !json {
                say("There are no keys. Make one with: techognition key mint --role moderator --name NAME");
            }
            for key in keys {
                say(if json { described(&key).to_string() } else { line(&key) });
            }
        }
        Command::Revoke { id, json, .. } => match members.revoke(&id, now).await? {
            None => bail!("there is no key {id}; `techognition key list` shows all keys"),
            Some(key) if json => say(described(&key)),
            Some(key) => say(format_args!("{} ({}) is revoked.", key.id, key.name)),
        },
    }
    Ok(())
}

fn described(key: &Key) -> serde_json::Value {
    json!({
        "id": key.id,
        "name": key.name,
        "role": key.role,
        "duties": key.duties,
        "maker": key.maker,
        "created_at": rfc3339(key.created_at),
        "expires_at": key.expires_at.map(rfc3339),
        "revoked_at": key.revoked_at.map(rfc3339),
    })
}

fn line(key: &Key) -> String {
    let revoked = key.revoked_at.map_or(String::new(), |at| format!("  revoked {}", rfc3339(at)));
    format!("{}  {:<9}  {}  {}{revoked}", key.id, key.role.as_str(), rfc3339(key.created_at), key.name)
}
