//! Tables as Python's PrettyTable draws them, fitted to a width as cliff does.

use super::wrap::{Measure, columns, wrap};
use super::{Cell, OutputOptions, State, visible};

/// The minimum widths of narrowed columns. If they do not fit, the table is wider than the terminal.
const MIN_LIST_COLUMN: usize = 8;
const MIN_RECORD_COLUMN: usize = 16;

pub(super) fn list(names: &[&str], rows: &[Vec<&Cell>], options: &OutputOptions) -> String {
    if rows.is_empty() && !options.print_empty {
        return "\n".to_owned();
    }
    // The first row decides about the alignment.
    let first = rows.first().into_iter().flatten();
    let mut right: Vec<bool> = first.map(|cell| cell.is_number()).collect();
    right.resize(names.len(), false);
    let cells = |row: &Vec<&Cell>| {
        row.iter()
            .map(|cell| laid_out(&cell.human_text()))
            .collect()
    };
    let rows = rows.iter().map(cells).collect();
    Grid::new(names, rows, right).draw(options, MIN_LIST_COLUMN)
}

pub(super) fn record(fields: &[(&str, &Cell)], options: &OutputOptions) -> String {
    if fields.is_empty() {
        return "\n".to_owned();
    }
    let cells = |(name, cell): &(&str, &Cell)| vec![laid_out(name), laid_out(&cell.human_text())];
    let rows = fields.iter().map(cells).collect();
    Grid::new(&options.labels, rows, vec![false; 2]).draw(options, MIN_RECORD_COLUMN)
}

/// A cell: its lines, and the state that it names.
struct Content {
    lines: Vec<String>,
    state: Option<State>,
}

impl Content {
    fn new(text: &str) -> Self {
        Self {
            lines: text.split('\n').map(str::to_owned).collect(),
            state: State::of(text),
        }
    }

    fn width(&self) -> usize {
        let widths = self.lines.iter().map(|line| columns(line));
        widths.max().unwrap_or_default()
    }

    /// Wraps the lines that are too long.
    fn narrow(&mut self, width: usize) {
        let mut narrowed = Vec::with_capacity(self.lines.len());
        for line in std::mem::take(&mut self.lines) {
            if columns(&line) <= width {
                narrowed.push(line);
                continue;
            }
            let lines = wrap(&line, width, Measure::Columns);
            if lines.is_empty() {
                narrowed.push(String::new());
            }
            narrowed.extend(lines);
        }
        self.lines = narrowed;
    }
}

struct Column {
    width: usize,
    right: bool,
}

/// The contents of a table.
struct Grid {
    names: Vec<Content>,
    rows: Vec<Vec<Content>>,
    right: Vec<bool>,
}

impl Grid {
    fn new(names: &[&str], rows: Vec<Vec<String>>, right: Vec<bool>) -> Self {
        let contents = |row: Vec<String>| row.iter().map(|text| Content::new(text)).collect();
        Self {
            names: contents(names.iter().map(|name| laid_out(name)).collect()),
            rows: rows.into_iter().map(contents).collect(),
            right,
        }
    }

    fn draw(mut self, options: &OutputOptions, min: usize) -> String {
        let headers: Vec<usize> = self.names.iter().map(Content::width).collect();
        let mut widths = headers.clone();
        for row in &self.rows {
            for (width, content) in widths.iter_mut().zip(row) {
                *width = (*width).max(content.width());
            }
        }
        if let Some(total) = options.table_width() {
            narrow(&mut widths, &headers, total, min);
        }
        for row in &mut self.rows {
            for (content, width) in row.iter_mut().zip(&widths) {
                content.narrow(*width);
            }
        }
        let columns: Vec<Column> = widths
            .into_iter()
            .zip(self.right)
            .map(|(width, right)| Column { width, right })
            .collect();
        let border: String = columns
            .iter()
            .map(|column| format!("+{}", "-".repeat(column.width + 2)))
            .chain(["+\n".to_owned()])
            .collect();
        let mut out = border.clone();
        draw_row(&mut out, &self.names, &columns, false);
        out.push_str(&border);
        for row in &self.rows {
            draw_row(&mut out, row, &columns, options.colour);
        }
        out.push_str(&border);
        out
    }
}

fn draw_row(out: &mut String, row: &[Content], columns: &[Column], colour: bool) {
    let heights = row.iter().map(|content| content.lines.len());
    for place in 0..heights.max().unwrap_or_default() {
        for (content, column) in row.iter().zip(columns) {
            out.push_str("| ");
            let line = content.lines.get(place).map_or("", String::as_str);
            let state = content.state.filter(|_| colour);
            draw_line(out, line, column, state);
            out.push(' ');
        }
        out.push_str("|\n");
    }
}

fn draw_line(out: &mut String, line: &str, column: &Column, state: Option<State>) {
    let blanks = column.width.saturating_sub(columns(line));
    let blanks = std::iter::repeat_n(' ', blanks);
    if column.right {
        out.extend(blanks.clone());
    }
    match state {
        Some(state) => out.push_str(&state.paint(line)),
        None => out.push_str(line),
    }
    if !column.right {
        out.extend(blanks);
    }
}

/// Narrows the columns of a table that is wider than `total`. Columns wider than an equal share divide the space that
/// the others leave; they are not narrower than `min` and their headers.
fn narrow(widths: &mut [usize], headers: &[usize], total: usize, min: usize) {
    let frame = 1 + 3 * widths.len();
    if widths.iter().sum::<usize>() + frame <= total {
        return;
    }
    let usable = total.saturating_sub(frame);
    let share = usable.checked_div(widths.len()).unwrap_or_default();
    let small: usize = widths.iter().filter(|width| **width <= share).sum();
    let mut wide = widths.iter().filter(|width| **width > share).count();
    let mut left = usable.saturating_sub(small);
    let part = left.checked_div(wide).unwrap_or_default();
    for (width, header) in widths.iter_mut().zip(headers) {
        if *width <= share {
            continue;
        }
        wide -= 1;
        let room = if wide == 0 { left } else { part };
        left = left.saturating_sub(part);
        *width = (*width).min(room.max(min)).max(*header);
    }
}

/// Normalizes line breaks, expands tabs and escapes control characters: all of these would break the frame.
fn laid_out(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', " ");
    expand_tabs(&visible(&text)).into_owned()
}

/// Replaces each tab by spaces up to the next multiple of 8 characters.
pub(crate) fn expand_tabs(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains('\t') {
        return text.into();
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
    out.into()
}
