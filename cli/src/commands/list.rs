//! Lists of stacks.

use std::borrow::Cow;
use std::cmp::Ordering;

use heatclient::heat::{SortDir, StackList, StackSummary};
use serde_json::{Map, Value};

use super::{Context, cells, project};
use crate::args::{ListArgs, TagMode};
use crate::exit::Failure;
use crate::output::ListTable;
use crate::printer::Printer;
use crate::resolve;

/// What Heat itself can sort stacks by.
const SERVER_KEYS: [&str; 4] = [
    "stack_name",
    "stack_status",
    "creation_time",
    "updated_time",
];

/// `stack list`.
pub(super) async fn list(context: &Context, args: ListArgs) -> Result<(), Failure> {
    let printer = Printer::new(args.format.options())?;
    let sort = sort_keys(&args.sort)?;
    let mut stacks = rows(wanted(context, &args, &sort).await?);
    sort_rows(&mut stacks, &sort, |stack| stack);
    let mut columns = vec!["ID", "Stack Name"];
    if stacks.iter().any(|stack| stack.contains_key("project")) {
        columns.push("Project");
    }
    if args.long {
        columns.push("Stack Owner");
    }
    columns.push("Stack Status");
    if !args.short {
        columns.extend(["Creation Time", "Updated Time"]);
    }
    if args.nested {
        columns.push("Parent");
    }
    if args.deleted {
        columns.push("Deletion Time");
    }
    printer.list(&table(&columns, stacks.iter()))
}

async fn wanted(
    context: &Context,
    args: &ListArgs,
    sort: &[(String, SortDir)],
) -> Result<Vec<StackSummary>, Failure> {
    let mut list = context.heat.stacks().list();
    for (key, value) in &resolve::conditions(&args.properties) {
        list = list.filter(key, value);
    }
    if let Some(tags) = &args.tags {
        let tags = tags.split(',').filter(|tag| !tag.is_empty());
        list = match args.tag_mode {
            None => list.tags(tags),
            Some(TagMode::Any) => list.tags_any(tags),
            Some(TagMode::Not) => list.not_tags(tags),
            Some(TagMode::NotAny) => list.not_tags_any(tags),
        };
    }
    list = page(list, args.limit, args.marker.as_deref());
    if let Some(typed) = args.project.as_ref().filter(|typed| !typed.is_empty()) {
        let domain = args.project_domain.as_deref();
        let domain = domain.filter(|domain| !domain.is_empty());
        list = list.tenant(project::id(context, typed, domain).await?);
    }
    for (asked, with) in [
        (
            args.deleted,
            StackList::show_deleted as fn(StackList) -> StackList,
        ),
        (args.nested, StackList::show_nested),
        (args.hidden, StackList::show_hidden),
        (args.all_projects, StackList::global_tenant),
    ] {
        if asked {
            list = with(list);
        }
    }
    // Heat sorts before it cuts at the limit, but by its own keys and in one direction only.
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

/// The stacks by their keys.
pub(super) fn rows(stacks: Vec<StackSummary>) -> Vec<Map<String, Value>> {
    stacks.into_iter().map(|stack| stack.raw()).collect()
}

/// Cuts a piece out of a list. 0 and an empty text mean no limit and no marker, as in the Python tools.
pub(super) fn page(mut list: StackList, limit: Option<usize>, marker: Option<&str>) -> StackList {
    if let Some(limit) = limit.filter(|limit| *limit > 0) {
        list = list.limit(limit);
    }
    match marker.filter(|marker| !marker.is_empty()) {
        Some(marker) => list.marker(marker),
        None => list,
    }
}

/// Rows of the values that the columns are named after.
pub(super) fn table<'a>(
    columns: &[&'static str],
    rows: impl Iterator<Item = &'a Map<String, Value>>,
) -> ListTable {
    let keys: Vec<_> = columns
        .iter()
        .map(|c| c.to_lowercase().replace(' ', "_"))
        .collect();
    ListTable {
        columns: columns.iter().copied().map(Cow::Borrowed).collect(),
        rows: rows
            .map(|raw| keys.iter().map(|key| cells::plain(raw, key)).collect())
            .collect(),
    }
}

/// Reads `key[:direction]`, where the key may be written as the column is named.
pub(super) fn sort_keys(specs: &[String]) -> Result<Vec<(String, SortDir)>, Failure> {
    let key = |spec: &String| {
        let (key, direction) = spec.split_once(':').unwrap_or((spec, "asc"));
        let direction = match direction.to_ascii_lowercase().as_str() {
            "asc" => SortDir::Asc,
            "desc" => SortDir::Desc,
            _ => {
                return Err(Failure::Usage(format!(
                    "cannot sort in direction {direction:?}; expected asc or desc"
                )));
            }
        };
        Ok((key.trim().to_lowercase().replace(' ', "_"), direction))
    };
    specs.iter().map(key).collect()
}

/// Sorts by the keys, the weightiest first; what has no value comes first.
pub(super) fn sort_rows<T>(
    rows: &mut [T],
    keys: &[(String, SortDir)],
    raw: fn(&T) -> &Map<String, Value>,
) {
    rows.sort_by(|a, b| {
        let compare = |(key, direction): &(String, SortDir)| {
            let order = compare(raw(a).get(key), raw(b).get(key));
            match direction {
                SortDir::Asc => order,
                SortDir::Desc => order.reverse(),
            }
        };
        keys.iter()
            .map(compare)
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    });
}

fn compare(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    let some = |value: Option<&Value>| value.filter(|v| !v.is_null()).map(Value::to_string);
    match (a.and_then(Value::as_f64), b.and_then(Value::as_f64)) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => some(a).cmp(&some(b)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_are_sorted_by_all_keys_and_nulls_do_no_harm() {
        let row = |name: &str, time: Value| {
            let row = json!({"stack_name": name, "updated_time": time});
            row.as_object().cloned().unwrap()
        };
        let rows = [
            row("b", json!("2026-01-02")),
            row("a", Value::Null),
            row("c", json!("2026-01-01")),
            row("d", Value::Null),
        ];
        for (sort, expected) in [
            (&["updated_time"][..], "adcb"),
            (&["Updated Time:desc", "stack_name:DESC"], "bcda"),
            (&["stack_name"], "abcd"),
            (&["nothing"], "bacd"),
            (&[], "bacd"),
        ] {
            let specs: Vec<_> = sort.iter().map(|s| (*s).to_owned()).collect();
            let mut sorted = rows.to_vec();
            sort_rows(&mut sorted, &sort_keys(&specs).unwrap(), |row| row);
            let names: String = sorted
                .iter()
                .map(|row| row["stack_name"].as_str().unwrap())
                .collect();
            assert_eq!(names, expected, "{sort:?}");
        }
        assert_eq!(
            sort_keys(&["a:up".to_owned()]).unwrap_err().to_string(),
            "cannot sort in direction \"up\"; expected asc or desc"
        );
    }
}
