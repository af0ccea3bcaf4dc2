//! Where templates and environments are, and what they may refer to.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{NonEmptyStringValueParser, PathBufValueParser, TypedValueParser};
use heatclient::heat::Limits;
use heatclient::template::Policy;

use super::key_value;

/// Where a template is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// In a file, or behind a URL that says so.
    File(PathBuf),
    /// Behind a URL that anybody may read.
    Url(String),
    /// Behind a URL that wants our token, such as one of Swift.
    Object(String),
}

impl Source {
    pub(crate) fn file() -> impl TypedValueParser<Value = Self> {
        PathBufValueParser::new().map(Self::File)
    }
}

/// The values of the template's parameters.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Parameters {
    /// Value of a parameter, @FILE or @- for the content of a file or the standard input, @@ for a value
    /// that begins with @; may be given several times, or once with ; between parameters
    #[arg(long = "parameter", value_name = "KEY=VALUE", allow_hyphen_values = true, value_parser = key_value)]
    pub(crate) parameters: Vec<(String, String)>,

    /// File that holds the value of a parameter, - for the standard input; may be given several times
    #[arg(long = "parameter-file", value_name = "KEY=FILE", value_parser = key_value)]
    pub(crate) parameter_files: Vec<(String, String)>,
}

/// What a template is read with.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct InputArgs {
    /// Environment: a file, a URL, or - for the standard input; of several the later win
    #[arg(short, long = "environment", value_name = "FILE")]
    pub(crate) environments: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) values: Parameters,

    /// Swift container in which Heat itself finds the environments and the files that are referred to
    #[arg(short = 's', long, value_name = "NAME")]
    pub(crate) files_container: Option<String>,

    #[command(flatten)]
    pub(crate) reading: ReadingArgs,

    /// Leave it to Heat to refuse what is too large, for clouds with limits of their own
    #[arg(long)]
    pub(crate) no_limits: bool,
}

/// What templates and environments may refer to.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ReadingArgs {
    /// Documents refer to files below this directory only
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) files_root: Option<PathBuf>,

    /// No reference leads through a symbolic link
    #[arg(long)]
    pub(crate) no_symlinks: bool,

    /// A document from a server may refer to this other host, too, and be redirected there; may be
    /// given several times
    #[arg(long = "allow-host", value_name = "HOST[:PORT]", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) allow_hosts: Vec<String>,
}

impl InputArgs {
    /// How large requests may be.
    pub(crate) fn limits(&self) -> Limits {
        if self.no_limits {
            Limits::none()
        } else {
            Limits::default()
        }
    }
}

impl ReadingArgs {
    /// What may be read.
    pub(crate) fn policy(&self) -> Policy {
        let policy = Policy::default().follow_symlinks(!self.no_symlinks);
        let policy = match &self.files_root {
            Some(root) => policy.within(root),
            None => policy,
        };
        self.allow_hosts.iter().fold(policy, Policy::allow_host)
    }
}
