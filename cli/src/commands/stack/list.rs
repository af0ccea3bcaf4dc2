//! `stack list` (old spelling: `stack-list`).

use clap::ValueEnum;
use heatclient::heat::{SortDir, StackList, StackSummary};
use serde_json::{Map, Value};

use super::project;
use crate::commands::context::Context;
use crate::commands::spelling::{Command, OldSpelling};
use crate::documents::conditions;
use crate::exit::Failure;
use crate::options::number::whole;
use crate::options::{ListFormat, key_value};
use crate::render::{Answer, List, OutputOptions};
use crate::sort::{Nulls, check_keys, sort_keys, sort_rows};

/// The keys by which Heat can sort stacks.
const SERVER_KEYS: [&str; 4] = [
    "stack_name",
    "stack_status",
    "creation_time",
    "updated_time",
];

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Include deleted stacks
    #[arg(long)]
    deleted: bool,
    /// Include nested stacks
    #[arg(long)]
    nested: bool,
    /// Include hidden stacks
    #[arg(long)]
    hidden: bool,
    /// Filter by a property (repeatable)
    #[arg(long = "property", value_name = "KEY=VALUE", value_parser = key_value)]
    properties: Vec<(String, String)>,
    /// Only stacks that have all of these tags, comma-separated
    #[arg(long, value_name = "TAG,TAG…")]
    tags: Option<String>,
    /// How to match the tags, if --tags is given
    #[arg(long, value_enum, value_name = "MODE")]
    tag_mode: Option<TagMode>,
    /// Maximum number of stacks
    #[arg(long, value_name = "NUMBER", value_parser = whole::<usize>, allow_negative_numbers = true)]
    limit: Option<usize>,
    /// Only stacks after the one with this ID
    #[arg(long, value_name = "ID")]
    marker: Option<String>,
    /// Sort by these columns, comma-separated (repeatable)
    #[arg(long, value_name = "KEY[:DIRECTION]", value_delimiter = ',')]
    sort: Vec<String>,
    /// Include the stacks of all projects (admin only)
    #[arg(long)]
    all_projects: bool,
    /// Only stacks of this project (name or ID)
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
    /// Domain of the project (name or ID), if the project name is not unique
    #[arg(long, value_name = "DOMAIN")]
    project_domain: Option<String>,
    /// Omit the columns of creation and update time
    #[arg(long)]
    short: bool,
    /// Include the stack owners
    #[arg(long)]
    long: bool,
    #[command(flatten)]
    format: ListFormat,
    #[arg(skip)]
    only_old: OnlyOld,
}

/// How to match the tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TagMode {
    /// Stacks that have any of the tags.
    Any,
    /// Stacks that do not have all of the tags.
    Not,
    /// Stacks that have none of the tags.
    NotAny,
}

/// Options that only the old spelling has.
#[derive(Clone, Debug, Default)]
struct OnlyOld {
    tags_any: Option<String>,
    not_tags: Option<String>,
    not_tags_any: Option<String>,
    /// The keys that Heat sorts by. The rows are not sorted again.
    sort_keys: Vec<String>,
    sort_dir: Option<SortDir>,
}

#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct OldArgs {
    /// Include deleted stacks
    #[arg(short = 's', long)]
    show_deleted: bool,
    /// Include nested stacks
    #[arg(short = 'n', long)]
    show_nested: bool,
    /// Include hidden stacks
    #[arg(short = 'a', long)]
    show_hidden: bool,
    /// Filter by properties
    #[arg(short, long, value_name = "KEY=VALUE;…", value_parser = key_value)]
    filters: Vec<(String, String)>,
    /// Only stacks that have all of these tags
    #[arg(short, long, value_name = "TAG,TAG…")]
    tags: Option<String>,
    /// Only stacks that have any of these tags
    #[arg(long, value_name = "TAG,TAG…")]
    tags_any: Option<String>,
    /// Only stacks that do not have all of these tags
    #[arg(long, value_name = "TAG,TAG…")]
    not_tags: Option<String>,
    /// Only stacks that have none of these tags
    #[arg(long, value_name = "TAG,TAG…")]
    not_tags_any: Option<String>,
    /// Maximum number of stacks
    #[arg(short, long, value_name = "NUMBER", value_parser = whole::<usize>, allow_negative_numbers = true)]
    limit: Option<usize>,
    /// Only stacks after the one with this ID
    #[arg(short, long, value_name = "ID")]
    marker: Option<String>,
    /// Sort by these keys, separated by ;
    #[arg(short = 'k', long, value_name = "KEY;…", value_delimiter = ';',
          value_parser = ["stack_name", "stack_status", "creation_time", "updated_time"])]
    sort_keys: Vec<String>,
    /// Sort direction
    #[arg(short = 'd', long, value_name = "DIRECTION", value_parser = ["asc", "desc"])]
    sort_dir: Option<String>,
    /// Include the stacks of all projects
    #[arg(short, long)]
    global_tenant: bool,
    /// Include the stack owners
    #[arg(short = 'o', long)]
    show_owner: bool,
}

impl OldSpelling for OldArgs {
    type Command = Args;
}

impl From<OldArgs> for Args {
    fn from(old: OldArgs) -> Self {
        let direction = |typed: &str| match typed {
            "desc" => SortDir::Desc,
            _ => SortDir::Asc,
        };
        Self {
            deleted: old.show_deleted,
            nested: old.show_nested,
            hidden: old.show_hidden,
            properties: old.filters,
            tags: old.tags,
            tag_mode: None,
            limit: old.limit,
            marker: old.marker,
            sort: Vec::new(),
            all_projects: old.global_tenant,
            project: None,
            project_domain: None,
            short: false,
            long: old.show_owner || old.global_tenant,
            format: ListFormat::default(),
            only_old: OnlyOld {
                tags_any: old.tags_any,
                not_tags: old.not_tags,
                not_tags_any: old.not_tags_any,
                sort_keys: old.sort_keys,
                sort_dir: old.sort_dir.as_deref().map(direction),
            },
        }
    }
}

/// Lists all stacks, as the old tool does after a change.
pub(super) async fn all(context: &Context) -> Result<Answer, Failure> {
    Args::from(OldArgs::default()).run(context).await
}

impl Command for Args {
    fn format(&self) -> Option<OutputOptions> {
        Some(self.format.options())
    }

    async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let sort = sort_keys(&self.sort)?;
        let stacks = self.fetch(context, &sort).await?;
        let mut rows: Vec<_> = stacks.iter().map(StackSummary::raw).collect();
        check_keys(rows.iter(), &sort)?;
        sort_rows(&mut rows, &sort, Nulls::First, |stack, key| stack.get(key));
        Ok(Answer::List(List {
            columns: self.columns(&rows),
            old_columns: self.old_columns(&rows),
            old_order: (self.only_old.sort_keys.is_empty()).then_some("creation_time"),
            rows,
            layouts: Vec::new(),
        }))
    }
}

fn have_projects(rows: &[Map<String, Value>]) -> bool {
    rows.iter().any(|stack| stack.contains_key("project"))
}

impl Args {
    fn columns(&self, rows: &[Map<String, Value>]) -> Vec<&'static str> {
        let mut columns = vec!["ID", "Stack Name"];
        if have_projects(rows) {
            columns.push("Project");
        }
        if self.long {
            columns.push("Stack Owner");
        }
        columns.push("Stack Status");
        if !self.short {
            columns.extend(["Creation Time", "Updated Time"]);
        }
        if self.nested {
            columns.push("Parent");
        }
        if self.deleted {
            columns.push("Deletion Time");
        }
        columns
    }

    fn old_columns(&self, rows: &[Map<String, Value>]) -> Vec<&'static str> {
        let mut columns = vec![
            "id",
            "stack_name",
            "stack_status",
            "creation_time",
            "updated_time",
        ];
        if self.nested {
            columns.push("parent");
        }
        if self.long {
            columns.push("stack_owner");
        }
        if self.deleted {
            columns.push("deletion_time");
        }
        if have_projects(rows) {
            columns.push("project");
        }
        columns
    }

    async fn fetch(
        &self,
        context: &Context,
        sort: &[(String, SortDir)],
    ) -> Result<Vec<StackSummary>, Failure> {
        let mut list = context.heat.stacks().list();
        for (key, value) in &conditions(&self.properties) {
            list = list.filter(key, value);
        }
        list = self.page(self.tagged(list).sort_keys(&self.only_old.sort_keys));
        if let Some(direction) = self.only_old.sort_dir {
            list = list.sort_dir(direction);
        }
        if let Some(typed) = self.project.as_ref().filter(|typed| !typed.is_empty()) {
            let domain = self.project_domain.as_deref();
            let domain = domain.filter(|domain| !domain.is_empty());
            list = list.tenant(project::id(context, typed, domain).await?);
        }
        list = list
            .show_deleted(self.deleted)
            .show_nested(self.nested)
            .show_hidden(self.hidden)
            .global_tenant(self.all_projects);
        // Heat sorts before it applies the limit, but only by its own keys and in one direction.
        if let Some((_, direction)) = sort.first() {
            let known = |(key, dir): &(String, SortDir)| {
                SERVER_KEYS.contains(&key.as_str()) && dir == direction
            };
            if sort.iter().all(known) {
                list = list
                    .sort_keys(sort.iter().map(|(key, _)| key))
                    .sort_dir(*direction);
            }
        }
        Ok(list.await?)
    }

    fn tagged(&self, list: StackList) -> StackList {
        let split = |tags: &Option<String>| -> Vec<String> {
            let tags = tags.as_deref().unwrap_or_default().split(',');
            tags.filter(|tag| !tag.is_empty())
                .map(str::to_owned)
                .collect()
        };
        // No tags are no filter, as in the Python tools.
        let any = |list: StackList, tags: Vec<String>| match tags.is_empty() {
            true => list,
            false => list.tags_any(tags),
        };
        let tags = split(&self.tags);
        let list = match self.tag_mode {
            None => list.tags(tags),
            Some(TagMode::Any) => any(list, tags),
            Some(TagMode::Not) => list.not_tags(tags),
            Some(TagMode::NotAny) => list.not_tags_any(tags),
        };
        any(list, split(&self.only_old.tags_any))
            .not_tags(split(&self.only_old.not_tags))
            .not_tags_any(split(&self.only_old.not_tags_any))
    }

    /// Applies limit and marker. 0 and an empty text mean none, as in the Python tools.
    fn page(&self, mut list: StackList) -> StackList {
        if let Some(limit) = self.limit.filter(|limit| *limit > 0) {
            list = list.limit(limit);
        }
        match self.marker.as_ref().filter(|marker| !marker.is_empty()) {
            Some(marker) => list.marker(marker),
            None => list,
        }
    }
}
