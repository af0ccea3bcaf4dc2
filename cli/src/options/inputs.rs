//! Options for templates, environments and parameters, and for the references in them.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{NonEmptyStringValueParser, PathBufValueParser, TypedValueParser};
use heatclient::heat::Limits;
use heatclient::template::Policy;

use super::key_value;

/// The location of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A file, or a URL.
    File(PathBuf),
    /// A URL that needs no token.
    Url(String),
    /// A URL that needs the token, such as a Swift object.
    Object(String),
}

impl Source {
    pub(crate) fn file() -> impl TypedValueParser<Value = Self> {
        PathBufValueParser::new().map(Self::File)
    }
}

/// Parameter values.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Parameters {
    /// Parameter value; @FILE reads it from a file, @- from stdin, @@ escapes a leading @ (repeatable; a
    /// single option may hold several parameters, separated by ;)
    #[arg(long = "parameter", value_name = "KEY=VALUE", allow_hyphen_values = true, value_parser = key_value)]
    pub(crate) parameters: Vec<(String, String)>,

    /// Read a parameter value from a file, or from stdin with - (repeatable)
    #[arg(long = "parameter-file", value_name = "KEY=FILE", value_parser = key_value)]
    pub(crate) parameter_files: Vec<(String, String)>,
}

/// Options of commands that read a template.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct InputArgs {
    /// Environment: a file, a URL, or - for stdin; later ones take precedence (repeatable)
    #[arg(short, long = "environment", value_name = "FILE")]
    pub(crate) environments: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) values: Parameters,

    /// Swift container from which Heat reads the environments and the referenced files
    #[arg(short = 's', long, value_name = "NAME")]
    pub(crate) files_container: Option<String>,

    #[command(flatten)]
    pub(crate) reading: ReadingArgs,

    /// Do not check sizes before sending, for clouds with higher limits
    #[arg(long)]
    pub(crate) no_limits: bool,
}

/// Restrictions on references in templates and environments.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ReadingArgs {
    /// Allow references only to files below this directory
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) files_root: Option<PathBuf>,

    /// Refuse references through symbolic links
    #[arg(long)]
    pub(crate) no_symlinks: bool,

    /// Allow remote documents to refer to this host, or to be redirected there (repeatable)
    #[arg(long = "allow-host", value_name = "HOST[:PORT]", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) allow_hosts: Vec<String>,
}

impl InputArgs {
    /// The size limits of requests.
    pub(crate) fn limits(&self) -> Limits {
        if self.no_limits {
            Limits::none()
        } else {
            Limits::default()
        }
    }
}

impl ReadingArgs {
    /// The restrictions as a policy.
    pub(crate) fn policy(&self) -> Policy {
        let policy = Policy::default().follow_symlinks(!self.no_symlinks);
        let policy = match &self.files_root {
            Some(root) => policy.within(root),
            None => policy,
        };
        self.allow_hosts.iter().fold(policy, Policy::allow_host)
    }
}
