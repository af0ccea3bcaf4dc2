//! `token issue`: logs in and prints the token, with the columns of `openstack`.

use heatclient::catalog::AccessInfo;

use crate::commands::context::Context;
use crate::commands::spelling::Command;
use crate::exit::Failure;
use crate::options::RecordFormat;
use crate::render::{Answer, Layout, OutputOptions, Record};

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    format: RecordFormat,
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let access = context.access().await?;
        Ok(Answer::Record(record(&access)))
    }
}

/// The fields in alphabetical order. A field without a value is left out.
fn record(access: &AccessInfo) -> Record {
    let expires = access
        .expires_at()
        .map(|time| time.strftime("%Y-%m-%dT%H:%M:%S+0000").to_string());
    let fields = [
        ("domain_id", access.domain_id().map(str::to_owned)),
        ("expires", expires),
        ("id", Some(access.token().expose().to_owned())),
        ("project_id", access.project_id().map(str::to_owned)),
        (
            "system",
            access.is_system_scoped().then(|| "all".to_owned()),
        ),
        ("user_id", access.user_id().map(str::to_owned)),
    ];
    let mut record = Record::default();
    for (name, value) in fields {
        if let Some(value) = value {
            record.push(name, value, Layout::Plain);
        }
    }
    record
}
