//! Tables with the look of Python's PrettyTable, narrowed to a width as cliff narrows them.

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

/// A space on either side of a column's content.
const PADDING: usize = 2;
/// The crate that draws counts widths in 16 bits; longer lines are wrapped.
const WIDEST: usize = 60_000;
/// Columns are not narrowed beyond this; the table then overflows.
const MIN_LIST_COLUMN: usize = 8;
const MIN_RECORD_COLUMN: usize = 16;
/// Stands for a blank at the start of a line, which wrapping would drop.
const HELD_BLANK: char = '\u{E000}';
/// A word of more lines than this is cut before it is wrapped, which takes time by the square of its length.
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

/// A table's texts, and for each column whether it stands to the right.
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
        format!("{table}\n").replace(HELD_BLANK, " ")
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

/// The columns to narrow, and to what: those wider than their share get equal parts of what the others leave.
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

/// Prepares a text for wrapping: indentation is kept, and words without an end are cut to `longest` characters.
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
            HELD_BLANK
        } else {
            c
        });
    }
    out
}

/// One kind of line break, no tabs and nothing that moves the cursor: all of these would break the frame.
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
