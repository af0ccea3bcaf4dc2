//! What commands have at hand, and where they run.

use std::future::Future;

use futures::future::LocalBoxFuture;
use heatclient::session::Adapter;
use heatclient::{Client, clock};

use crate::changes::Changes;
use crate::cloud::Cloud;
use crate::exit::Failure;
use crate::options::GlobalArgs;
use crate::remark::say;
use crate::render::{Answer, Printer, Style};
use crate::waiting;

/// What every command that needs a cloud has at hand.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) heat: Client,
    /// Keystone, for what Heat does not know.
    pub(crate) identity: Adapter,
    pub(crate) changes: Changes,
    pub(crate) quiet: bool,
    printer: Printer,
}

impl Context {
    /// Prints something before the command has come to its end.
    pub(crate) fn print(&self, answer: Answer) -> Result<(), Failure> {
        self.printer.print(answer)
    }
}

/// What a command does in a cloud.
pub(super) type Run =
    Box<dyn for<'c> FnOnce(&'c Context) -> LocalBoxFuture<'c, Result<Answer, Failure>>>;

/// Runs what needs a cloud, and prints its answer.
pub(super) fn online(global: &GlobalArgs, style: Style, run: Run) -> Result<(), Failure> {
    let start = clock::now();
    let changes = Changes::default();
    let result = block_on(async {
        let (layer, slow) = waiting::watch(global.quiet).unzip();
        let cloud = Cloud::new(global)?;
        let heat = cloud.client(layer, changes.clone()).await?;
        let context = Context {
            identity: cloud.identity(heat.adapter().session()),
            heat,
            changes: changes.clone(),
            quiet: global.quiet,
            printer: Printer::new(style)?,
        };
        let tell = async {
            if let Some(slow) = slow {
                slow.tell(&context.heat, cloud.auth_url()).await;
            }
            std::future::pending().await
        };
        let answer = tokio::select! {
            biased;
            answer = run(&context) => answer?,
            never = tell => never,
        };
        context.print(answer)
    });
    let result = match result {
        Err(Failure::Interrupted(None)) => Err(Failure::Interrupted(changes.note())),
        other => other,
    };
    if global.timing {
        say(&format!("took {:.3} s", start.elapsed().as_secs_f64()));
    }
    result
}

/// Runs until the work is done or somebody presses Ctrl-C.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Message(format!("cannot start the runtime: {error}")))?;
    let result = runtime.block_on(async {
        tokio::select! {
            // Work that knows what Ctrl-C means to it comes first; and questions that it asks before
            // its first pause are still answered by Ctrl-C in the usual way.
            biased;
            result = work => result,
            _ = tokio::signal::ctrl_c() => Err(Failure::Interrupted(None)),
        }
    });
    // A file that is being read may be a pipe into which nobody writes.
    runtime.shutdown_background();
    result
}

/// What the older clients say of a stack that is not there; scripts look for that text.
pub(crate) fn stack_not_found(stack: &str) -> impl Fn(heatclient::Error) -> Failure {
    let message = format!("Stack not found: {stack}");
    move |error| not_found(&message, error)
}

/// The message for what is not there; any other error as it is.
pub(crate) fn not_found(message: &str, error: heatclient::Error) -> Failure {
    match (error.is_not_found(), error.request_id()) {
        (false, _) => Failure::Heat(error),
        (true, Some(id)) => Failure::Message(format!("{message} (request {id})")),
        (true, None) => Failure::Message(message.to_owned()),
    }
}
