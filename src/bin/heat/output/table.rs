//! Tables with the look of Python's PrettyTable, narrowed to a width as cliff narrows them.

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentLineStyle, LineStyle, Table, TableStyle, Width,
};

use super::{Cell, OutputOptions};

const BORDER: LineStyle = LineStyle::new('+', '-', '+', '+');
const LINE: ContentLineStyle = ContentLineStyle::new('|', '|', '|');
const STYLE: TableStyle = TableStyle::new()
    .top_border(BORDER)
    .header_lines(LINE)
    .header_separator(BORDER)
    .content_lines(LINE)
    .bottom_border(BORDER);

/// A space on either side of a column's content.
const PADDING: usize = 2;
/// The crate that draws counts widths in 16 bits; longer lines are wrapped.
const WIDEST: usize = 60_000;
/// Columns are not narrowed beyond this; the table then overflows.
const MIN_LIST_COLUMN: usize = 8;
const MIN_RECORD_COLUMN: usize = 16;

pub(super) fn list(names: &[&str], rows: &[Vec<&Cell>], options: &OutputOptions) -> String {
    if rows.is_empty() {
        return if options.print_empty {
            empty(names)
        } else {
            "\n".to_owned()
        };
    }
    let mut table = start(names);
    let headers = table.column_max_content_widths();
    for row in rows {
        table.add_row(row.iter().map(|cell| laid_out(&cell.human_text())));
    }
    let first = rows.first().map(Vec::as_slice).unwrap_or_default();
    for (column, cell) in table.column_iter_mut().zip(first) {
        if cell.is_number() {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    finish(table, &headers, options, MIN_LIST_COLUMN)
}

pub(super) fn record(fields: &[(&str, &Cell)], options: &OutputOptions) -> String {
    if fields.is_empty() {
        return "\n".to_owned();
    }
    let mut table = start(&options.labels);
    let headers = table.column_max_content_widths();
    for (name, cell) in fields {
        table.add_row([laid_out(name), laid_out(&cell.human_text())]);
    }
    finish(table, &headers, options, MIN_RECORD_COLUMN)
}

fn start(names: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_header(names.iter().map(|name| laid_out(name)));
    table
}

/// The header alone.
fn empty(names: &[&str]) -> String {
    let text = start(names).to_string();
    let border = text.lines().next().unwrap_or_default();
    let header = text.lines().take(3).map(|line| format!("{line}\n"));
    header.chain([format!("{border}\n")]).collect()
}

fn finish(mut table: Table, headers: &[u16], options: &OutputOptions, min: usize) -> String {
    let total = options.table_width().unwrap_or(WIDEST);
    narrow(&mut table, headers, total, min);
    format!("{table}\n")
}

/// Gives the columns that are wider than their share an equal part of what the others leave.
fn narrow(table: &mut Table, headers: &[u16], total: usize, min: usize) {
    let widths: Vec<usize> = table
        .column_max_content_widths()
        .into_iter()
        .map(usize::from)
        .collect();
    let frame = 1 + (PADDING + 1) * widths.len();
    if widths.iter().sum::<usize>() + frame <= total {
        return;
    }
    let usable = total.saturating_sub(frame);
    let share = usable.checked_div(widths.len()).unwrap_or_default();
    let small: usize = widths.iter().filter(|width| **width <= share).sum();
    let mut shrinking = widths.iter().filter(|width| **width > share).count();
    let mut left = usable.saturating_sub(small);
    let part = left.checked_div(shrinking).unwrap_or_default();
    for ((column, width), header) in table.column_iter_mut().zip(widths).zip(headers) {
        if width <= share {
            continue;
        }
        shrinking -= 1;
        let room = if shrinking == 0 { left } else { part };
        left = left.saturating_sub(part);
        // Headers are not wrapped.
        let room = room.max(min).max(usize::from(*header));
        if room < width {
            let fixed = u16::try_from(room + PADDING).unwrap_or(u16::MAX);
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(fixed)));
        }
    }
}

/// One kind of line break, and no tabs: both would break the frame.
fn laid_out(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', " ");
    if !text.contains('\t') {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut column = 0;
    for c in text.chars() {
        match c {
            '\t' => {
                let spaces = 8 - column % 8;
                out.extend(std::iter::repeat_n(' ', spaces));
                column += spaces;
            }
            '\n' => {
                out.push(c);
                column = 0;
            }
            c => {
                out.push(c);
                column += 1;
            }
        }
    }
    out
}
