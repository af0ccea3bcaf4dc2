//! `stack snapshot create` (old spelling: `stack-snapshot`).

use heatclient::heat::{Action, StackRef};

use crate::commands::context::{Context, not_found, stack_missing};
use crate::commands::spelling::{Command, OldSpelling};
use crate::commands::wait::{Waiting, wait};
use crate::exit::Failure;
use crate::options::RecordFormat;
use crate::render::{Answer, Document, Language, Layout, OutputOptions, Record};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Stack name or ID
    stack: String,
    /// Name of the snapshot
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    waiting: Waiting,
    #[command(flatten)]
    format: RecordFormat,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OldArgs {
    /// Stack name or ID
    stack: String,
    /// Name of the snapshot
    #[arg(short, long)]
    name: Option<String>,
    #[command(flatten)]
    waiting: Waiting,
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        Self {
            stack: old.stack,
            name: old.name,
            waiting: old.waiting,
            format: RecordFormat::default(),
        }
    }
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let snapshots = context.heat.snapshots();
        let stack = StackRef::from(&self.stack);
        context.changes.expect_other(
            format!("SNAPSHOT of stack {stack} may have started"),
            ["stack snapshot list", "snapshot-list"],
            &[&self.stack],
        );
        let mut create = snapshots.create(&stack);
        if let Some(name) = self.name.filter(|name| !name.is_empty()) {
            create = create.name(name);
        }
        let missing = stack_missing(&self.stack);
        let created = create.await;
        let mut snapshot = created.map_err(|error| context.change_failed(&missing, error))?;
        let waited = wait(context, &stack, Action::Snapshot, &self.waiting).await?;
        if waited.is_some() {
            let shown = snapshots.get(&stack, &snapshot.id).await;
            snapshot = shown.map_err(|error| not_found(&missing, error))?;
        }
        let mut raw = snapshot.raw();
        if context.is_old() {
            return Ok(Answer::Document(Document {
                content: raw,
                old_language: Language::Json,
            }));
        }
        let mut record = Record::default();
        for (title, key) in [
            ("ID", "id"),
            ("name", "name"),
            ("action", "action"),
            ("status", "status"),
            ("status_reason", "status_reason"),
            ("data", "data"),
            ("creation_time", "creation_time"),
        ] {
            let value = raw.remove(key).unwrap_or_else(|| "".into());
            record.push(title, value, Layout::Plain);
        }
        Ok(Answer::Record(record))
    }
}
