//! The function on Lambda: the schedule's event names the task.

use housekeeping::{App, Config, Task, handle};
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
    let task =
        async |event: LambdaEvent<Task>| Box::pin(handle(&app, event.payload)).await.map_err(|fault| fault.chain());
    lambda_runtime::run(service_fn(task)).await
}
