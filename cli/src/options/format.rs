//! Output options: format, columns, width and sorting.

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, ValueEnum as _};

use crate::render::{Format, OutputOptions, Quote};

/// Parses a width. Numbers below 1 mean that there is no limit.
pub(crate) fn width(text: &str) -> Result<usize, String> {
    let number = text.trim().parse::<i64>();
    let number = number.map_err(|_| "expected a whole number".to_owned())?;
    Ok(usize::try_from(number).unwrap_or_default())
}

/// Parses one of these format names.
fn formats(names: &'static [&'static str]) -> impl clap::builder::TypedValueParser<Value = Format> {
    // Every name is a format, so the default is never used.
    PossibleValuesParser::new(names).map(|name| Format::from_str(&name, false).unwrap_or_default())
}

/// The output options of a command.
pub(crate) trait OutputFormat: Args + Clone + std::fmt::Debug + 'static {
    /// `None` if there are none.
    fn output(&self) -> Option<OutputOptions>;
}

/// No output options: the old tool has only one format.
#[derive(Clone, Debug, Args)]
pub(crate) struct NoFormat {}

impl OutputFormat for NoFormat {
    fn output(&self) -> Option<OutputOptions> {
        None
    }
}

/// Options shared by lists and records.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output options")]
struct Common {
    /// Show only this column (repeatable)
    #[arg(short, long = "column", value_name = "COLUMN")]
    columns: Vec<String>,

    /// Maximum table width; below 1 for no maximum [env: CLIFF_MAX_TERM_WIDTH]
    #[arg(long, value_name = "CHARACTERS", value_parser = width, allow_negative_numbers = true)]
    max_width: Option<usize>,

    /// Fit tables to the terminal width [env: CLIFF_FIT_WIDTH=1]
    #[arg(long)]
    fit_width: bool,

    /// Print the table header even if there are no rows
    #[arg(long)]
    print_empty: bool,

    /// Print JSON on one line
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

/// Sorting and quoting of lists.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output options")]
struct Sorting {
    /// CSV fields to quote
    #[arg(long, value_enum, default_value_t = Quote::Nonnumeric, value_name = "MODE", hide_possible_values = false)]
    quote: Quote,

    /// Sort by this column (repeatable)
    #[arg(long = "sort-column", value_name = "COLUMN")]
    sort_columns: Vec<String>,

    /// Sort in ascending order (default)
    #[arg(long, conflicts_with = "sort_descending")]
    sort_ascending: bool,

    /// Sort in descending order
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

/// Output options of a list.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output options")]
pub(crate) struct ListFormat {
    /// Output format
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

impl OutputFormat for ListFormat {
    fn output(&self) -> Option<OutputOptions> {
        Some(self.options())
    }
}

/// Output options of an event list: a list, or log lines.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output options")]
pub(crate) struct EventFormat {
    /// Output format
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

    /// `None` for the format `log`.
    pub(crate) fn options(&self) -> Option<OutputOptions> {
        let format = Format::from_str(&self.format, false).ok()?;
        Some(self.sorting.apply(self.common.options(format)))
    }
}

/// Output options of a resource list: a list, or a graph in the language of Graphviz.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Output options")]
pub(crate) struct ResourceFormat {
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table",
          value_parser = ["csv", "dot", "json", "table", "value", "yaml"])]
    format: String,
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    sorting: Sorting,
}

impl Default for ResourceFormat {
    fn default() -> Self {
        Self {
            format: "table".to_owned(),
            common: Common::default(),
            sorting: Sorting::default(),
        }
    }
}

impl ResourceFormat {
    /// `None` for the format `dot`.
    pub(crate) fn options(&self) -> Option<OutputOptions> {
        let format = Format::from_str(&self.format, false).ok()?;
        Some(self.sorting.apply(self.common.options(format)))
    }
}

/// Output options of a record.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output options")]
pub(crate) struct RecordFormat {
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table",
          value_parser = formats(&["json", "shell", "table", "value", "yaml"]))]
    format: Format,
    #[command(flatten)]
    common: Common,
    /// Prefix of shell variable names
    #[arg(long, value_name = "PREFIX")]
    prefix: Option<String>,
    /// Shell variable to print (repeatable)
    #[arg(long = "variable", value_name = "VARIABLE", hide = true)]
    variables: Vec<String>,
}

impl RecordFormat {
    pub(crate) fn options(&self) -> OutputOptions {
        OutputOptions {
            prefix: self.prefix.clone(),
            variables: self.variables.clone(),
            ..self.common.options(self.format)
        }
    }
}

impl OutputFormat for RecordFormat {
    fn output(&self) -> Option<OutputOptions> {
        Some(self.options())
    }
}

/// Output options of a record that is YAML by default.
#[derive(Clone, Debug, Args)]
#[command(mut_arg("format", |arg| arg.default_value("yaml")))]
pub(crate) struct YamlFormat {
    #[command(flatten)]
    format: RecordFormat,
}

impl OutputFormat for YamlFormat {
    fn output(&self) -> Option<OutputOptions> {
        self.format.output()
    }
}

/// Output options of a record that is JSON by default.
#[derive(Clone, Debug, Args)]
#[command(mut_arg("format", |arg| arg.default_value("json")))]
pub(crate) struct JsonFormat {
    #[command(flatten)]
    format: RecordFormat,
}

impl OutputFormat for JsonFormat {
    fn output(&self) -> Option<OutputOptions> {
        self.format.output()
    }
}
