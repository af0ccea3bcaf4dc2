//! The context of commands, and the runtime.

use std::future::Future;
use std::sync::Arc;

use futures::future::LocalBoxFuture;
use heatclient::catalog::AccessInfo;
use heatclient::session::Adapter;
use heatclient::{Client, ErrorKind};

use crate::changes::Changes;
use crate::cloud::Cloud;
use crate::exit::Failure;
use crate::invocation::Invocation;
use crate::options::GlobalArgs;
use crate::render::{Answer, Printer, Style};
use crate::trace::Trace;
use crate::{progress, signals, waiting};

/// The context of every command that needs a cloud.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) heat: Client,
    /// Keystone, for data that Heat does not have.
    pub(crate) identity: Adapter,
    /// The region of Heat, if one is configured.
    pub(crate) region: Option<String>,
    pub(crate) changes: Changes,
    pub(crate) quiet: bool,
    verbose: bool,
    printer: Printer,
    cloud: Cloud,
}

impl Context {
    /// The token of the session. It logs in if there is none.
    pub(crate) async fn access(&self) -> Result<Arc<AccessInfo>, Failure> {
        let access = self.heat.adapter().session().access().await?;
        access.ok_or_else(|| {
            Failure::Message(
                "the configured auth plugin does not log in and has no token; choose another one with --os-auth-type".to_owned(),
            )
        })
    }

    /// An adapter for a service, by its type in the catalog. Services other than Heat and Keystone are searched with
    /// Heat's region and interface.
    pub(crate) fn service(&self, service_type: &str) -> Adapter {
        match service_type {
            "orchestration" | "heat" => self.heat.adapter().clone(),
            "identity" => self.identity.clone(),
            other => self.cloud.service(self.heat.adapter().session(), other),
        }
    }

    /// Whether the command was given in the spelling of the old tool.
    pub(crate) fn is_old(&self) -> bool {
        self.printer.is_old()
    }

    /// The failure of a change that was declared in `changes`. `missing` is the message if its object does not exist.
    pub(crate) fn change_failed(&self, missing: &str, error: heatclient::Error) -> Failure {
        match error.is_not_found() {
            true => not_found(missing, error),
            false => self.changes.failed(error),
        }
    }

    /// Prints a failure after which the command goes on.
    pub(crate) fn report(&self, failure: &Failure) {
        failure.print(self.verbose);
    }

    /// Prints an answer before the command ends.
    pub(crate) fn print(&self, answer: Answer) -> Result<(), Failure> {
        self.printer.print(answer)
    }
}

/// The implementation of a command that needs a cloud.
pub(super) type Run =
    Box<dyn for<'c> FnOnce(&'c Context) -> LocalBoxFuture<'c, Result<Answer, Failure>>>;

/// Runs a command that needs a cloud, and prints its answer.
pub(super) fn online(global: &GlobalArgs, style: Style, run: Run) -> Result<(), Failure> {
    let is_old = matches!(style, Style::Old);
    let changes = Changes::new(Invocation::new(global, is_old));
    let trace = Trace::start(global)?;
    let result = block_on(async {
        let (layer, slow) = waiting::watch(global.quiet).unzip();
        let cloud = Cloud::new(global)?;
        let heat = cloud.client(layer, changes.clone(), trace.as_ref()).await?;
        let context = Context {
            identity: cloud.identity(heat.adapter().session()),
            region: cloud.region(),
            heat,
            changes: changes.clone(),
            quiet: global.quiet,
            verbose: global.is_verbose(),
            printer: Printer::new(style)?,
            cloud,
        };
        let notices = async {
            if let Some(slow) = slow {
                slow.print(&context.heat, context.cloud.auth_url()).await;
            }
            std::future::pending().await
        };
        let answer = tokio::select! {
            biased;
            answer = run(&context) => answer?,
            never = notices => never,
            never = progress::redraw() => never,
        };
        context.print(answer)
    });
    let result = match result {
        Err(Failure::Interrupted(signal, None)) => {
            Err(Failure::Interrupted(signal, changes.note(signal)))
        }
        other => other,
    };
    if let Some(trace) = trace {
        trace.report();
    }
    result
}

/// Runs until the work is done or a signal asks the tool to end.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Message(format!("cannot start the async runtime: {error}")))?;
    let result = runtime.block_on(async {
        tokio::select! {
            // The work comes first: it may handle signals itself.
            biased;
            result = work => result,
            signal = signals::received() => Err(Failure::Interrupted(signal, None)),
        }
    });
    // Do not wait for blocking reads: a pipe may have no writer.
    runtime.shutdown_background();
    #[cfg(unix)]
    crate::hidden::end();
    result
}

/// The message of the Python clients for a stack that does not exist. Scripts match it.
pub(crate) fn stack_missing(stack: &str) -> String {
    format!("Stack not found: {stack}")
}

/// Replaces a "not found" error by that message. Returns other errors unchanged.
pub(crate) fn stack_not_found(stack: &str) -> impl Fn(heatclient::Error) -> Failure {
    let message = stack_missing(stack);
    move |error| not_found(&message, error)
}

/// Replaces a "not found" error by the message. Returns other errors unchanged.
pub(crate) fn not_found(message: &str, error: heatclient::Error) -> Failure {
    match (error.is_not_found(), error.request_id()) {
        (false, _) => Failure::Heat(error),
        (true, Some(id)) => Failure::Message(format!("{message} (request {id})")),
        (true, None) => Failure::Message(message.to_owned()),
    }
}

/// Whether an error concerns one of several objects only. After other errors, the remaining requests would fail as well.
pub(crate) fn concerns_one(error: &heatclient::Error) -> bool {
    matches!(error.kind(), ErrorKind::Status | ErrorKind::Config)
}
