//! Tables for people: columns as wide as what stands in them, counted as a terminal counts.

use std::io;

use unicode_width::UnicodeWidthStr as _;

use super::fit::broken_into_lines;
use super::{Output, Style, clean};

/// One field of a table.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    text: String,
    style: Style,
    right: bool,
    whole: bool,
}

impl Cell {
    /// A field with a text, made harmless for a terminal.
    #[must_use]
    pub fn new(text: impl AsRef<str>) -> Self {
        Self { text: clean(text.as_ref()), ..Self::default() }
    }

    /// Sets the emphasis.
    #[must_use]
    pub fn style(mut self, style: Style) -> Self {
        self.style = style;
        self
    }

    /// Whether it is a bar, which says nothing in pieces.
    fn is_drawn(&self) -> bool {
        !self.text.is_empty() && self.text.chars().all(|c| matches!(c, '\u{2588}'..='\u{2591}'))
    }

    /// Keeps it on one line, as a time or a day is.
    #[must_use]
    pub fn whole(mut self) -> Self {
        self.whole = true;
        self
    }

    /// Aligns it to the right, as numbers are.
    #[must_use]
    pub fn right(mut self) -> Self {
        self.right = true;
        self
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}

/// Rows of cells, printed in columns.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Vec<Cell>>,
    has_head: bool,
    indent: usize,
}

impl Table {
    /// An empty table whose rows begin after some spaces.
    #[must_use]
    pub fn indented(indent: usize) -> Self {
        Self { indent, ..Self::default() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Adds a row of headings.
    pub fn head<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) {
        self.has_head = self.rows.is_empty();
        self.row(names.into_iter().map(|name| Cell::new(name).style(Style::Faint)));
    }

    /// Writes it. The last column is not padded, and nothing ends in spaces. What is wider than the output has
    /// columns goes without bars, is broken within its columns or, where that leaves no room to read, is written
    /// one field a line.
    pub fn write(&self, output: &mut Output) -> io::Result<()> {
        let room = output.columns.map_or(usize::MAX, |columns| columns.saturating_sub(self.indent).max(1));
        if let Some(widths) = self.widths(room) {
            return self.write_rows(output, &widths);
        }
        // A bar repeats what the number beside it says.
        let bare = self.without_bars();
        match bare.widths(room) {
            Some(widths) => bare.write_rows(output, &widths),
            None => bare.write_fields(output, room),
        }
    }

    fn without_bars(&self) -> Self {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let is_bar = |column: usize| self.rows.iter().any(|row| row.get(column).is_some_and(Cell::is_drawn));
        let kept: Vec<bool> = (0..columns).map(|column| !is_bar(column)).collect();
        let rows = self.rows.iter().map(|row| {
            row.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(cell, _)| cell.clone()).collect()
        });
        Self { rows: rows.collect(), ..*self }
    }

    /// The widths of the columns in so much room; `None` where it is too little for a table.
    fn widths(&self, room: usize) -> Option<Vec<usize>> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let cells = |column: usize| self.rows.iter().filter_map(move |row| row.get(column));
        let mut widths: Vec<usize> = (0..columns)
            .map(|column| cells(column).map(|cell| cell.text.width()).max().unwrap_or(0))
            .collect();
        let gaps = GAP.len() * columns.saturating_sub(1);
        // Numbers, times and bars are not broken, and no column becomes narrower than a short word.
        let can_break =
            |column: usize| cells(column).all(|cell| !cell.right && !cell.whole && !cell.is_drawn());
        let least: Vec<usize> = (0..columns)
            .map(|column| if can_break(column) { widths[column].min(NARROWEST) } else { widths[column] })
            .collect();
        let mut over = (widths.iter().sum::<usize>() + gaps).saturating_sub(room);
        while over > 0 {
            let widest = (0..columns).filter(|column| widths[*column] > least[*column]);
            let widest = widest.max_by_key(|column| (widths[*column], *column))?;
            widths[widest] -= 1;
            over -= 1;
        }
        Some(widths)
    }

    fn write_rows(&self, output: &mut Output, widths: &[usize]) -> io::Result<()> {
        for row in &self.rows {
            let broken: Vec<Vec<String>> =
                row.iter().zip(widths).map(|(cell, width)| broken_into_lines(&cell.text, *width)).collect();
            let lines = broken.iter().map(Vec::len).max().unwrap_or(0);
            for number in 0..lines.max(1) {
                let text = |column: usize| {
                    broken.get(column).and_then(|lines| lines.get(number)).map_or("", String::as_str)
                };
                let mut line = " ".repeat(self.indent);
                let last = (0..row.len()).rev().find(|column| !text(*column).is_empty());
                for (column, cell) in row.iter().enumerate().take(last.map_or(0, |last| last + 1)) {
                    let space = " ".repeat(widths[column].saturating_sub(text(column).width()));
                    let painted = output.paint(cell.style, text(column));
                    if cell.right {
                        line.push_str(&space);
                        line.push_str(&painted);
                    } else {
                        line.push_str(&painted);
                        if Some(column) != last {
                            line.push_str(&space);
                        }
                    }
                    if Some(column) != last {
                        line.push_str(GAP);
                    }
                }
                output.line(line.trim_end())?;
            }
        }
        Ok(())
    }

    /// One field a line behind its heading, an empty line between two rows.
    fn write_fields(&self, output: &mut Output, room: usize) -> io::Result<()> {
        let (heads, rows) = match self.rows.split_first() {
            Some((heads, rows)) if self.has_head => (heads.as_slice(), rows),
            _ => (&[][..], self.rows.as_slice()),
        };
        for (number, row) in rows.iter().enumerate() {
            if number > 0 && !heads.is_empty() {
                output.line("")?;
            }
            for (column, cell) in row.iter().enumerate().filter(|(_, cell)| !cell.text.is_empty()) {
                let head = heads.get(column).map(|head| head.text.as_str()).filter(|head| !head.is_empty());
                let text = head.map_or_else(|| cell.text.clone(), |head| output.words.said(head, &cell.text));
                // What follows the first field of a row without headings belongs to it.
                let inner = if heads.is_empty() && column > 0 { GAP } else { "" };
                for line in broken_into_lines(&text, room.saturating_sub(inner.len()).max(1)) {
                    let line = output.paint(cell.style, &line);
                    output.line(format!("{}{inner}{line}", " ".repeat(self.indent)))?;
                }
            }
        }
        Ok(())
    }
}

/// Between two columns.
const GAP: &str = "  ";
/// No column that can be broken becomes narrower.
const NARROWEST: usize = 12;

/// A meter drawn with characters, `width` wide. Eighths of a block show where it stands between two.
#[must_use]
pub fn bar(percent: f64, width: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let full = width * 8;
    let filled = (percent.clamp(0.0, 100.0) / 100.0 * full as f64).round() as usize;
    let mut text = "█".repeat(filled / 8);
    text.push_str(EIGHTHS[filled % 8]);
    let drawn = filled / 8 + usize::from(!filled.is_multiple_of(8));
    text.push_str(&"░".repeat(width.saturating_sub(drawn)));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_keep_their_width_and_grow() {
        let mut before = 0;
        for tenth in 0..=1200 {
            let percent = f64::from(tenth) / 10.0;
            let drawn = bar(percent, 20);
            assert_eq!(drawn.width(), 20, "{percent}: {drawn}");
            let ink: usize = drawn
                .chars()
                .map(|c| match c {
                    '█' => 8,
                    '░' => 0,
                    c => 8 - (c as usize - '█' as usize),
                })
                .sum();
            assert!(ink >= before, "{percent}");
            before = ink;
        }
        assert_eq!(bar(0.0, 4), "░░░░");
        assert_eq!(bar(100.0, 4), "████");
        assert_eq!(bar(f64::NAN, 4), "░░░░");
    }
}
