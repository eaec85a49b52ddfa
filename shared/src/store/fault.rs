//! Errors that we must act upon: an operation of a service failed. Its text is for our logs, never for the caller.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// A failed operation.
#[derive(Debug, thiserror::Error)]
#[error("{operation} failed")]
pub struct Fault {
    operation: &'static str,
    retryable: bool,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl Fault {
    /// Creates a fault that a retry cannot cure, such as an unreadable row or an impossible answer.
    pub fn broken(operation: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { operation, retryable: false, source: source.into() }
    }

    /// Creates a fault that a retry may cure.
    pub fn passing(operation: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { operation, retryable: true, source: source.into() }
    }

    /// Whether the same call may succeed later.
    pub fn retryable(&self) -> bool {
        self.retryable
    }

    /// Returns the fault and all its causes in one line, for the log.
    pub fn chain(&self) -> String {
        let mut line = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            line = format!("{line}: {error}");
            cause = error.source();
        }
        line
    }
}

/// Maps an SDK error of `operation`: for `.map_err(fault("…"))`.
pub(super) fn fault<E, R>(operation: &'static str) -> impl FnOnce(SdkError<E, R>) -> Fault
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    move |error| {
        // An error that is neither the service's own answer nor a request that could not be made was lost on the way.
        let retryable = match error.as_service_error() {
            Some(said) => said.code().is_some_and(is_passing),
            None => !matches!(error, SdkError::ConstructionFailure(_)),
        };
        Fault { operation, retryable, source: Box::new(error) }
    }
}

/// Whether a write was refused by its condition.
pub(super) fn is_refused<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    error.code() == Some("ConditionalCheckFailedException")
}

/// Whether an error code means "try again later".
fn is_passing(code: &str) -> bool {
    matches!(
        code,
        "ProvisionedThroughputExceededException"
            | "ThrottlingException"
            | "RequestLimitExceeded"
            | "TransactionConflictException"
            | "TransactionInProgressException"
            | "TooManyInvalidationsInProgress"
            | "InternalServerError"
            | "InternalError"
            | "ServiceUnavailable"
            | "SlowDown"
            | "RequestTimeout"
            // Another caller is writing the same object at this moment.
            // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
            | "ConditionalRequestConflict"
    )
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::error::ErrorMetadata;
    use aws_sdk_s3::operation::put_object::PutObjectError;

    use super::*;

    #[test]
    fn what_the_service_says_decides_whether_a_later_try_may_go_well() {
        let retryable = |code: &str| {
            let said = PutObjectError::generic(ErrorMetadata::builder().code(code).build());
            fault("put removal")(SdkError::service_error(said, ())).retryable()
        };
        assert!(retryable("SlowDown") && retryable("ConditionalRequestConflict"));
        assert!(!retryable("AccessDenied") && !retryable("NoSuchBucket"));
    }
}
