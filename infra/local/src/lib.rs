//! The laptop: embedded S3, DynamoDB and queue, the gateway, and Lambda in a box.
