//! The function's entry point on Lambda. An event of the schedule names a task; an alarm asks for one.

use housekeeping::{App, Config, Event, handle};
use lambda_runtime::{Error, LambdaEvent, service_fn};
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
    let called = async |event: LambdaEvent<Event>| match event.payload.task() {
        Some(task) => Box::pin(handle(&app, task)).await.map(Some).map_err(|fault| fault.chain()),
        None => Ok(None),
    };
    lambda_runtime::run(service_fn(called)).await
}
