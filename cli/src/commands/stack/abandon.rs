//! `stack abandon` (old spelling: `stack-abandon`).

use std::future::IntoFuture as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use heatclient::ErrorKind;
use heatclient::heat::StackData;

use super::output_file::{OutputFile, rescue};
use crate::commands::context::{Context, stack_not_found};
use crate::commands::spelling::{Command, OldSpelling};
use crate::exit::Failure;
use crate::options::RecordFormat;
use crate::render::{Answer, Document, Language, OutputOptions};
use crate::signals;

#[derive(Clone, Debug, clap::Args)]
#[command(mut_arg("format", |arg| arg.default_value("json")), mut_arg("columns", |arg| arg.hide(true)))]
pub(crate) struct Args {
    /// Stack name or ID
    #[arg(value_name = "STACK")]
    stack: String,
    /// Write the data to this file instead of printing it
    #[arg(long, value_name = "FILE")]
    output_file: Option<PathBuf>,
    #[command(flatten)]
    format: RecordFormat,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    /// Stack name or ID
    #[arg(value_name = "STACK")]
    stack: String,
    /// Write the data to this file instead of printing it
    #[arg(short = 'O', long, value_name = "FILE")]
    output_file: Option<PathBuf>,
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            stack: old.stack,
            output_file: old.output_file,
            format: RecordFormat::default(),
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(OutputOptions {
            // A selection of columns would lose the rest of the data, and an unknown column all of it.
            columns: Vec::new(),
            ..self.format.options()
        })
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let file = self.output_file.as_deref().map(OutputFile::open);
        let kept = Arc::new(Mutex::new(Kept {
            file: file.transpose()?,
            data: None,
        }));
        let may = format!("stack {} may have been abandoned", self.stack);
        let show = ["stack show", "stack-show"];
        context.changes.expect_other(may, show, &[&self.stack]);
        let abandon = context.heat.stacks().abandon(&self.stack).store_first({
            let kept = Arc::clone(&kept);
            move |data| lock(&kept).store(data)
        });
        let result = tokio::select! {
            biased;
            result = abandon.into_future() => Ok(result),
            signal = signals::received() => Err(signal),
        };
        let Kept { file, data } = std::mem::take(&mut *lock(&kept));
        match result {
            Ok(Ok(data)) => deliver(context, file, &data).map(|_| Answer::Nothing),
            Ok(Err(error)) => match error.stack_data() {
                Some(data) => {
                    let place = deliver(context, file, data).unwrap_or_else(|f| f.to_string());
                    Err(Failure::Message(format!("{error}; {place}")))
                }
                None => Err(stack_not_found(&self.stack)(error)),
            },
            Err(signal) => {
                let place = || {
                    let delivered = deliver(context, file, &data?);
                    Some(delivered.unwrap_or_else(|failure| failure.to_string()))
                };
                let note = context.changes.detailed_note(signal, place);
                Err(Failure::Interrupted(signal, note))
            }
        }
    }
}

/// What is needed to save the data whatever happens.
#[derive(Debug, Default)]
struct Kept {
    file: Option<OutputFile>,
    /// The data as it was exported before the stack was abandoned.
    data: Option<StackData>,
}

impl Kept {
    fn store(&mut self, data: &StackData) -> heatclient::Result<()> {
        if let Some(file) = &mut self.file {
            file.store(data).map_err(|error| {
                let what = format!("cannot write {}: {error}", file.path().display());
                heatclient::Error::new(ErrorKind::Config, what)
            })?;
        }
        self.data = Some(data.clone());
        Ok(())
    }
}

fn lock(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes the data to the file, or else prints it, or else saves it in a new file: it is the only copy. Returns a
/// phrase that says where it is.
fn deliver(
    context: &Context,
    file: Option<OutputFile>,
    data: &StackData,
) -> Result<String, Failure> {
    let mut why = None;
    if let Some(file) = file {
        let place = format!("the data was written to {}", file.path().display());
        match file.finish(data) {
            Ok(()) => return Ok(place),
            Err(failure) => why = Some(failure),
        }
    }
    let printed = context.print(Answer::Document(Document {
        content: data.raw(),
        old_language: Language::AsciiJson,
    }));
    let failure = match (printed, why) {
        (Ok(()), None) => return Ok("the data was printed".to_owned()),
        (Ok(()), Some(failure)) => {
            let text = format!("{failure}; the data was printed instead");
            return Err(Failure::Message(text));
        }
        (Err(failure), None) => failure,
        (Err(_), Some(failure)) => failure,
    };
    Err(Failure::Message(match rescue(data) {
        Ok(path) => format!("{failure}; the data of the stack is in {}", path.display()),
        Err(error) => format!("{failure}; the data of the stack cannot be saved: {error}"),
    }))
}
