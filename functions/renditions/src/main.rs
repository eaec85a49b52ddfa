//! The function's entry point on Lambda. It takes a batch of messages and returns those that failed.

use std::time::{Duration, Instant};

use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use renditions::{App, Config, handle};
use shared::{
    runtime::{Clock, Environment, metrics, telemetry},
    store::Aws,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::json();
    let environment = Environment::read(Config::VARS)?;
    metrics::begin(&environment.get("TABLE"));
    let config = Config::from(&environment);
    let app = App::new(&config, &Aws::from_environment().await, Clock::system());
    let clock = Clock::system();
    let batch = async |event: LambdaEvent<SqsEvent>| {
        // Milliseconds since 1970. The clock behind it is ours, too.
        let now = u64::try_from(clock.now().as_millisecond()).unwrap_or_default();
        let left = Duration::from_millis(event.context.deadline.saturating_sub(now));
        Ok::<_, Error>(handle(&app, event.payload, Instant::now() + left).await)
    };
    Box::pin(lambda_runtime::run(service_fn(batch))).await
}
