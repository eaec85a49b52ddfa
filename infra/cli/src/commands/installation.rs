//! The installation that a command works on: that of a data folder, or the deployed one of the settings.

use std::path::PathBuf;

use anyhow::{Context, Result};
use housekeeping::Config;
use local::DataFolder;
use shared::{
    runtime::{Clock, Environment},
    store::messages::Messages,
};

use crate::cloud::{
    account::Account,
    settings::{self, Cloud},
};

/// Which installation.
#[derive(Clone, Debug, clap::Args)]
pub struct Which {
    /// The data folder of an installation on this machine
    #[arg(long, value_name = "DIR", default_value = ".techognition", conflicts_with = "deployed")]
    data: PathBuf,
    /// Work on the deployed site instead, with this machine's credentials
    #[arg(long)]
    deployed: bool,
    /// The organiser's file of settings, which names the deployed site
    #[arg(long, value_name = "FILE", default_value = "infra/event.toml", requires = "deployed")]
    event: PathBuf,
    /// Work on another table of the deployed site, such as a restored copy
    #[arg(long, value_name = "NAME", requires = "deployed")]
    table: Option<String>,
}

/// An open installation.
pub struct Installation {
    /// Its housekeeping function.
    pub housekeeping: housekeeping::App,
    /// Its queue of originals.
    pub originals: Messages,
    /// The URL of its queue of messages that could not be handled.
    pub dead_letters: String,
    /// The id of its CloudFront distribution.
    pub distribution: String,
    workshop: Option<DataFolder>,
}

impl Installation {
    /// Opens the installation.
    ///
    /// # Errors
    /// If the folder does not exist, or the account cannot be read.
    pub async fn open(which: &Which) -> Result<Self> {
        if which.deployed {
            return Self::deployed(which).await;
        }
        let workshop = DataFolder::open(&which.data).await?;
        Ok(Self {
            housekeeping: workshop.housekeeping(Clock::system())?,
            originals: workshop.originals(),
            dead_letters: workshop.dead_letters().to_owned(),
            distribution: String::new(),
            workshop: Some(workshop),
        })
    }

    /// Opens the deployed installation, configured like its housekeeping function.
    async fn deployed(which: &Which) -> Result<Self> {
        let (cloud, _) = settings::read(&which.event)?;
        Box::pin(Self::on(&cloud, &Account::new(&cloud).await?, which.table.as_deref())).await
    }

    /// Opens the deployed installation of an account, or the same on another table.
    ///
    /// # Errors
    /// If the account cannot be read.
    pub async fn on(cloud: &Cloud, account: &Account, table: Option<&str>) -> Result<Self> {
        let function = cloud.function("housekeeping");
        let told = account.lambda.environment(&function, None).await;
        let told = told.with_context(|| format!("cannot read the settings of {function}"))?;
        let lookup = |name: &str| match (name, table) {
            ("TABLE", Some(table)) => Some(table.to_owned()),
            (name, _) => told.get(name).cloned(),
        };
        let environment = Environment::from(Config::VARS, lookup)?;
        let dead_letters = cloud.function("dead-letters");
        let url = account.aws.sqs.get_queue_url().queue_name(&dead_letters).send().await;
        let url = url.with_context(|| format!("there is no queue {dead_letters}"))?;
        Ok(Self {
            housekeeping: housekeeping::App::new(&Config::from(&environment), &account.aws, Clock::system()),
            originals: Messages::new(
                &account.aws.sqs,
                &environment.get("ORIGINALS_QUEUE_URL"),
                &environment.get("ORIGINALS_BUCKET"),
            ),
            dead_letters: url.queue_url.unwrap_or_default(),
            distribution: environment.get("EDGE_DISTRIBUTION"),
            workshop: None,
        })
    }

    /// Closes what it opened.
    pub async fn close(self) {
        if let Some(workshop) = self.workshop {
            workshop.close().await;
        }
    }
}
