//! How a result is to be written: the options of the formatters.

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, ValueEnum as _};

use super::number::whole;
use crate::render::{Format, OutputOptions, Quote};

/// Formats of a command's result, by their names.
fn formats(names: &'static [&'static str]) -> impl clap::builder::TypedValueParser<Value = Format> {
    // Every name is a format's, so there is no need of the default.
    PossibleValuesParser::new(names).map(|name| Format::from_str(&name, false).unwrap_or_default())
}

/// What all tables have in common.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output options")]
struct Common {
    /// Show this column; may be given several times
    #[arg(short, long = "column", value_name = "COLUMN")]
    columns: Vec<String>,

    /// The widest a table may be; 0 for any [env: CLIFF_MAX_TERM_WIDTH]
    #[arg(long, value_name = "CHARACTERS", value_parser = whole::<usize>, allow_negative_numbers = true)]
    max_width: Option<usize>,

    /// Fit tables to the terminal [env: CLIFF_FIT_WIDTH=1]
    #[arg(long)]
    fit_width: bool,

    /// Print a table even if it has no rows
    #[arg(long)]
    print_empty: bool,

    /// JSON on one line
    #[arg(long)]
    noindent: bool,
}

impl Common {
    fn options(&self, format: Format) -> OutputOptions {
        OutputOptions {
            format,
            columns: self.columns.clone(),
            max_width: self.max_width,
            fit_width: self.fit_width,
            print_empty: self.print_empty,
            noindent: self.noindent,
            ..OutputOptions::default()
        }
    }
}

/// How a list is sorted and quoted.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output options")]
struct Sorting {
    /// Which fields of CSV are quoted
    #[arg(long, value_enum, default_value_t = Quote::Nonnumeric, value_name = "WHICH", hide_possible_values = false)]
    quote: Quote,

    /// Sort by this column; may be given several times
    #[arg(long = "sort-column", value_name = "COLUMN")]
    sort_columns: Vec<String>,

    /// Smallest first, as is the default
    #[arg(long, conflicts_with = "sort_descending")]
    sort_ascending: bool,

    /// Largest first
    #[arg(long)]
    sort_descending: bool,
}

impl Sorting {
    fn apply(&self, options: OutputOptions) -> OutputOptions {
        OutputOptions {
            quote: self.quote,
            sort_columns: self.sort_columns.clone(),
            sort_descending: self.sort_descending,
            ..options
        }
    }
}

/// How a list is written.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output options")]
pub(crate) struct ListFormat {
    /// Format
    #[arg(short, long, value_name = "FORMAT", default_value = "table",
          value_parser = formats(&["csv", "json", "table", "value", "yaml"]))]
    format: Format,
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    sorting: Sorting,
}

impl ListFormat {
    pub(crate) fn options(&self) -> OutputOptions {
        self.sorting.apply(self.common.options(self.format))
    }
}

/// How events are written: as a list, or as lines of a log.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output options")]
pub(crate) struct EventFormat {
    /// Format
    #[arg(short, long, value_name = "FORMAT", default_value = "log",
          value_parser = ["csv", "json", "log", "table", "value", "yaml"])]
    format: String,
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    sorting: Sorting,
}

impl EventFormat {
    pub(crate) fn table() -> Self {
        Self::named("table")
    }

    pub(crate) fn log() -> Self {
        Self::named("log")
    }

    fn named(format: &str) -> Self {
        Self {
            format: format.to_owned(),
            ..Self::default()
        }
    }

    /// `None` for the log.
    pub(crate) fn options(&self) -> Option<OutputOptions> {
        let format = Format::from_str(&self.format, false).ok()?;
        Some(self.sorting.apply(self.common.options(format)))
    }
}

/// How a single record is written.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output options")]
pub(crate) struct RecordFormat {
    /// Format
    #[arg(short, long, value_name = "FORMAT", default_value = "table",
          value_parser = formats(&["json", "shell", "table", "value", "yaml"]))]
    format: Format,
    #[command(flatten)]
    common: Common,
    /// Text before the names of shell variables
    #[arg(long, value_name = "PREFIX")]
    prefix: Option<String>,
}

impl RecordFormat {
    pub(crate) fn options(&self) -> OutputOptions {
        OutputOptions {
            prefix: self.prefix.clone(),
            ..self.common.options(self.format)
        }
    }
}
