//! Tables in the style of Python's PrettyTable, fitted to a width as cliff does.

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentLineStyle, LineStyle, Table, TableStyle, Width,
};

use super::{Cell, OutputOptions, visible};

const BORDER: LineStyle = LineStyle::new('+', '-', '+', '+');
const LINE: ContentLineStyle = ContentLineStyle::new('|', '|', '|');
const STYLE: TableStyle = TableStyle::new()
    .top_border(BORDER)
    .header_lines(LINE)
    .header_separator(BORDER)
    .content_lines(LINE)
    .bottom_border(BORDER);

/// A space on each side of a cell.
const PADDING: usize = 2;
/// `comfy_table` stores widths in 16 bits. Longer lines are wrapped.
const WIDEST: usize = 60_000;
/// The minimum widths of narrowed columns. If they do not fit, the table is wider than the terminal.
const MIN_LIST_COLUMN: usize = 8;
const MIN_RECORD_COLUMN: usize = 16;
/// Replaces a space at the start of a line, which wrapping would drop.
const KEPT_SPACE: char = '\u{E000}';
/// A word of more lines than this is split before wrapping: the time of wrapping is quadratic in the length of a word.
const LONGEST_WORD: usize = 32;

pub(super) fn list(names: &[&str], rows: &[Vec<&Cell>], options: &OutputOptions) -> String {
    match rows {
        [] if options.print_empty => empty(names),
        [] => "\n".to_owned(),
        [first, ..] => {
            let right = first.iter().map(|cell| cell.is_number()).collect();
            let cells = |row: &Vec<&Cell>| {
                row.iter()
                    .map(|cell| laid_out(&cell.human_text()))
                    .collect()
            };
            let rows = rows.iter().map(cells).collect();
            Grid { names, rows, right }.draw(options, MIN_LIST_COLUMN)
        }
    }
}

pub(super) fn record(fields: &[(&str, &Cell)], options: &OutputOptions) -> String {
    if fields.is_empty() {
        return "\n".to_owned();
    }
    let cells = |(name, cell): &(&str, &Cell)| vec![laid_out(name), laid_out(&cell.human_text())];
    let rows = fields.iter().map(cells).collect();
    Grid {
        names: &options.labels,
        rows,
        right: vec![false; 2],
    }
    .draw(options, MIN_RECORD_COLUMN)
}

/// The header alone.
fn empty(names: &[&str]) -> String {
    let text = headed(names).to_string();
    let border = text.lines().next().unwrap_or_default();
    let header = text.lines().take(3).map(|line| format!("{line}\n"));
    header.chain([format!("{border}\n")]).collect()
}

fn headed(names: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_header(names.iter().map(|name| laid_out(name)));
    table
}

/// The texts of a table, and for each column whether it is aligned to the right.
struct Grid<'a> {
    names: &'a [&'a str],
    rows: Vec<Vec<String>>,
    right: Vec<bool>,
}

impl Grid<'_> {
    fn draw(mut self, options: &OutputOptions, min: usize) -> String {
        let mut table = self.table();
        let total = options.table_width().unwrap_or(WIDEST);
        let headers = headed(self.names).column_max_content_widths();
        let rooms = rooms(&table.column_max_content_widths(), &headers, total, min);
        if rooms.iter().any(Option::is_some) {
            for row in &mut self.rows {
                for (text, room) in row.iter_mut().zip(&rooms) {
                    if let Some(room) = room {
                        *text = foldable(text, room * LONGEST_WORD);
                    }
                }
            }
            table = self.table();
            for (column, room) in table.column_iter_mut().zip(rooms) {
                if let Some(fixed) = room.and_then(|room| u16::try_from(room + PADDING).ok()) {
                    column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(fixed)));
                }
            }
        }
        format!("{table}\n").replace(KEPT_SPACE, " ")
    }

    fn table(&self) -> Table {
        let mut table = headed(self.names);
        table.add_rows(&self.rows);
        for (column, right) in table.column_iter_mut().zip(&self.right) {
            if *right {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }
}

/// The new widths of the columns to narrow. Columns wider than an equal share divide the space that the others leave.
fn rooms(widths: &[u16], headers: &[u16], total: usize, min: usize) -> Vec<Option<usize>> {
    let widths: Vec<usize> = widths.iter().copied().map(usize::from).collect();
    let frame = 1 + (PADDING + 1) * widths.len();
    if widths.iter().sum::<usize>() + frame <= total {
        return vec![None; widths.len()];
    }
    let usable = total.saturating_sub(frame);
    let share = usable.checked_div(widths.len()).unwrap_or_default();
    let small: usize = widths.iter().filter(|width| **width <= share).sum();
    let mut shrinking = widths.iter().filter(|width| **width > share).count();
    let mut left = usable.saturating_sub(small);
    let part = left.checked_div(shrinking).unwrap_or_default();
    let room = |(width, header): (usize, &u16)| {
        if width <= share {
            return None;
        }
        shrinking -= 1;
        let room = if shrinking == 0 { left } else { part };
        left = left.saturating_sub(part);
        // Headers are not wrapped.
        let room = room.max(min).max(usize::from(*header));
        (room < width).then_some(room)
    };
    widths.into_iter().zip(headers).map(room).collect()
}

/// Prepares a text for wrapping: keeps indentation, and splits words after `longest` characters.
fn foldable(text: &str, longest: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = 0;
    let mut indentation = true;
    for c in text.chars() {
        indentation = c == '\n' || (indentation && c == ' ');
        if matches!(c, ' ' | '\n') {
            run = 0;
        } else if run == longest {
            out.push('\n');
            run = 1;
        } else {
            run += 1;
        }
        out.push(if indentation && c == ' ' {
            KEPT_SPACE
        } else {
            c
        });
    }
    out
}

/// Normalizes line breaks, expands tabs and escapes control characters: all of these would break the frame.
fn laid_out(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', " ");
    let text = visible(&text);
    if !text.contains('\t') {
        return text.into_owned();
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
