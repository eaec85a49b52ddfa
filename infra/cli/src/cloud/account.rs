//! The AWS account: its owner, its limits, and the bucket of Terraform's state.

use anyhow::{Context, Result, bail};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::{
    error::{ProvideErrorMetadata, SdkError},
    operation::head_bucket::HeadBucketError,
    types::{
        BucketLocationConstraint, BucketVersioningStatus, CreateBucketConfiguration, PublicAccessBlockConfiguration,
        VersioningConfiguration,
    },
};
use shared::store::Aws;

use super::{
    alarms::AlarmsApi,
    functions::{LambdaApi, LogsApi},
    settings::Cloud,
};

/// The region of the edge's alarms, wherever the site is.
pub const EDGE_REGION: &str = "us-east-1";

/// The account that the credentials belong to, with its clients.
pub struct Account {
    /// The account's number.
    pub id: String,
    /// The ARN of the credentials.
    pub identity: String,
    /// The configuration of this account's clients.
    pub config: SdkConfig,
    /// Clients of the table, buckets and queues.
    pub aws: Aws,
    /// Client of Lambda.
    pub lambda: LambdaApi,
    /// Client of CloudWatch Logs.
    pub logs: LogsApi,
    /// Client for the subscriptions to alarms.
    pub alarms: AlarmsApi,
}

impl Account {
    /// Finds out whose credentials the environment has, in the settings' region.
    ///
    /// # Errors
    /// If there are no credentials, or AWS refuses them: with what to do.
    pub async fn new(cloud: &Cloud) -> Result<Self> {
        let aws = Aws::in_region(&cloud.region).await;
        let config = sdk(&cloud.region).await;
        let sts = aws_sdk_sts::Client::new(&config);
        let identity = sts.get_caller_identity().send().await.map_err(|error| {
            let said = error.code().map_or_else(|| "no answer".to_owned(), str::to_owned);
            anyhow::anyhow!(
                "AWS does not know who you are ({said}). Sign in first: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or \
                 AWS_PROFILE to a profile of ~/.aws; infra/README.md shows how to make them"
            )
        })?;
        Ok(Self {
            id: identity.account.context("AWS named no account")?,
            identity: identity.arn.unwrap_or_default(),
            aws,
            lambda: LambdaApi::new(&config),
            logs: LogsApi::new(&config),
            alarms: AlarmsApi::new(&config, &sdk(EDGE_REGION).await),
            config,
        })
    }

    /// Returns the name of the bucket of Terraform's state, and whether it exists.
    ///
    /// # Errors
    /// If a bucket of that name is in another region or in another account, and errors of AWS.
    pub async fn known_state_bucket(&self, cloud: &Cloud) -> Result<(String, bool)> {
        let (s3, name) = (&self.aws.s3, cloud.bucket(&self.id, "state"));
        match s3.head_bucket().bucket(&name).send().await {
            Ok(_) => Ok((name, true)),
            Err(error) if error.as_service_error().is_some_and(HeadBucketError::is_not_found) => Ok((name, false)),
            Err(error) if elsewhere(&error, &cloud.region).is_some() => {
                let region = elsewhere(&error, &cloud.region).unwrap_or_default();
                bail!(
                    "the bucket {name} is in {region}, but cloud.region is {}: a deployed site cannot move. Set cloud.region back, or \
                     choose another cloud.name for a new site",
                    cloud.region
                )
            }
            Err(error) if error.raw_response().is_some_and(|response| response.status().as_u16() == 403) => {
                bail!("the bucket {name} exists, but these credentials may not use it; choose another cloud.name")
            }
            Err(error) => Err(error).with_context(|| format!("cannot look for the bucket {name}")),
        }
    }

    /// Finds or creates the bucket of Terraform's state, and makes it private and versioned in either case. Returns its name and whether it
    /// is new.
    ///
    /// # Errors
    /// Those of [`Self::known_state_bucket`], and errors of AWS.
    pub async fn state_bucket(&self, cloud: &Cloud) -> Result<(String, bool)> {
        let (name, there) = self.known_state_bucket(cloud).await?;
        let (s3, new) = (&self.aws.s3, !there);
        if new {
            self.make_bucket(cloud, &name).await?;
        }
        // Done for an existing bucket, too: an interrupted command may have created it and no more.
        let block = PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .block_public_policy(true)
            .ignore_public_acls(true)
            .restrict_public_buckets(true)
            .build();
        s3.put_public_access_block().bucket(&name).public_access_block_configuration(block).send().await?;
        let versions = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
        s3.put_bucket_versioning().bucket(&name).versioning_configuration(versions).send().await?;
        Ok((name, new))
    }

    async fn make_bucket(&self, cloud: &Cloud, name: &str) -> Result<()> {
        let mut create = self.aws.s3.create_bucket().bucket(name);
        // The first region has no location constraint.
        if cloud.region != "us-east-1" {
            let place = BucketLocationConstraint::from(cloud.region.as_str());
            let place = CreateBucketConfiguration::builder().location_constraint(place).build();
            create = create.create_bucket_configuration(place);
        }
        create.send().await.with_context(|| format!("cannot make the bucket {name}"))?;
        Ok(())
    }
}

/// Returns the region of a bucket that is not in `region`, which S3 names in its refusal.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html>
fn elsewhere<E>(error: &SdkError<E>, region: &str) -> Option<String> {
    let told = error.raw_response()?.headers().get("x-amz-bucket-region")?;
    (told != region).then(|| told.to_owned())
}

async fn sdk(region: &str) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(shared::store::client::https())
        .region(Region::new(region.to_owned()))
        .load()
        .await
}
